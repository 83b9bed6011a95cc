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
  private final TimeTolerance leeway;
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
      TimeTolerance leeway,
      Instant now,
      Comparison comparison) {
    this.account = account;
    this.found = found;
    this.leeway = leeway;
    this.now = now;
    this.comparison = comparison;
    for (RequiredRun run : due) {
      run.sightings().stream()
          .filter(sighting -> sighting.status().isTerminal())
          .forEach(
              sighting ->
                  ends.computeIfAbsent(instance(run), any -> new HashSet<>())
                      .add(sighting.since().toEpochMilli()));
    }
  }

  private static String instance(RequiredRun run) {
    return run.life().workflow() + '/' + run.life().instanceId();
  }

  /**
   * As it was left out at its first end, where it is found so and may have been: it stands for
   * none, and nobody told of an end before its last. One that lives again stands for none anyway.
   */
  RequiredRun decided(RequiredRun run) {
    Row row = found.get(key(run));
    return run.leftOut()
        .filter(any -> row != null && row.number("weight") == 0)
        .filter(left -> row.number("reopened") == left.life().reopened())
        .orElse(run);
  }

  /** The lives to expect. */
  List<ReportedRun> lives(List<RequiredRun> due) {
    List<ReportedRun> lives = new ArrayList<>();
    for (RequiredRun run : due) {
      Optional<Row> row = Optional.ofNullable(found.get(key(run)));
      if (row.isPresent()) {
        ReportedRun life =
            run.certainty() == Certainty.EXACT ? told(run, row.get()) : open(run, row.get());
        lives.add(vanished(run, life, row.get()));
      } else if (run.certainty() != Certainty.POSSIBLE) {
        lives.add(run.life());
      }
    }
    return lives;
  }

  /** What was last seen alive, and is no longer there, is to be told as vanished. */
  private ReportedRun vanished(RequiredRun run, ReportedRun life, Row row) {
    if (life.ended() || !life.newest() || !run.isGone(leeway.fleetEnd())) {
      return life;
    }
    long gone = run.gone().orElseThrow().toEpochMilli();
    long from = leeway.from(run.gone().orElseThrow()).toEpochMilli();
    return life.vanishedAt(
        Optional.ofNullable((Long) row.get("ended_at"))
            .filter(at -> at >= from && at <= now.toEpochMilli())
            .orElse(gone));
  }

  List<Object> key(RequiredRun run) {
    return key(run.life());
  }

  List<Object> key(ReportedRun life) {
    return List.of(account, life.workflow(), life.instanceId(), life.run());
  }

  /** Rows do not always tell what triggered an instance; details do. */
  private static ReportedRun told(RequiredRun run, Row row) {
    ReportedRun life = run.life();
    boolean untold =
        life.detail().isEmpty() && row.text("trigger_source").equals(ReportedRun.UNKNOWN_TRIGGER);
    return untold
        ? life.with(
            life.status(),
            life.start(),
            life.ownEnd(),
            life.versionId(),
            ReportedRun.UNKNOWN_TRIGGER)
        : life;
  }

  /** Its status, its start and its end can be those of the life that replaced it. */
  private ReportedRun open(RequiredRun run, Row row) {
    ReportedRun life = run.life();
    Optional<Long> start = Optional.ofNullable((Long) row.get("started_at"));
    if (start.isPresent() && start.get() < life.run()) {
      comparison.wrong(
          Relation.INSTANCES, key(run), "started_at %d before it was there".formatted(start.get()));
    }
    boolean told = life.detail().isPresent();
    Optional<Long> end =
        Optional.ofNullable((Long) row.get("ended_at"))
            .filter(at -> ends.getOrDefault(instance(run), Set.of()).contains(at));
    return life.with(
        row.text("status"),
        start,
        end.or(life::ownEnd),
        told ? life.versionId() : row.text("version_id"),
        told ? life.triggerSource() : row.text("trigger_source"));
  }

  /** Of how many runs a life stands for that was fetched in full. */
  long weight(RequiredRun run) {
    Row row = found.get(key(run));
    return run.drawable() && row != null ? Math.max(1, row.number("weight")) : 1;
  }
}
