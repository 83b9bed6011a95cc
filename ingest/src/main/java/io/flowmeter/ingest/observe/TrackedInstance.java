package io.flowmeter.ingest.observe;

import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.checkpoint.Life;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * What is remembered of an instance: what was told of its newest life, and when it was last looked
 * at.
 *
 * @param instanceRunss the lives that are known
 * @param status as last told
 * @param rowFingerprint of the row last told; 0 where none was
 * @param detailFingerprint of the detail last told; 0 where none was
 * @param since since when it has been seen in the status
 * @param seenAt the last time it was seen in the status
 * @param notBefore the last time it was seen in the status before
 * @param endPublished the whole detail of the ended run was told
 * @param endSeenAt when the end was first seen
 * @param stepsPublished fingerprints of the steps told of a live run, by index
 * @param missingSince the first time it was not found, unless it was seen again
 * @param vanished it is gone
 * @param polledAt when its detail was last asked for; forgotten at a restart
 * @param changedAt the stamp of what was last told
 * @param weight how many ended runs the newest run stands for; 0 where its detail is not fetched;
 *     empty until that was decided
 * @param startedOn when the newest run started, as last told
 * @param endedOn when the newest run ended, as its whole detail told
 * @param rowEndedOn the same as its row told; where that has no end, when the row was modified
 */
