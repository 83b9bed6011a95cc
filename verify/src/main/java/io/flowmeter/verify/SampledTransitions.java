package io.flowmeter.verify;

import io.flowmeter.simulator.ledger.StatusInterval;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.verify.expected.ReportedRun;
import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Row;
import io.flowmeter.verify.required.LossWindows;
import io.flowmeter.verify.required.RequiredRun;
import io.flowmeter.verify.required.RequiredRun.Certainty;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Recomputes transitions from what answers showed: queueing, start and the ends that details told
 * are exact; between them each sighting of another status makes a sampled one. Sightings are
 * stamped by the reader's idea of the API's clock: one that is closer than the leeway to an exact
 * moment may count before or after it.
 */
final class SampledTransitions {

  private final TimeTolerance tolerance;
  private final LossWindows losses;
  private final Comparison comparison;

  SampledTransitions(TimeTolerance tolerance, LossWindows losses, Comparison comparison) {
    this.tolerance = tolerance;
    this.losses = losses;
    this.comparison = comparison;
  }

  /**
   * @param due by key
   */
  void check(Map<List<Object>, RequiredRun> due, List<Row> transitions) {
    comparison.compared(Relation.TRANSITIONS, transitions.size());
    Map<List<Object>, List<Row>> byRun = new HashMap<>();
    for (Row row : transitions) {
      byRun.computeIfAbsent(row.key(Relation.INSTANCES), any -> new ArrayList<>()).add(row);
    }
    due.forEach(
        (key, run) -> {
          List<Row> rows = byRun.remove(key);
          if (rows == null) {
            if (run.certainty() != Certainty.POSSIBLE) {
              comparison.missing(Relation.TRANSITIONS, key, "all of the run's");
            }
          } else {
            rows.sort(Comparator.comparing(row -> row.number("seq")));
            problem(run, rows)
                .ifPresent(
                    failure ->
                        comparison.wrong(
                            Relation.TRANSITIONS,
                            key,
                            "%s; served %s, found %s".formatted(failure, served(run), rows)));
          }
        });
    byRun.forEach(
        (key, rows) -> comparison.wrong(Relation.TRANSITIONS, key, "nobody expects " + rows));
  }

  private static String served(RequiredRun run) {
    return run.run().queued()
        + " "
        + run.run().start()
        + " "
        + run.intervals()
        + " ends "
        + run.endsPublished();
  }

  /** What is wrong with the transitions of a run, in the order of {@code seq}; empty if nothing. */
  Optional<String> problem(RequiredRun run, List<Row> rows) {
    Optional<String> chain = Transitions.problem(rows);
    return chain.isPresent() || run.certainty() != Certainty.EXACT
        ? chain
        : exact(run, rows).or(() -> sampled(run, rows)).or(() -> missing(run, rows));
  }

  /**
   * Queueing, start and ends, to the millisecond. An end that only moved, from one status to the
   * same, is no transition.
   */
  private static Optional<String> exact(RequiredRun run, List<Row> rows) {
    ReportedRun reportedRun = run.run();
    List<Long> found =
        rows.stream()
            .filter(row -> row.get("at_is_exact").equals(true))
            .map(row -> row.number("at"))
            .toList();
    List<Long> expected = new ArrayList<>(List.of(reportedRun.queued()));
    reportedRun.start().ifPresent(expected::add);
    String before = "";
    for (long end : ends(run)) {
      String status = statusSince(run, end);
      if (found.contains(end) || !status.equals(before)) {
        expected.add(end);
      }
      before = status;
    }
    boolean last = rows.get(rows.size() - 1).text("to_status").equals(reportedRun.status());
    return found.equals(expected) && last
        ? Optional.empty()
        : Optional.of(
            "expected exact moments %s and at last %s".formatted(expected, reportedRun.status()));
  }

  /** Those that details told; where none did, a row may have. */
  private static List<Long> ends(RequiredRun run) {
    return run.endsPublished().isEmpty() && run.run().ended()
        ? run.run().end().stream().toList()
        : run.endsPublished();
  }

  private static String statusSince(RequiredRun run, long end) {
    return run.intervals().stream()
        .filter(interval -> interval.since().toEpochMilli() == end)
        .map(interval -> interval.status().apiName())
        .findFirst()
        .orElse("");
  }

  /** Every sampled one was seen, in this order. */
  private Optional<String> sampled(RequiredRun run, List<Row> rows) {
    int next = 0;
    for (Row row : rows) {
      if (row.get("at_is_exact").equals(true)) {
        continue;
      }
      while (next < run.intervals().size() && !shows(run.intervals().get(next), row)) {
        next++;
      }
      if (next == run.intervals().size()) {
        return Optional.of("nobody saw " + row.text("to_status") + " at " + row.get("at"));
      }
    }
    return Optional.empty();
  }

  private boolean shows(StatusInterval interval, Row row) {
    return interval.status().apiName().equals(row.text("to_status"))
        && tolerance.covers(interval.first(), interval.last(), row.number("at"));
  }

  /** Every status that was seen, and not too close to an exact moment, is told. */
  private Optional<String> missing(RequiredRun run, List<Row> rows) {
    List<StatusInterval> intervals =
        run.intervals().stream().filter(interval -> !isOvertaken(run, interval)).toList();
    for (int i = 0; i < intervals.size(); i++) {
      StatusInterval interval = intervals.get(i);
      List<StatusInterval> same = sameEnd(intervals.subList(i, intervals.size()));
      boolean published =
          same.stream().anyMatch(each -> rows.stream().anyMatch(row -> shows(each, row)));
      boolean exact =
          rows.stream()
              .filter(row -> row.get("at_is_exact").equals(true))
              .anyMatch(row -> same.stream().anyMatch(each -> isOrIsNear(run, each, row)));
      boolean change = i == 0 || intervals.get(i - 1).status() != interval.status();
      if (!published && !exact && change && !losses.mayHave(interval)) {
        return Optional.of("untold " + interval);
      }
    }
    return Optional.empty();
  }

  /** A live status that was noted after the end that it came to is none; that end only moved. */
  private boolean isOvertaken(RequiredRun run, StatusInterval interval) {
    return !interval.status().isTerminal()
        && run.endsPublished().stream()
            .anyMatch(end -> tolerance.overtakes(interval.last(), Instant.ofEpochMilli(end)));
  }

  /** The first, and as often as it only moved, what follows: one transition tells of all. */
  private static List<StatusInterval> sameEnd(List<StatusInterval> intervals) {
    SimulatedStatus status = intervals.get(0).status();
    return intervals.stream()
        .takeWhile(each -> each.status() == status)
        .limit(status.isTerminal() ? Long.MAX_VALUE : 1)
        .toList();
  }

  private boolean isOrIsNear(RequiredRun run, StatusInterval interval, Row row) {
    // Where no detail told when it was queued, that is when it was created.
    long since =
        interval.status() == SimulatedStatus.QUEUED
            ? run.run().queued()
            : interval.since().toEpochMilli();
    boolean itself =
        row.text("to_status").equals(interval.status().apiName()) && row.number("at") == since;
    return itself || tolerance.covers(interval.first(), interval.last(), row.number("at"));
  }
}
