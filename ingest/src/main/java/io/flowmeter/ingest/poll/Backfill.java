package io.flowmeter.ingest.poll;

import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.source.ApiFailure;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.source.ResponsePage;
import io.flowmeter.ingest.source.Source.Direction;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was there before a workflow was listed for the first time: read below the first page, newest
 * first, a page when the details of the one before are nearly had. Used under the planner's lock.
 */
final class Backfill {
  private static final Logger LOG = LoggerFactory.getLogger(Backfill.class);

  private static final Duration AFTER_FAILURE = Duration.ofSeconds(10);

  private final WorkflowState workflow;
  private final Clock clock;
  private Instant notBefore = Instant.MIN;
  private Optional<Instant> reached = Optional.empty();
  private Optional<String> cursor = Optional.empty();
  private Cursors cursors = new Cursors();

  /** Pages in a row whose cursor led back. */
  private int ledBack;

  private boolean requested;

  private boolean stored;

  /** Down to where it went by what was told last. */
  private Optional<Instant> publishedReached = Optional.empty();

  /** An earlier process began it; how many runs that listed and fetched is not known any more. */
  private boolean resumed;

  private long known;
  private long fetched;

  /** Instances that the API reported at the last listing. */
  private long reported;

  Backfill(WorkflowState workflow, Clock clock) {
    this.workflow = workflow;
    this.clock = clock;
  }

  /**
   * Puts its place into a checkpoint. While something that it listed is held, the place is no
   * deeper than that, and the list is read from its beginning: what was told costs nothing but
   * pages.
   *
   * @param held when the newest instance was created that it listed and of which nothing is told
   */
  void store(Checkpoint checkpoint, Optional<Instant> held) {
    Optional<Instant> above =
        held.map(at -> at.plusMillis(1)).filter(at -> !isDeeper(publishedReached, at));
    publishedReached = held.isEmpty() ? reached : above.or(() -> publishedReached);
    checkpoint.setBackfilledTo(publishedReached.orElse(null));
    checkpoint.setBackfillCursor(held.isEmpty() ? cursor.orElse(null) : null);
    stored = held.isEmpty();
  }

  /** A place was told that is deeper than a moment. */
  private static boolean isDeeper(Optional<Instant> place, Instant at) {
    return place.filter(at::isAfter).isPresent();
  }

  void restore(Checkpoint checkpoint) {
    reached = Optional.ofNullable(checkpoint.getBackfilledTo());
    cursor = Optional.ofNullable(checkpoint.getBackfillCursor());
    publishedReached = reached;
    resumed = lasts();
  }

  /** Begins below a page, the last of which was created then. */
  void start(Optional<Instant> below, Optional<String> next) {
    if (next.isPresent()) {
      reached = below;
      cursor = next;
      event("backfill_started", "what {} has of instances that were there before is listed");
    }
  }

  /** The list that it read is no more. */
  void end() {
    reached = Optional.empty();
    cursor = Optional.empty();
    publishedReached = Optional.empty();
    cursors = new Cursors();
    requested = false;
    resumed = false;
  }

  /** Down to which creation it went; the present where nothing is left. */
  Instant reached() {
    return reached.orElse(Instant.MAX);
  }

  /** There is something left that is not listed yet. */
  boolean lasts() {
    return reached.isPresent();
  }

  /** The row is of what is not listed yet. */
  boolean isAhead(ListedInstance row) {
    return reached.isPresent()
        && row.createdOn().filter(created -> created.isBefore(reached.get())).isPresent();
  }

  /**
   * It will list what was created then, or would in a process that goes on from what was told; of
   * the moment that it reached, perhaps once more.
   */
  boolean willShow(Instant created) {
    return Stream.of(reached, publishedReached)
        .flatMap(Optional::stream)
        .anyMatch(at -> !created.isAfter(at));
  }

  /**
   * The row was listed before, then told and forgotten: a cursor that is a position shows it again
   * when new rows have pushed it down, and so does one that had to begin anew. Those of the same
   * moment as the last may not have been.
   */
  boolean wasListed(ListedInstance row) {
    return row.createdOn().filter(created -> created.isAfter(reached.orElse(created))).isPresent();
  }

  boolean wantsRequest() {
    return lasts() && !requested && !clock.instant().isBefore(notBefore);
  }

  ApiRequest<?> next(ListRowHandler rows) {
    requested = true;
    Optional<String> at = cursor;
    return new ApiRequest<>(
        "a page of the past of " + workflow.name(),
        (source, permit) ->
            source.instances(permit, workflow.name(), Optional.empty(), Direction.NEWEST_FIRST, at),
        page -> {
          requested = false;
          take(at, page, rows);
        },
        failure -> {
          requested = false;
          failed(failure.message(), AFTER_FAILURE);
          if (failure.fault().filter(e -> refusesCursor(e.failure())).isPresent()) {
            // The list is read from its beginning; what was listed costs nothing but pages.
            cursor = Optional.empty();
            cursors = new Cursors();
          }
        });
  }

  private void failed(String problem, Duration pause) {
    workflow.problems.add(problem);
    notBefore = clock.instant().plus(pause);
  }

  /** Whether the request itself is at fault: all that may be wrong with it is the cursor. */
  private static boolean refusesCursor(ApiFailure failure) {
    return failure instanceof ApiFailure.Unexpected || failure instanceof ApiFailure.NotFound;
  }

  private void take(
      Optional<String> from, ApiResponse<ResponsePage<ListedInstance>> page, ListRowHandler rows)
      throws InterruptedException {
    for (ListedInstance row : page.value().rows()) {
      rows.takeOfBackfill(workflow, page.map(any -> row));
    }
    Optional<Instant> bottom =
        page.value().rows().stream()
            .flatMap(row -> row.createdOn().stream())
            .min(Comparator.naturalOrder());
    cursor = cursors.after(from, page.value());
    if (cursor.filter(cursors::isRepeated).isPresent()) {
      ledBack++;
      String problem = Cursors.problem("a page of the past of " + workflow.name());
      failed(problem, RetryBackoff.after(ledBack, AFTER_FAILURE));
    } else {
      ledBack = 0;
    }
    reached =
        cursor.isEmpty()
            ? Optional.empty()
            : bottom.filter(at -> at.isBefore(reached.orElse(Instant.MAX))).or(() -> reached);
    if (reached.isEmpty()) {
      event(
          "backfill_listing_completed",
          "all that {} had of instances before the first start is listed");
    }
    stored = false;
  }

  private void event(String event, String message) {
    LOG.atInfo()
        .addKeyValue("event", event)
        .addKeyValue("workflow", workflow.name())
        .log(message, workflow.name());
  }

  /** It went on since it was last put into a checkpoint. */
  boolean hasChanges() {
    return !stored;
  }

  void known() {
    known++;
  }

  void fetched() {
    fetched++;
  }

  void reported(long instances) {
    reported = instances;
  }

  /**
   * How far it went since the start of the process: ended runs known of and fetched, and how many
   * the API still has below at most, since what was listed and forgotten may be among them.
   */
  record Reach(long known, long fetched, long ahead, boolean resumed) {}

  Reach reach() {
    long listed = Math.max(workflow.size(), known);
    long ahead = lasts() ? Math.max(0, reported - listed) : 0;
    return new Reach(known, fetched, ahead, resumed);
  }
}
