package io.flowmeter.ingest.observe;

import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.InstanceDetail;
import io.flowmeter.ingest.source.ListedInstance;
import java.time.Instant;
import java.util.Optional;

/**
 * Of which life of an instance a row or a detail speaks. A restart keeps id and creation; what
 * tells lives apart is when they were queued, which details alone say, and when they started.
 */
public final class RunMatcher {
  private RunMatcher() {}

  /**
   * Whether the row may speak of a life that is not known yet. Where neither that nor the contrary
   * shows, it may: a restart keeps id and creation, and only a detail tells lives apart. A row that
   * goes on from what was told, or begins right after its creation, speaks of the life that is
   * known, or of the first.
   */
  public static boolean mayBeReborn(TrackedInstance tracked, ListedInstance row) {
    Optional<Instant> started = row.startedOn();
    if (tracked.startedOn().isPresent() && !tracked.vanished() && !tracked.ended()) {
      return !startedWith(tracked, row);
    }
    if (tracked.ended() || tracked.vanished()) {
      return true;
    }
    boolean ended = Status.ended(row.status());
    if (started.isEmpty() || tracked.live() && !ended) {
      return ended;
    }
    return !beginsAtCreation(row);
  }

  /** The row speaks of an instance's first life, for it started when the instance was made. */
  public static boolean beginsAtCreation(ListedInstance row) {
    Optional<Instant> until = row.createdOn().map(created -> created.plus(InstanceRuns.TOLERANCE));
    return row.startedOn().filter(at -> until.filter(at::isBefore).isPresent()).isPresent();
  }

  /** The row speaks of a life before the newest known, for it began before that was queued. */
  public static boolean isOfEarlierRun(TrackedInstance tracked, ListedInstance row) {
    Optional<Instant> started = row.startedOn().map(at -> at.plus(TimestampTolerance.WITHIN));
    return started.isPresent()
        && tracked.instanceRunss().newest().isPresent()
        && started.get().toEpochMilli() < tracked.instanceRunss().newest().getAsLong();
  }

  /** The row speaks of the newest known run, for it began when that did. */
  public static boolean startedWith(TrackedInstance tracked, ListedInstance row) {
    return startedThen(tracked.startedOn(), row);
  }

  /** The row speaks of a run that began then. */
  public static boolean startedThen(Optional<Instant> startedAt, ListedInstance row) {
    return TimestampTolerance.isNear(row.startedOn(), startedAt);
  }

  /** The row speaks of a run that is not known: it began at another time than that did. */
  static boolean restarted(TrackedInstance tracked, ListedInstance row) {
    return tracked.startedOn().isPresent()
        && row.startedOn().isPresent()
        && !startedWith(tracked, row);
  }

  /**
   * The detail is behind the row: it is of the run that a restart replaced by the row's. Of one
   * that has yet to begin a detail tells nothing that ended before, unless it is the row that is
   * behind.
   */
  public static boolean isOfEarlierRun(
      ApiResponse<InstanceDetail> detail, ApiResponse<ListedInstance> row) {
    Optional<Instant> startedAt = row.value().startedOn();
    boolean yetToBegin = startedAt.isEmpty() || Status.queued(row.value().status());
    if (yetToBegin && !Status.ended(row.value().status())) {
      return Status.ended(detail.value().status())
          && detail.value().end().filter(row.requestedAt()::isAfter).isPresent()
          && EndMatcher.isSoonAfter(row, detail);
    }
    return detail
        .value()
        .start()
        .map(start -> start.plus(TimestampTolerance.WITHIN))
        .filter(start -> startedAt.filter(start::isBefore).isPresent())
        .isPresent();
  }

  /**
   * A run that was left out was restarted within seconds of its creation: both have one name, but
   * of the detail's nothing was decided.
   */
  public static boolean isOfAnotherThanWasLeftOut(TrackedInstance tracked, InstanceDetail detail) {
    return tracked.sampledOut() && startedBefore(tracked.startedOn(), detail);
  }

  /**
   * The row waited for a detail, which tells a life that began after the row's own: that was the
   * first. Of what may have been told and forgotten, only a beginning at creation says so.
   */
  static boolean belongsToFirstRun(
      TrackedInstance tracked, ApiResponse<ListedInstance> row, long run, InstanceDetail detail) {
    ListedInstance seen = row.value();
    if (!tracked.isNew() || seen.createdOn().isEmpty() || detail.queued().isEmpty()) {
      return false;
    }
    Instant created = seen.createdOn().get();
    Instant startedAt = seen.startedOn().orElse(row.respondedAt());
    boolean unforgotten =
        beginsAtCreation(seen)
            || row.respondedAt().isBefore(created.plus(TrackedInstance.REMEMBERED));
    return run != created.toEpochMilli()
        && unforgotten
        && startedAt.isBefore(detail.queued().get());
  }

  /**
   * The row waited for a detail, which tells a life that began after it: the row began when the
   * known life did, or is the first to tell when that was; so it tells what became of that, such as
   * that it was re-opened.
   */
  static boolean goesOnFromKnown(
      TrackedInstance tracked, ListedInstance row, long run, InstanceDetail detail) {
    return !tracked.isNew()
        && run > tracked.instanceRunss().newest().orElseThrow()
        && !Status.queued(row.status())
        && (startedWith(tracked, row)
            || tracked.live()
                && tracked.startedOn().isEmpty()
                && startedBefore(row.startedOn(), detail))
        && !TimestampTolerance.isNear(detail.start(), row.startedOn());
  }

  /**
   * Whether the row that was asked for before a detail speaks of the detail's run, and is not
   * behind what is known of it.
   *
   * @param run of which the detail speaks, the newest
   * @param sameRun whether that was known before
   * @param tracked with that life
   */
  static boolean rowMatchesRun(
      long run,
      boolean sameRun,
      TrackedInstance tracked,
      ApiResponse<ListedInstance> row,
      ApiResponse<InstanceDetail> detail) {
    String rowStatus = row.value().status();
    String detailStatus = detail.value().status();
    Optional<Instant> startedAt = row.value().startedOn();
    boolean together = TimestampTolerance.isNear(startedAt, detail.value().start());
    if (startedBefore(startedAt, detail.value())
        || !together && startedAt.isPresent() && detail.value().start().isPresent()) {
      // It was read before the restart, or left as it was; or the detail is behind it.
      return false;
    }
    if (sameRun) {
      // An end that both memory and detail know of, and the row, though asked for after it, does
      // not: the row is behind.
      boolean behind =
          tracked.ended()
              && Status.ended(detailStatus)
              && !Status.ended(rowStatus)
              && detail.value().end().filter(row.requestedAt()::isBefore).isEmpty();
      return !behind;
    }
    boolean first =
        tracked.instanceRunss().known().size() == 1
            && row.value().createdOn().filter(created -> created.toEpochMilli() == run).isPresent();
    boolean begunBefore =
        detail.value().queued().filter(queued -> !queued.isAfter(row.requestedAt())).isPresent();
    return first || together || begunBefore && rowStatus.equals(detailStatus);
  }

  /** What started then had a life before the detail's, which was not queued yet. */
  private static boolean startedBefore(Optional<Instant> start, InstanceDetail detail) {
    Optional<Instant> started = start.map(at -> at.plus(TimestampTolerance.WITHIN));
    return started.isPresent() && detail.queued().filter(started.get()::isBefore).isPresent();
  }
}
