package io.flowmeter.ingest.observe;

import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.InstanceDetail;
import io.flowmeter.ingest.source.ListedInstance;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether a row or a detail speaks of the end that was told, of one before it, or of a later one.
 */
public final class EndMatcher {
  /** How far the clock of a row's {@code modified_on} may be from the clock of the Date header. */
  public static final Duration SKEW = Duration.ofSeconds(2);

  /** So long a detail may be behind a row that was told before it. */
  private static final Duration BEHIND_AT_MOST = Duration.ofMinutes(1);

  private EndMatcher() {}

  /** When the run ended, as the row tells it: where it has no end, by its last change. */
  public static Optional<Instant> end(ListedInstance row) {
    return Status.ended(row.status()) ? row.endedOn().or(row::modifiedOn) : Optional.empty();
  }

  /**
   * Whether a row that contradicts a told end speaks of the same run all the same: it began when
   * that did, and ended in the same status, at another time.
   */
  public static boolean tellsAnotherEnd(TrackedInstance memory, ListedInstance row) {
    return memory.ended()
        && !memory.vanished()
        && row.status().equals(memory.status())
        && RunMatcher.beganWith(memory, row)
        && !tellsSameEnd(memory, row);
  }

  /**
   * Whether a row that contradicts a told end surely tells that the run was opened again since: it
   * began when that did, is in another status, and was modified after that end. One that is queued
   * may be of a restart, which has yet to begin and to change the row's start.
   */
  public static boolean tellsReopened(TrackedInstance memory, ListedInstance row) {
    Optional<Instant> told =
        Stream.of(memory.endedOn(), memory.rowEndedOn())
            .flatMap(Optional::stream)
            .max(Comparator.naturalOrder())
            .map(end -> end.plus(TimestampTolerance.WITHIN));
    return memory.ended()
        && !memory.vanished()
        && !row.status().equals(memory.status())
        && !Status.queued(row.status())
        && RunMatcher.beganWith(memory, row)
        && told.isPresent()
        && row.modifiedOn().filter(told.get()::isBefore).isPresent()
        && !tellsSameEnd(memory, row);
  }

  /**
   * Whether a row tells a later end than the last detail did: whichever was asked for first, the
   * row was answered after that.
   */
  public static boolean tellsLaterEnd(TrackedInstance memory, ListedInstance row) {
    Optional<Instant> told = memory.endedOn().map(end -> end.plus(TimestampTolerance.WITHIN));
    return memory.ended()
        && Status.ended(row.status())
        && told.isPresent()
        && row.endedOn().filter(told.get()::isBefore).isPresent();
  }

  /**
   * The row caught up with an end that a detail told before it: it was modified before that was
   * asked for; or it tells that very end, which a run re-opened since would not, and was not
   * modified after it.
   */
  static boolean tellsTheToldEnd(TrackedInstance memory, ApiResponse<ListedInstance> row) {
    if (!memory.endTold() || row.value().modifiedOn().isEmpty()) {
      return memory.endTold();
    }
    Instant modified = row.value().modifiedOn().get();
    Optional<Instant> until =
        tellsSameEnd(memory, row.value())
            ? Stream.of(lookedOrTold(memory), row.value().endedOn())
                .flatMap(Optional::stream)
                .max(Comparator.naturalOrder())
                .map(at -> at.plus(SKEW))
            : lookedOrTold(memory).map(at -> at.minus(SKEW));
    return until.filter(modified::isBefore).isPresent();
  }

  /**
   * A detail that tells nothing new tells the end that a row told before it, and not one before
   * that: at the same time, or so late that it is not behind the row any more.
   */
  static boolean isOfTheToldEnd(TrackedInstance memory, ApiResponse<InstanceDetail> detail) {
    return TimestampTolerance.isNear(memory.rowEndedOn(), detail.value().end())
        || !mayBeBehind(memory, detail);
  }

  /** The detail tells an end before the one that a row told a moment ago: it is behind that. */
  static boolean isOfEarlierEnd(TrackedInstance memory, ApiResponse<InstanceDetail> detail) {
    Optional<Instant> end = detail.value().end().map(at -> at.plus(SKEW));
    return end.isPresent()
        && memory.rowEndedOn().filter(end.get()::isBefore).isPresent()
        && mayBeBehind(memory, detail);
  }

  /**
   * The detail was asked for so shortly after the last that was told that it may not know of it.
   */
  static boolean mayBeBehind(TrackedInstance memory, ApiResponse<InstanceDetail> detail) {
    return memory
        .changedAt()
        .map(told -> told.plus(BEHIND_AT_MOST))
        .filter(detail.asked()::isAfter)
        .isEmpty();
  }

  /** The detail was asked for so shortly after the row that it may not know what that tells. */
  static boolean isSoonAfter(ApiResponse<ListedInstance> row, ApiResponse<InstanceDetail> detail) {
    return detail.asked().isBefore(row.answered().plus(BEHIND_AT_MOST));
  }

  private static boolean tellsSameEnd(TrackedInstance memory, ListedInstance row) {
    return TimestampTolerance.isNear(row.endedOn(), memory.endedOn())
        || TimestampTolerance.isNear(row.endedOn(), memory.rowEndedOn());
  }

  /** When it was looked at is forgotten at a restart; when the end was told is not. */
  private static Optional<Instant> lookedOrTold(TrackedInstance memory) {
    return memory.lookedAt().or(memory::changedAt);
  }
}
