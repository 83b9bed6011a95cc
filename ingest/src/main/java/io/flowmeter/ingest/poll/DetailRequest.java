package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.observe.InstanceKey;
import io.flowmeter.ingest.observe.RunMatcher;
import io.flowmeter.ingest.observe.Status;
import io.flowmeter.ingest.observe.TrackedInstance;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.source.Source.Traits;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/**
 * A detail that is owed.
 *
 * @param end when the run ended, or was last seen alive
 * @param row to be told with the detail, which says of what life it speaks; empty where it was
 *     told, or none is
 * @param weight how many ended runs the one of the row stands for, where it was not told
 * @param failures how often it was asked for in vain, one after the other
 * @param missingSince when it was not found, where that was the last answer
 * @param maybeForgotten when its row was listed, it may have been told and forgotten already
 */
record DetailRequest(
    WorkflowState workflow,
    String id,
    Why why,
    Instant end,
    Optional<ApiResponse<ListedInstance>> row,
    long weight,
    int failures,
    Optional<Instant> missingSince,
    boolean maybeForgotten) {
  static final Comparator<DetailRequest> ORDER =
      Comparator.comparingInt(DetailRequest::rank)
          .thenComparing(DetailRequest::end)
          .thenComparing(DetailRequest::id);

  /** Why a detail is worth a request, the most urgent first. */
  enum Why {
    /** It is in none of the lists it would be in if it lived. */
    ABSENT,
    ERRORED,
    TERMINATED,
    /**
     * It lives again. Where its row may speak of a life not known yet, that is not told before its
     * detail is.
     */
    REBORN,
    COMPLETED,
    /** It lives, or is looked at again. */
    LOOK,
    /** It ended before it was first listed. */
    BACKFILL;

    static Why of(String status) {
      return switch (status) {
        case "errored" -> ERRORED;
        case "terminated" -> TERMINATED;
        default -> Status.ended(status) ? COMPLETED : REBORN;
      };
    }
  }

  DetailRequest(
      WorkflowState workflow,
      String id,
      Why why,
      Instant end,
      Optional<ApiResponse<ListedInstance>> row) {
    this(workflow, id, why, end, row, 1, 0, Optional.empty(), false);
  }

  DetailRequest weighed(long runs) {
    return new DetailRequest(
        workflow, id, why, end, row, runs, failures, missingSince, maybeForgotten);
  }

  /** The same without its row, which is told. */
  DetailRequest withoutRow() {
    return new DetailRequest(
        workflow, id, why, end, Optional.empty(), weight, failures, missingSince, false);
  }

  /** The same with the row of another, of the same instance. */
  DetailRequest withRowOf(DetailRequest other) {
    return new DetailRequest(
        workflow, id, why, end, other.row, weight, failures, missingSince, other.maybeForgotten);
  }

  DetailRequest failed(Optional<ApiResponse<ListedInstance>> pending, Optional<Instant> missing) {
    return new DetailRequest(
        workflow, id, why, end, pending, weight, failures + 1, missing, maybeForgotten);
  }

  DetailRequest maybeForgotten(boolean whenListed) {
    return new DetailRequest(
        workflow, id, why, end, row, weight, failures, missingSince, whenListed);
  }

  InstanceKey key() {
    return workflow.instance(id);
  }

  /** An end that nothing told yet tells most, and any of them may have errored. */
  private int rank() {
    if (awaitsEnd()) {
      return 0;
    }
    return switch (why) {
      case ABSENT, ERRORED -> 1;
      case TERMINATED, REBORN -> 2;
      case COMPLETED -> 3;
      case LOOK, BACKFILL -> 4;
    };
  }

  /** Its end or its row is not told, or its run failed or was made to stop. */
  boolean urgent() {
    return rank() <= 2;
  }

  /** Its row tells the end, and what run ended. */
  boolean mayBeLeftOut() {
    return switch (why) {
      case ERRORED, TERMINATED, COMPLETED ->
          row.isEmpty() || row.get().value().createdOn().isPresent();
      case ABSENT, REBORN, LOOK, BACKFILL -> false;
    };
  }

  /** Its run is first seen ended by the row that waits with it. */
  boolean holdsEnd() {
    return row.filter(each -> Status.ended(each.value().status())).isPresent();
  }

  /** Its run is first seen ended by that row, or by its absence from all lists. */
  boolean awaitsEnd() {
    return holdsEnd() || why == Why.ABSENT;
  }

  /**
   * A sweep is not complete before it is had. What failed again and again keeps none waiting,
   * though its row may wait on, for only a detail says of what life it speaks.
   */
  boolean keepsSweep() {
    return why != Why.BACKFILL && failures < 2;
  }

  /** Its row surely speaks of the known run, or of the first; or nothing is there to be told. */
  boolean identifiesRun(Traits traits) {
    return row.isEmpty() || !mayBeOfEvictedRun() && !mayBeOfNewRun(traits);
  }

  /**
   * Only its detail says which life its row speaks of, the first one or one that was forgotten.
   * What was new when it was listed is not, however long its detail takes.
   */
  private boolean mayBeOfEvictedRun() {
    return maybeForgotten
        && memory().isNew()
        && row.filter(each -> !RunMatcher.beginsAtCreation(each.value())).isPresent();
  }

  /** A run that lives begins once: what began at another time, or did not yet, is another. */
  private boolean mayBeOfNewRun(Traits traits) {
    TrackedInstance tracked = memory();
    return traits.tellsModification()
        && tracked.live()
        && tracked.startedOn().isPresent()
        && row.filter(each -> !RunMatcher.startedWith(tracked, each.value())).isPresent();
  }

  /**
   * Nothing known says when its run began, and it did not begin when the instance was made: it was
   * queued for long, or a restart began it, and most details can be had a little later.
   */
  boolean mayBeOfLaterRun(Traits traits) {
    TrackedInstance tracked = memory();
    boolean beginsUnknown =
        tracked.isNew() || tracked.vanished() || tracked.live() && tracked.startedOn().isEmpty();
    return traits.tellsModification()
        && beginsUnknown
        && row.map(ApiResponse::value)
            .filter(each -> each.startedOn().isPresent() && !RunMatcher.beginsAtCreation(each))
            .isPresent();
  }

  private TrackedInstance memory() {
    return workflow.memory(id);
  }
}
