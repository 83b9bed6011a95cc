package io.flowmeter.ingest.observe;

import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.checkpoint.Life;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is remembered of an instance: what was told of its newest life, and when it was last looked
 * at.
 *
 * @param lives the lives that are known
 * @param status as last told
 * @param rowFingerprint of the row last told; 0 where none was
 * @param detailFingerprint of the detail last told; 0 where none was
 * @param since since when it has been seen in the status
 * @param seenAt the last time it was seen in the status
 * @param notBefore the last time it was seen in the status before
 * @param endTold the whole detail of the ended run was told
 * @param endSeenAt when the end was first seen
 * @param stepsTold fingerprints of the steps told of a live run, by index
 * @param missingSince the first time it was not found, unless it was seen again
 * @param vanished it is gone
 * @param lookedAt when its detail was last asked for; forgotten at a restart
 * @param changedAt when something new was last told; after a restart, when it was last seen at
 *     least
 */
public record Memory(
    Lives lives,
    String status,
    long rowFingerprint,
    long detailFingerprint,
    Optional<Instant> since,
    Optional<Instant> seenAt,
    Optional<Instant> notBefore,
    boolean endTold,
    Optional<Instant> endSeenAt,
    List<Long> stepsTold,
    Optional<Instant> missingSince,
    boolean vanished,
    Optional<Instant> lookedAt,
    Optional<Instant> changedAt) {

  /** Of an instance never seen. */
  public static final Memory NONE =
      new Memory(
          Lives.NONE,
          "",
          0,
          0,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          false,
          Optional.empty(),
          List.of(),
          Optional.empty(),
          false,
          Optional.empty(),
          Optional.empty());

  /** Nothing was told of it yet. */
  public boolean isNew() {
    return lives.known().isEmpty();
  }

  public boolean ended() {
    return Status.ended(status);
  }

  /** It may still change by itself. */
  public boolean live() {
    return !isNew() && !ended() && !vanished;
  }

  /** It ended, and the whole detail of its end was not told. */
  public boolean owed() {
    return ended() && !endTold && !vanished;
  }

  /** A time as seen, or later where that were not after what was last told. */
  Instant after(Instant seen) {
    return changedAt.map(last -> last.plusMillis(1)).filter(seen::isBefore).orElse(seen);
  }

  /** The same lives, of which the newest is told nothing of yet. */
  Memory reborn(Lives lives) {
    return new Memory(
        lives,
        "",
        0,
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        Optional.empty(),
        List.of(),
        Optional.empty(),
        false,
        lookedAt,
        changedAt);
  }

  Memory named(Lives lives) {
    return new Memory(
        lives,
        status,
        rowFingerprint,
        detailFingerprint,
        since,
        seenAt,
        notBefore,
        endTold,
        endSeenAt,
        stepsTold,
        missingSince,
        vanished,
        lookedAt,
        changedAt);
  }

  /** Seen in a status between two moments of the source's clock. */
  Memory inStatus(String seen, Instant asked, Instant answered) {
    if (seen.equals(status)) {
      Optional<Instant> latest = seenAt.filter(asked::isBefore).or(() -> Optional.of(asked));
      return new Memory(
          lives,
          status,
          rowFingerprint,
          detailFingerprint,
          since,
          latest,
          notBefore,
          endTold,
          endSeenAt,
          stepsTold,
          Optional.empty(),
          false,
          lookedAt,
          changedAt);
    }
    return new Memory(
        lives,
        seen,
        rowFingerprint,
        detailFingerprint,
        Optional.of(answered),
        Optional.of(asked),
        seenAt,
        false,
        Status.ended(seen) ? Optional.of(answered) : Optional.empty(),
        stepsTold,
        Optional.empty(),
        false,
        lookedAt,
        changedAt);
  }

  Memory toldRow(long fingerprint, Instant at) {
    return new Memory(
        lives,
        status,
        fingerprint,
        detailFingerprint,
        since,
        seenAt,
        notBefore,
        endTold,
        endSeenAt,
        stepsTold,
        missingSince,
        vanished,
        lookedAt,
        Optional.of(at));
  }

  /** The whole detail of an ended run was told; anew, where its end moved. */
  Memory toldEnd(long fingerprint, Instant at) {
    Optional<Instant> seen = endTold ? Optional.of(at) : endSeenAt;
    return new Memory(
        lives,
        status,
        rowFingerprint,
        fingerprint,
        since,
        seenAt,
        notBefore,
        true,
        seen,
        List.of(),
        missingSince,
        vanished,
        lookedAt,
        Optional.of(at));
  }

  /** What changed of a live run was told. */
  Memory toldSteps(long fingerprint, List<Long> steps, Instant at) {
    return new Memory(
        lives,
        status,
        rowFingerprint,
        fingerprint,
        since,
        seenAt,
        notBefore,
        false,
        endSeenAt,
        List.copyOf(steps),
        missingSince,
        vanished,
        lookedAt,
        Optional.of(at));
  }

  /** Its detail was asked for. */
  Memory lookedAt(Instant at) {
    return new Memory(
        lives,
        status,
        rowFingerprint,
        detailFingerprint,
        since,
        seenAt,
        notBefore,
        endTold,
        endSeenAt,
        stepsTold,
        missingSince,
        vanished,
        Optional.of(at),
        changedAt);
  }

  /** Something was told that is not of its newest life. */
  Memory told(Instant at) {
    return new Memory(
        lives,
        status,
        rowFingerprint,
        detailFingerprint,
        since,
        seenAt,
        notBefore,
        endTold,
        endSeenAt,
        stepsTold,
        missingSince,
        vanished,
        lookedAt,
        Optional.of(at));
  }

  /** Not found. One that is gone and comes back after all is told anew, even unchanged. */
  Memory missing(Instant at, boolean gone) {
    return new Memory(
        lives,
        status,
        gone ? 0 : rowFingerprint,
        gone ? 0 : detailFingerprint,
        since,
        seenAt,
        notBefore,
        endTold,
        endSeenAt,
        gone ? List.of() : stepsTold,
        missingSince.or(() -> Optional.of(at)),
        gone,
        lookedAt,
        Optional.of(at));
  }

  /** What is to outlast this process. */
  public Checkpoint toCheckpoint(InstanceKey key) {
    Checkpoint checkpoint = new Checkpoint();
    checkpoint.setAccountId(key.account());
    checkpoint.setWorkflow(key.workflow());
    checkpoint.setInstanceId(key.id());
    checkpoint.setLives(
        lives.known().stream()
            .map(life -> new Life(life.run(), life.queued().orElse(null)))
            .toList());
    checkpoint.setStatus(status);
    checkpoint.setRowFingerprint(rowFingerprint);
    checkpoint.setDetailFingerprint(detailFingerprint);
    checkpoint.setStatusSince(since.orElse(null));
    checkpoint.setStatusSeenAt(seenAt.orElse(null));
    checkpoint.setNotBefore(notBefore.orElse(null));
    checkpoint.setEndTold(endTold);
    checkpoint.setEndSeenAt(endSeenAt.orElse(null));
    checkpoint.setStepsTold(stepsTold);
    checkpoint.setMissingSince(missingSince.orElse(null));
    checkpoint.setVanished(vanished);
    return checkpoint;
  }

  public static Memory of(Checkpoint checkpoint) {
    return new Memory(
        new Lives(
            checkpoint.getLives().stream()
                .map(life -> new Lives.Life(life.getRun(), Optional.ofNullable(life.getQueued())))
                .toList()),
        checkpoint.getStatus(),
        checkpoint.getRowFingerprint(),
        checkpoint.getDetailFingerprint(),
        Optional.ofNullable(checkpoint.getStatusSince()),
        Optional.ofNullable(checkpoint.getStatusSeenAt()),
        Optional.ofNullable(checkpoint.getNotBefore()),
        checkpoint.getEndTold(),
        Optional.ofNullable(checkpoint.getEndSeenAt()),
        List.copyOf(checkpoint.getStepsTold()),
        Optional.ofNullable(checkpoint.getMissingSince()),
        checkpoint.getVanished(),
        Optional.empty(),
        lastSeen(checkpoint));
  }

  private static Optional<Instant> lastSeen(Checkpoint checkpoint) {
    return Stream.of(
            checkpoint.getStatusSince(),
            checkpoint.getStatusSeenAt(),
            checkpoint.getEndSeenAt(),
            checkpoint.getMissingSince())
        .filter(Objects::nonNull)
        .max(Comparator.naturalOrder());
  }
}
