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
  public static boolean reportsAnotherEnd(TrackedInstance tracked, ListedInstance row) {
    return tracked.ended()
        && !tracked.vanished()
        && row.status().equals(tracked.status())
        && RunMatcher.startedWith(tracked, row)
        && !reportsSameEnd(tracked, row);
  }

  /**
   * Whether a row that contradicts a told end surely tells that the run was opened again since: it
   * began when that did, is in another status, and was modified after that end. One that is queued
   * may be of a restart, which has yet to begin and to change the row's start.
   */
  public static boolean reportsReopening(TrackedInstance tracked, ListedInstance row) {
    Optional<Instant> published =
        Stream.of(tracked.endedOn(), tracked.rowEndedOn())
            .flatMap(Optional::stream)
            .max(Comparator.naturalOrder())
            .map(end -> end.plus(TimestampTolerance.WITHIN));
    return tracked.ended()
        && !tracked.vanished()
        && !row.status().equals(tracked.status())
        && !Status.queued(row.status())
        && RunMatcher.startedWith(tracked, row)
        && published.isPresent()
        && row.modifiedOn().filter(published.get()::isBefore).isPresent()
        && !reportsSameEnd(tracked, row);
  }

  /**
   * Whether a row tells a later end than the last detail did: whichever was asked for first, the
   * row was answered after that.
   */
  public static boolean reportsLaterEnd(TrackedInstance tracked, ListedInstance row) {
    Optional<Instant> published = tracked.endedOn().map(end -> end.plus(TimestampTolerance.WITHIN));
    return tracked.ended()
        && Status.ended(row.status())
        && published.isPresent()
        && row.endedOn().filter(published.get()::isBefore).isPresent();
  }

  /**
   * The row caught up with an end that a detail told before it: it was modified before that was
   * asked for; or it tells that very end, which a run re-opened since would not, and was not
   * modified after it.
   */
  static boolean reportsPublishedEnd(TrackedInstance tracked, ApiResponse<ListedInstance> row) {
    if (!tracked.endPublished() || row.value().modifiedOn().isEmpty()) {
      return tracked.endPublished();
    }
    Instant modified = row.value().modifiedOn().get();
    Optional<Instant> until =
        reportsSameEnd(tracked, row.value())
            ? Stream.of(polledOrPublished(tracked), row.value().endedOn())
                .flatMap(Optional::stream)
                .max(Comparator.naturalOrder())
                .map(at -> at.plus(SKEW))
            : polledOrPublished(tracked).map(at -> at.minus(SKEW));
    return until.filter(modified::isBefore).isPresent();
  }

  /**
   * A detail that tells nothing new tells the end that a row told before it, and not one before
   * that: at the same time, or so late that it is not behind the row any more.
   */
  static boolean isOfPublishedEnd(TrackedInstance tracked, ApiResponse<InstanceDetail> detail) {
    return TimestampTolerance.isNear(tracked.rowEndedOn(), detail.value().end())
        || !mayBeBehind(tracked, detail);
  }

  /** The detail tells an end before the one that a row told a moment ago: it is behind that. */
  static boolean isOfEarlierEnd(TrackedInstance tracked, ApiResponse<InstanceDetail> detail) {
    Optional<Instant> end = detail.value().end().map(at -> at.plus(SKEW));
    return end.isPresent()
        && tracked.rowEndedOn().filter(end.get()::isBefore).isPresent()
        && mayBeBehind(tracked, detail);
  }

  /**
   * The detail was asked for so shortly after the last that was told that it may not know of it.
   */
  static boolean mayBeBehind(TrackedInstance tracked, ApiResponse<InstanceDetail> detail) {
    return tracked
        .changedAt()
        .map(published -> published.plus(BEHIND_AT_MOST))
        .filter(detail.requestedAt()::isAfter)
        .isEmpty();
  }

  /** The detail was asked for so shortly after the row that it may not know what that tells. */
  static boolean isSoonAfter(ApiResponse<ListedInstance> row, ApiResponse<InstanceDetail> detail) {
    return detail.requestedAt().isBefore(row.respondedAt().plus(BEHIND_AT_MOST));
  }

  private static boolean reportsSameEnd(TrackedInstance tracked, ListedInstance row) {
    return TimestampTolerance.isNear(row.endedOn(), tracked.endedOn())
        || TimestampTolerance.isNear(row.endedOn(), tracked.rowEndedOn());
  }

  /** When it was looked at is forgotten at a restart; when the end was told is not. */
  private static Optional<Instant> polledOrPublished(TrackedInstance tracked) {
    return tracked.polledAt().or(tracked::changedAt);
  }
}
