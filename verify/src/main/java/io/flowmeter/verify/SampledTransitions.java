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

  private final TimeTolerance leeway;
  private final LossWindows losses;
  private final Comparison comparison;

  SampledTransitions(TimeTolerance leeway, LossWindows losses, Comparison comparison) {
    this.leeway = leeway;
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
            trouble(run, rows)
                .ifPresent(
                    trouble ->
                        comparison.wrong(
                            Relation.TRANSITIONS,
                            key,
                            "%s; served %s, found %s".formatted(trouble, served(run), rows)));
          }
        });
    byRun.forEach(
        (key, rows) -> comparison.wrong(Relation.TRANSITIONS, key, "nobody expects " + rows));
  }

  private static String served(RequiredRun run) {
    return run.life().queued()
        + " "
        + run.life().start()
        + " "
        + run.sightings()
        + " ends "
        + run.endsTold();
  }

  /** What is wrong with the transitions of a run, in the order of {@code seq}; empty if nothing. */
  Optional<String> trouble(RequiredRun run, List<Row> rows) {
    Optional<String> chain = Transitions.trouble(rows);
    return chain.isPresent() || run.certainty() != Certainty.EXACT
        ? chain
        : exact(run, rows).or(() -> sampled(run, rows)).or(() -> untold(run, rows));
  }

  /**
   * Queueing, start and ends, to the millisecond. An end that only moved, from one status to the
   * same, is no transition.
   */
  private static Optional<String> exact(RequiredRun run, List<Row> rows) {
    ReportedRun life = run.life();
    List<Long> found =
        rows.stream()
            .filter(row -> row.get("at_is_exact").equals(true))
            .map(row -> row.number("at"))
            .toList();
    List<Long> expected = new ArrayList<>(List.of(life.queued()));
    life.start().ifPresent(expected::add);
    String before = "";
    for (long end : ends(run)) {
      String status = statusSince(run, end);
      if (found.contains(end) || !status.equals(before)) {
        expected.add(end);
      }
      before = status;
    }
    boolean last = rows.get(rows.size() - 1).text("to_status").equals(life.status());
    return found.equals(expected) && last
        ? Optional.empty()
        : Optional.of(
            "expected exact moments %s and at last %s".formatted(expected, life.status()));
  }

  /** Those that details told; where none did, a row may have. */
  private static List<Long> ends(RequiredRun run) {
    return run.endsTold().isEmpty() && run.life().ended()
        ? run.life().end().stream().toList()
        : run.endsTold();
  }

  private static String statusSince(RequiredRun run, long end) {
    return run.sightings().stream()
        .filter(stretch -> stretch.since().toEpochMilli() == end)
        .map(stretch -> stretch.status().apiName())
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
      while (next < run.sightings().size() && !shows(run.sightings().get(next), row)) {
        next++;
      }
      if (next == run.sightings().size()) {
        return Optional.of("nobody saw " + row.text("to_status") + " at " + row.get("at"));
      }
    }
    return Optional.empty();
  }

  private boolean shows(StatusInterval stretch, Row row) {
    return stretch.status().apiName().equals(row.text("to_status"))
        && leeway.covers(stretch.first(), stretch.last(), row.number("at"));
  }

  /** Every status that was seen, and not too close to an exact moment, is told. */
  private Optional<String> untold(RequiredRun run, List<Row> rows) {
    List<StatusInterval> sightings =
        run.sightings().stream().filter(stretch -> !isOvertaken(run, stretch)).toList();
    for (int i = 0; i < sightings.size(); i++) {
      StatusInterval stretch = sightings.get(i);
      List<StatusInterval> same = sameEnd(sightings.subList(i, sightings.size()));
      boolean told =
          same.stream().anyMatch(each -> rows.stream().anyMatch(row -> shows(each, row)));
      boolean exact =
          rows.stream()
              .filter(row -> row.get("at_is_exact").equals(true))
              .anyMatch(row -> same.stream().anyMatch(each -> isOrIsNear(run, each, row)));
      boolean change = i == 0 || sightings.get(i - 1).status() != stretch.status();
      if (!told && !exact && change && !losses.mayHave(stretch)) {
        return Optional.of("untold " + stretch);
      }
    }
    return Optional.empty();
  }

  /** A live status that was noted after the end that it came to is none; that end only moved. */
  private boolean isOvertaken(RequiredRun run, StatusInterval stretch) {
    return !stretch.status().isTerminal()
        && run.endsTold().stream()
            .anyMatch(end -> leeway.overtakes(stretch.last(), Instant.ofEpochMilli(end)));
  }

  /** The first, and as often as it only moved, what follows: one transition tells of all. */
  private static List<StatusInterval> sameEnd(List<StatusInterval> stretches) {
    SimulatedStatus status = stretches.get(0).status();
    return stretches.stream()
        .takeWhile(each -> each.status() == status)
        .limit(status.isTerminal() ? Long.MAX_VALUE : 1)
        .toList();
  }

  private boolean isOrIsNear(RequiredRun run, StatusInterval stretch, Row row) {
    // Where no detail told when it was queued, that is when it was created.
    long since =
        stretch.status() == SimulatedStatus.QUEUED
            ? run.life().queued()
            : stretch.since().toEpochMilli();
    boolean itself =
        row.text("to_status").equals(stretch.status().apiName()) && row.number("at") == since;
    return itself || leeway.covers(stretch.first(), stretch.last(), row.number("at"));
  }
}