public record TrackedInstance(
    InstanceRuns instanceRunss,
    String status,
    long rowFingerprint,
    long detailFingerprint,
    Optional<Instant> since,
    Optional<Instant> seenAt,
    Optional<Instant> notBefore,
    boolean endPublished,
    Optional<Instant> endSeenAt,
    List<Long> stepsPublished,
    Optional<Instant> missingSince,
    boolean vanished,
    Optional<Instant> polledAt,
    Optional<Instant> changedAt,
    OptionalLong weight,
    Optional<Instant> startedOn,
    Optional<Instant> endedOn,
    Optional<Instant> rowEndedOn) {

  /** An ended instance is remembered so long at least, after its creation and its end. */
  public static final Duration REMEMBERED = Duration.ofHours(1);

  /** Of an instance never seen. */
  public static final TrackedInstance NONE = new Draft().done();

  /** Nothing was told of it yet. */
  public boolean isNew() {
    return instanceRunss.known().isEmpty();
  }

  public boolean ended() {
    return Status.ended(status);
  }

  /** It may still change by itself. */
  public boolean live() {
    return !isNew() && !ended() && !vanished;
  }

  /** It ended, and the whole detail of its end is to be told and was not. */
  public boolean isDetailPending() {
    return ended() && !endPublished && !vanished && !sampledOut();
  }

  /** It was decided that the detail of its newest run's end is not fetched. */
  public boolean sampledOut() {
    return weight.isPresent() && weight.getAsLong() == 0;
  }

  /** A detail of its newest run was told while that lived. */
  public boolean publishedLive() {
    return detailFingerprint != 0 && !endPublished;
  }

  /** Its newest run stands for so many ended ones; decided once. */
  public TrackedInstance weighed(long runs) {
    return weight.isPresent() ? this : with(draft -> draft.weight = OptionalLong.of(runs));
  }

  /** Its newest run's detail is not fetched after all. */
  TrackedInstance leftOut() {
    return with(draft -> draft.weight = OptionalLong.of(0));
  }

  TrackedInstance started(Optional<Instant> at) {
    return at.isEmpty() || at.equals(startedOn) ? this : with(draft -> draft.startedOn = at);
  }

  /** A time as seen, or later where that were not after what was last told. */
  Instant after(Instant seen) {
    return changedAt.map(last -> last.plusMillis(1)).filter(seen::isBefore).orElse(seen);
  }

  /** The same lives, of which the newest is told nothing of yet. */
  TrackedInstance reborn(InstanceRuns runs) {
    return NONE.with(
        draft -> {
          draft.runs = runs;
          draft.lookedAt = polledAt;
          draft.changedAt = changedAt;
        });
  }

  TrackedInstance named(InstanceRuns runs) {
    return with(draft -> draft.runs = runs);
  }

  /** Seen in a status between two moments of the source's clock. */
  TrackedInstance inStatus(String seen, Instant requestedAt, Instant respondedAt) {
    return with(
        draft -> {
          draft.missingSince = Optional.empty();
          draft.vanished = false;
          if (seen.equals(status)) {
            draft.seenAt = seenAt.filter(requestedAt::isBefore).or(() -> Optional.of(requestedAt));
            return;
          }
          draft.status = seen;
          draft.since = Optional.of(respondedAt);
          draft.seenAt = Optional.of(requestedAt);
          draft.notBefore = seenAt;
          draft.endPublished = false;
          draft.endSeenAt = Status.ended(seen) ? Optional.of(respondedAt) : Optional.empty();
          draft.endedOn = Optional.empty();
          draft.rowEndedOn = Optional.empty();
        });
  }

  /**
   * @param end when the run ended, as the row tells it; where it does not, what was told holds
   */
  TrackedInstance withPublishedRow(long fingerprint, Optional<Instant> end, Instant at) {
    return with(
        draft -> {
          draft.rowFingerprint = fingerprint;
          draft.rowEndedOn = end.or(() -> rowEndedOn);
          draft.changedAt = Optional.of(at);
        });
  }

  /** The detail of its end is to be told, though that of an end before was. */
  TrackedInstance owing() {
    return with(draft -> draft.endPublished = false);
  }

  /** Its row tells an end that was not told yet. */
  TrackedInstance endedAt(Instant seen) {
    return with(draft -> draft.endSeenAt = Optional.of(seen));
  }

  /** The whole detail of an ended run was told; anew, where its end moved. */
  TrackedInstance withPublishedEnd(long fingerprint, Instant at, Optional<Instant> end) {
    return with(
        draft -> {
          draft.endedOn = end.or(() -> endedOn);
          draft.detailFingerprint = fingerprint;
          draft.endPublished = true;
          draft.endSeenAt = endPublished || endedSince(end) ? Optional.of(at) : endSeenAt;
          draft.stepsPublished = List.of();
          draft.changedAt = Optional.of(at);
        });
  }

  /** The detail of the end that its row tells was told already. */
  TrackedInstance withEarlierEndPublished() {
    return endPublished ? this : with(draft -> draft.endPublished = true);
  }

  /** It ended once more after its end was first seen. */
  private boolean endedSince(Optional<Instant> end) {
    return end.isPresent() && endSeenAt.filter(end.get()::isAfter).isPresent();
  }

  /** What changed of a live run was told. */
  TrackedInstance withPublishedSteps(long fingerprint, List<Long> steps, Instant at) {
    return with(
        draft -> {
          draft.detailFingerprint = fingerprint;
          draft.endPublished = false;
          draft.stepsPublished = List.copyOf(steps);
          draft.changedAt = Optional.of(at);
        });
  }

  /** Its detail was asked for. */
  public TrackedInstance polledAt(Instant at) {
    return with(draft -> draft.lookedAt = Optional.of(at));
  }

  /** Something was told that is not of its newest life. */
  TrackedInstance withPublication(Instant at) {
    return with(draft -> draft.changedAt = Optional.of(at));
  }

  /** Not found. One that is gone and comes back after all is told anew, even unchanged. */
  TrackedInstance missing(Instant at, boolean gone) {
    return with(
        draft -> {
          draft.missingSince = missingSince.or(() -> Optional.of(at));
          draft.vanished = gone;
          draft.changedAt = Optional.of(at);
          if (gone) {
            draft.rowFingerprint = 0;
            draft.detailFingerprint = 0;
            draft.stepsPublished = List.of();
          }
        });
  }

  /** What is to outlast this process. */
  public Checkpoint toCheckpoint(InstanceKey key) {
    Checkpoint checkpoint = new Checkpoint();
    checkpoint.setAccountId(key.account());
    checkpoint.setWorkflow(key.workflow());
    checkpoint.setInstanceId(key.id());
    checkpoint.setLives(
        instanceRunss.known().stream()
            .map(run -> new Life(run.run(), run.queued().orElse(null)))
            .toList());
    checkpoint.setStatus(status);
    checkpoint.setRowFingerprint(rowFingerprint);
    checkpoint.setDetailFingerprint(detailFingerprint);
    checkpoint.setStatusSince(since.orElse(null));
    checkpoint.setStatusSeenAt(seenAt.orElse(null));
    checkpoint.setNotBefore(notBefore.orElse(null));
    checkpoint.setEndTold(endPublished);
    checkpoint.setEndSeenAt(endSeenAt.orElse(null));
    checkpoint.setStepsTold(stepsPublished);
    checkpoint.setMissingSince(missingSince.orElse(null));
    checkpoint.setVanished(vanished);
    checkpoint.setWeight(weight.isPresent() ? weight.getAsLong() : null);
    checkpoint.setStartedOn(startedOn.orElse(null));
    checkpoint.setEndedOn(endedOn.orElse(null));
    checkpoint.setRowEndedOn(rowEndedOn.orElse(null));
    checkpoint.setToldAt(changedAt.orElse(null));
    return checkpoint;
  }

  public static TrackedInstance of(Checkpoint checkpoint) {
    return NONE.with(
        draft -> {
          draft.runs =
              new InstanceRuns(
                  checkpoint.getLives().stream()
                      .map(
                          run ->
                              new InstanceRuns.Life(
                                  run.getRun(), Optional.ofNullable(run.getQueued())))
                      .toList());
          draft.status = checkpoint.getStatus();
          draft.rowFingerprint = checkpoint.getRowFingerprint();
          draft.detailFingerprint = checkpoint.getDetailFingerprint();
          draft.since = Optional.ofNullable(checkpoint.getStatusSince());
          draft.seenAt = Optional.ofNullable(checkpoint.getStatusSeenAt());
          draft.notBefore = Optional.ofNullable(checkpoint.getNotBefore());
          draft.endPublished = checkpoint.getEndTold();
          draft.endSeenAt = Optional.ofNullable(checkpoint.getEndSeenAt());
          draft.stepsPublished = List.copyOf(checkpoint.getStepsTold());
          draft.missingSince = Optional.ofNullable(checkpoint.getMissingSince());
          draft.vanished = checkpoint.getVanished();
          draft.changedAt = Optional.ofNullable(checkpoint.getToldAt());
          draft.weight =
              checkpoint.getWeight() == null
                  ? OptionalLong.empty()
                  : OptionalLong.of(checkpoint.getWeight());
          draft.startedOn = Optional.ofNullable(checkpoint.getStartedOn());
          draft.endedOn = Optional.ofNullable(checkpoint.getEndedOn());
          draft.rowEndedOn = Optional.ofNullable(checkpoint.getRowEndedOn());
        });
  }

  private TrackedInstance with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.done();
  }

  /** A memory in the making, whose parts are called by their names. */
  private static final class Draft {
    private InstanceRuns runs = InstanceRuns.NONE;
    private String status = "";
    private long rowFingerprint;
    private long detailFingerprint;
    private Optional<Instant> since = Optional.empty();
    private Optional<Instant> seenAt = Optional.empty();
    private Optional<Instant> notBefore = Optional.empty();
    private boolean endPublished;
    private Optional<Instant> endSeenAt = Optional.empty();
    private List<Long> stepsPublished = List.of();
    private Optional<Instant> missingSince = Optional.empty();
    private boolean vanished;
    private Optional<Instant> lookedAt = Optional.empty();
    private Optional<Instant> changedAt = Optional.empty();
    private OptionalLong weight = OptionalLong.empty();
    private Optional<Instant> startedOn = Optional.empty();
    private Optional<Instant> endedOn = Optional.empty();
    private Optional<Instant> rowEndedOn = Optional.empty();

    Draft() {}

    Draft(TrackedInstance tracked) {
      runs = tracked.instanceRunss;
      status = tracked.status;
      rowFingerprint = tracked.rowFingerprint;
      detailFingerprint = tracked.detailFingerprint;
      since = tracked.since;
      seenAt = tracked.seenAt;
      notBefore = tracked.notBefore;
      endPublished = tracked.endPublished;
      endSeenAt = tracked.endSeenAt;
      stepsPublished = tracked.stepsPublished;
      missingSince = tracked.missingSince;
      vanished = tracked.vanished;
      lookedAt = tracked.polledAt;
      changedAt = tracked.changedAt;
      weight = tracked.weight;
      startedOn = tracked.startedOn;
      endedOn = tracked.endedOn;
      rowEndedOn = tracked.rowEndedOn;
    }

    TrackedInstance done() {
      return new TrackedInstance(
          runs,
          status,
          rowFingerprint,
          detailFingerprint,
          since,
          seenAt,
          notBefore,
          endPublished,
          endSeenAt,
          stepsPublished,
          missingSince,
          vanished,
          lookedAt,
          changedAt,
          weight,
          startedOn,
          endedOn,
          rowEndedOn);
    }
  }
}
