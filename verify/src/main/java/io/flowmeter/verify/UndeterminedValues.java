package io.flowmeter.verify;

import io.flowmeter.verify.expected.ReportedRun;
import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Row;
import io.flowmeter.verify.required.RequiredRun;
import io.flowmeter.verify.required.RequiredRun.Certainty;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Takes over from what is found what the answers leave open, as far as it is plausible: what rows
 * of a new life told before a detail said that there is one, its end as well, and how many runs a
 * sampled one stands for. When a run was found to be gone is taken over, too.
 */
final class UndeterminedValues {

  private final String account;
  private final Map<List<Object>, Row> found;
  private final Map<String, Set<Long>> ends = new HashMap<>();
  private final TimeTolerance tolerance;
  private final Instant now;
  private final Comparison comparison;

  /**
   * @param found rows of {@code instances} by key
   * @param due all of them
   * @param now nothing was written after it
   * @param comparison is told of what is not plausible
   */
  UndeterminedValues(
      String account,
      Map<List<Object>, Row> found,
      List<RequiredRun> due,
      TimeTolerance tolerance,
      Instant now,
      Comparison comparison) {
    this.account = account;
    this.found = found;
    this.tolerance = tolerance;
    this.now = now;
    this.comparison = comparison;
    for (RequiredRun run : due) {
      run.intervals().stream()
          .filter(interval -> interval.status().isTerminal())
          .forEach(
              interval ->
                  ends.computeIfAbsent(instance(run), any -> new HashSet<>())
                      .add(interval.since().toEpochMilli()));
    }
  }

  private static String instance(RequiredRun run) {
    return run.run().workflow() + '/' + run.run().instanceId();
  }

  /**
   * As it was left out at its first end, where it is found so and may have been: it stands for
   * none, and nobody told of an end before its last. One that lives again stands for none anyway.
   */
  RequiredRun decided(RequiredRun run) {
    Row row = found.get(key(run));
    return run.leftOut()
        .filter(any -> row != null && row.number("weight") == 0)
        .filter(left -> row.number("reopened") == left.run().reopened())
        .orElse(run);
  }

  /** The lives to expect. */
  List<ReportedRun> runs(List<RequiredRun> due) {
    List<ReportedRun> runs = new ArrayList<>();
    for (RequiredRun run : due) {
      Optional<Row> row = Optional.ofNullable(found.get(key(run)));
      if (row.isPresent()) {
        ReportedRun reportedRun =
            run.certainty() == Certainty.EXACT ? reported(run, row.get()) : open(run, row.get());
        runs.add(vanished(run, reportedRun, row.get()));
      } else if (run.certainty() != Certainty.POSSIBLE) {
        runs.add(run.run());
      }
    }
    return runs;
  }

  /** What was last seen alive, and is no longer there, is to be told as vanished. */
  private ReportedRun vanished(RequiredRun run, ReportedRun reportedRun, Row row) {
    if (reportedRun.ended() || !reportedRun.newest() || !run.isDeleted(tolerance.fleetEnd())) {
      return reportedRun;
    }
    long gone = run.gone().orElseThrow().toEpochMilli();
    long from = tolerance.from(run.gone().orElseThrow()).toEpochMilli();
    return reportedRun.vanishedAt(
        Optional.ofNullable((Long) row.get("ended_at"))
            .filter(at -> at >= from && at <= now.toEpochMilli())
            .orElse(gone));
  }

  List<Object> key(RequiredRun run) {
    return key(run.run());
  }

  List<Object> key(ReportedRun reportedRun) {
    return List.of(account, reportedRun.workflow(), reportedRun.instanceId(), reportedRun.run());
  }

  /** Rows do not always tell what triggered an instance; details do. */
  private static ReportedRun reported(RequiredRun run, Row row) {
    ReportedRun reportedRun = run.run();
    boolean unpublished =
        reportedRun.detail().isEmpty()
            && row.text("trigger_source").equals(ReportedRun.UNKNOWN_TRIGGER);
    return unpublished
        ? reportedRun.with(
            reportedRun.status(),
            reportedRun.start(),
            reportedRun.ownEnd(),
            reportedRun.versionId(),
            ReportedRun.UNKNOWN_TRIGGER)
        : reportedRun;
  }

  /** Its status, its start and its end can be those of the life that replaced it. */
  private ReportedRun open(RequiredRun run, Row row) {
    ReportedRun reportedRun = run.run();
    Optional<Long> start = Optional.ofNullable((Long) row.get("started_at"));
    if (start.isPresent() && start.get() < reportedRun.run()) {
      comparison.wrong(
          Relation.INSTANCES, key(run), "started_at %d before it was there".formatted(start.get()));
    }
    boolean published = reportedRun.detail().isPresent();
    Optional<Long> end =
        Optional.ofNullable((Long) row.get("ended_at"))
            .filter(at -> ends.getOrDefault(instance(run), Set.of()).contains(at));
    return reportedRun.with(
        row.text("status"),
        start,
        end.or(reportedRun::ownEnd),
        published ? reportedRun.versionId() : row.text("version_id"),
        published ? reportedRun.triggerSource() : row.text("trigger_source"));
  }

  /** Of how many runs a life stands for that was fetched in full. */
  long weight(RequiredRun run) {
    Row row = found.get(key(run));
    return run.drawable() && row != null ? Math.max(1, row.number("weight")) : 1;
  }
}
