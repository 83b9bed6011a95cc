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
  public static boolean mayBeReborn(TrackedInstance memory, ListedInstance row) {
    Optional<Instant> started = row.startedOn();
    if (memory.startedOn().isPresent() && !memory.vanished() && !memory.ended()) {
      return !beganWith(memory, row);
    }
    if (memory.ended() || memory.vanished()) {
      return true;
    }
    boolean ended = Status.ended(row.status());
    if (started.isEmpty() || memory.live() && !ended) {
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
  public static boolean isOfEarlierLife(TrackedInstance memory, ListedInstance row) {
    Optional<Instant> started = row.startedOn().map(at -> at.plus(TimestampTolerance.WITHIN));
    return started.isPresent()
        && memory.lives().newest().isPresent()
        && started.get().toEpochMilli() < memory.lives().newest().getAsLong();
  }

  /** The row speaks of the newest known run, for it began when that did. */
  public static boolean beganWith(TrackedInstance memory, ListedInstance row) {
    return beganThen(memory.startedOn(), row);
  }

  /** The row speaks of a run that began then. */
  public static boolean beganThen(Optional<Instant> began, ListedInstance row) {
    return TimestampTolerance.isNear(row.startedOn(), began);
  }

  /** The row speaks of a run that is not known: it began at another time than that did. */
  static boolean startedAnew(TrackedInstance memory, ListedInstance row) {
    return memory.startedOn().isPresent() && row.startedOn().isPresent() && !beganWith(memory, row);
  }

  /**
   * The detail is behind the row: it is of the run that a restart replaced by the row's. Of one
   * that has yet to begin a detail tells nothing that ended before, unless it is the row that is
   * behind.
   */
  public static boolean isOfEarlierRun(
      ApiResponse<InstanceDetail> detail, ApiResponse<ListedInstance> row) {
    Optional<Instant> began = row.value().startedOn();
    boolean yetToBegin = began.isEmpty() || Status.queued(row.value().status());
    if (yetToBegin && !Status.ended(row.value().status())) {
      return Status.ended(detail.value().status())
          && detail.value().end().filter(row.asked()::isAfter).isPresent()
          && EndMatcher.isSoonAfter(row, detail);
    }
    return detail
        .value()
        .start()
        .map(start -> start.plus(TimestampTolerance.WITHIN))
        .filter(start -> began.filter(start::isBefore).isPresent())
        .isPresent();
  }

  /**
   * A run that was left out was restarted within seconds of its creation: both have one name, but
   * of the detail's nothing was decided.
   */
  public static boolean isOfAnotherThanWasLeftOut(TrackedInstance memory, InstanceDetail detail) {
    return memory.sampledOut() && startedBefore(memory.startedOn(), detail);
  }

  /**
   * The row waited for a detail, which tells a life that began after the row's own: that was the
   * first. Of what may have been told and forgotten, only a beginning at creation says so.
   */
  static boolean speaksOfFirst(
      TrackedInstance memory, ApiResponse<ListedInstance> row, long run, InstanceDetail detail) {
    ListedInstance seen = row.value();
    if (!memory.isNew() || seen.createdOn().isEmpty() || detail.queued().isEmpty()) {
      return false;
    }
    Instant created = seen.createdOn().get();
    Instant began = seen.startedOn().orElse(row.answered());
    boolean unforgotten =
        beginsAtCreation(seen) || row.answered().isBefore(created.plus(TrackedInstance.REMEMBERED));
    return run != created.toEpochMilli() && unforgotten && began.isBefore(detail.queued().get());
  }

  /**
   * The row waited for a detail, which tells a life that began after it: the row began when the
   * known life did, or is the first to tell when that was; so it tells what became of that, such as
   * that it was re-opened.
   */
  static boolean goesOnFromKnown(
      TrackedInstance memory, ListedInstance row, long run, InstanceDetail detail) {
    return !memory.isNew()
        && run > memory.lives().newest().orElseThrow()
        && !Status.queued(row.status())
        && (beganWith(memory, row)
            || memory.live()
                && memory.startedOn().isEmpty()
                && startedBefore(row.startedOn(), detail))
        && !TimestampTolerance.isNear(detail.start(), row.startedOn());
  }

  /**
   * Whether the row that was asked for before a detail speaks of the detail's run, and is not
   * behind what is known of it.
   *
   * @param run of which the detail speaks, the newest
   * @param sameLife whether that was known before
   * @param memory with that life
   */
  static boolean rowSpeaksOf(
      long run,
      boolean sameLife,
      TrackedInstance memory,
      ApiResponse<ListedInstance> row,
      ApiResponse<InstanceDetail> detail) {
    String rowStatus = row.value().status();
    String detailStatus = detail.value().status();
    Optional<Instant> began = row.value().startedOn();
    boolean together = TimestampTolerance.isNear(began, detail.value().start());
    if (startedBefore(began, detail.value())
        || !together && began.isPresent() && detail.value().start().isPresent()) {
      // It was read before the restart, or left as it was; or the detail is behind it.
      return false;
    }
    if (sameLife) {
      // An end that both memory and detail know of, and the row, though asked for after it, does
      // not: the row is behind.
      boolean behind =
          memory.ended()
              && Status.ended(detailStatus)
              && !Status.ended(rowStatus)
              && detail.value().end().filter(row.asked()::isBefore).isEmpty();
      return !behind;
    }
    boolean first =
        memory.lives().known().size() == 1
            && row.value().createdOn().filter(created -> created.toEpochMilli() == run).isPresent();
    boolean begunBefore =
        detail.value().queued().filter(queued -> !queued.isAfter(row.asked())).isPresent();
    return first || together || begunBefore && rowStatus.equals(detailStatus);
  }

  /** What started then had a life before the detail's, which was not queued yet. */
  private static boolean startedBefore(Optional<Instant> start, InstanceDetail detail) {
    Optional<Instant> started = start.map(at -> at.plus(TimestampTolerance.WITHIN));
    return started.isPresent() && detail.queued().filter(started.get()::isBefore).isPresent();
  }
}
