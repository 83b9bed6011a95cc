package io.flowmeter.verify;

import io.flowmeter.verify.due.DueRun;
import io.flowmeter.verify.due.DueRun.Certainty;
import io.flowmeter.verify.expected.ToldLife;
import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Row;
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
final class Allowance {

  private final String account;
  private final Map<List<Object>, Row> found;
  private final Map<String, Set<Long>> ends = new HashMap<>();
  private final Leeway leeway;
  private final Instant now;
  private final Comparison comparison;

  /**
   * @param found rows of {@code instances} by key
   * @param due all of them
   * @param now nothing was written after it
   * @param comparison is told of what is not plausible
   */
  Allowance(
      String account,
      Map<List<Object>, Row> found,
      List<DueRun> due,
      Leeway leeway,
      Instant now,
      Comparison comparison) {
    this.account = account;
    this.found = found;
    this.leeway = leeway;
    this.now = now;
    this.comparison = comparison;
    for (DueRun run : due) {
      run.sightings().stream()
          .filter(sighting -> sighting.status().isTerminal())
          .forEach(
              sighting ->
                  ends.computeIfAbsent(instance(run), any -> new HashSet<>())
                      .add(sighting.since().toEpochMilli()));
    }
  }

  private static String instance(DueRun run) {
    return run.life().workflow() + '/' + run.life().instanceId();
  }

  /**
   * As it was left out at its first end, where it is found so and may have been: it stands for
   * none, and nobody told of an end before its last. One that lives again stands for none anyway.
   */
  DueRun decided(DueRun run) {
    Row row = found.get(key(run));
    return run.leftOut()
        .filter(any -> row != null && row.number("weight") == 0)
        .filter(left -> row.number("reopened") == left.life().reopened())
        .orElse(run);
  }

  /** The lives to expect. */
  List<ToldLife> lives(List<DueRun> due) {
    List<ToldLife> lives = new ArrayList<>();
    for (DueRun run : due) {
      Optional<Row> row = Optional.ofNullable(found.get(key(run)));
      if (row.isPresent()) {
        ToldLife life =
            run.certainty() == Certainty.EXACT ? told(run, row.get()) : open(run, row.get());
        lives.add(vanished(run, life, row.get()));
      } else if (run.certainty() != Certainty.POSSIBLE) {
        lives.add(run.life());
      }
    }
    return lives;
  }

  /** What was last seen alive, and is no longer there, is to be told as vanished. */
  private ToldLife vanished(DueRun run, ToldLife life, Row row) {
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

  List<Object> key(DueRun run) {
    return key(run.life());
  }

  List<Object> key(ToldLife life) {
    return List.of(account, life.workflow(), life.instanceId(), life.run());
  }

  /** Rows do not always tell what triggered an instance; details do. */
  private static ToldLife told(DueRun run, Row row) {
    ToldLife life = run.life();
    boolean untold =
        life.detail().isEmpty() && row.text("trigger_source").equals(ToldLife.UNKNOWN_TRIGGER);
    return untold
        ? life.with(
            life.status(), life.start(), life.ownEnd(), life.versionId(), ToldLife.UNKNOWN_TRIGGER)
        : life;
  }

  /** Its status, its start and its end can be those of the life that replaced it. */
  private ToldLife open(DueRun run, Row row) {
    ToldLife life = run.life();
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
  long weight(DueRun run) {
    Row row = found.get(key(run));
    return run.drawable() && row != null ? Math.max(1, row.number("weight")) : 1;
  }
}
