package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.observe.Change;
import io.flowmeter.ingest.observe.ChangeDetection;
import io.flowmeter.ingest.observe.EndMatcher;
import io.flowmeter.ingest.observe.InstanceKey;
import io.flowmeter.ingest.observe.RunMatcher;
import io.flowmeter.ingest.observe.Status;
import io.flowmeter.ingest.observe.TrackedInstance;
import io.flowmeter.ingest.poll.DetailRequest.Why;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.telemetry.LossReason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Takes rows of lists in: tells what a row tells by itself, and owes the detail where the row is
 * not enough. Used under the planner's lock.
 */
final class ListRowHandler {
  /**
   * Ended instances are remembered as long after they were listed or ended. What is not remembered
   * and was created so long before the newest row listed was settled; what was created later is
   * new, however late its row shows, and however wrong the source's clock was by minutes.
   */
  static final Duration REMEMBERED = TrackedInstance.REMEMBERED;

  private final PollerContext context;
  private final DetailQueue details;

  ListRowHandler(PollerContext context, DetailQueue details) {
    this.context = context;
    this.details = details;
  }

  /** Whether the row is of an instance that was listed before, known or settled. */
  boolean listedBefore(WorkflowState workflow, ListedInstance row) {
    return !workflow.memory(row.id()).isNew()
        || !details.idle(workflow.instance(row.id()))
        || isComplete(workflow, row)
        || workflow.backfill.isAhead(row);
  }

  /** What is not remembered of it was told and is forgotten, if it was there at all. */
  static boolean isComplete(WorkflowState workflow, ListedInstance row) {
    return workflow.listedTo.isPresent()
        && row.createdOn().isPresent()
        && row.createdOn().get().isBefore(workflow.listedTo.get().minus(REMEMBERED));
  }

  /**
   * Whether the row is news that {@link #take} leaves to a detail that is on its way: it may have
   * been asked for before, and tell less.
   */
  boolean leavesToDetail(WorkflowState workflow, ApiResponse<ListedInstance> row) {
    String id = row.value().id();
    return details.isRequested(workflow.instance(id))
        && ChangeDetection.isChange(workflow.memory(id), row);
  }

  /** A row of a list of the newest, or of one status. */
  void take(WorkflowState workflow, ApiResponse<ListedInstance> row) throws InterruptedException {
    ListedInstance seen = row.value();
    TrackedInstance tracked = workflow.memory(seen.id());
    InstanceKey key = workflow.instance(seen.id());
    workflow.nameVersion(seen.versionId());
    boolean behind = tracked.polledAt().filter(at -> !row.requestedAt().isAfter(at)).isPresent();
    if (details.isRequested(key)
        || behind && !EndMatcher.reportsLaterEnd(tracked, seen)
        || RunMatcher.isOfEarlierRun(tracked, seen)) {
      // A detail that was asked for later tells more, or told another life.
      return;
    }
    if (!context.traits().tellsModification()) {
      takeOrVisit(workflow, tracked, row);
    } else if (tracked.isNew()) {
      if (!Status.ended(seen.status())) {
        takeLive(workflow, tracked, row);
      } else if (!workflow.backfill.isAhead(seen)) {
        takeUnknownEnded(workflow, row);
      }
    } else if (tracked.sampledOut() && !tracked.vanished()) {
      takeOfSampledOut(workflow, tracked, row);
    } else if (tracked.ended() || tracked.vanished()) {
      takeOrVisit(workflow, tracked, row);
    } else if (Status.ended(seen.status())) {
      takeEnded(workflow, tracked, row, false);
    } else {
      takeLive(workflow, tracked, row);
    }
  }

  /** It is new, or was settled; and it lived again since, if nobody told its end. */
  private void takeUnknownEnded(WorkflowState workflow, ApiResponse<ListedInstance> row)
      throws InterruptedException {
    ListedInstance seen = row.value();
    if (!isComplete(workflow, seen)) {
      takeEnded(workflow, TrackedInstance.NONE, row, false);
      return;
    }
    Instant forgotten = row.respondedAt().minus(REMEMBERED);
    Optional<Instant> end = EndMatcher.end(seen);
    if (end.filter(at -> !workflow.ends.has(seen.id(), at, forgotten)).isEmpty()) {
      return;
    }
    if (RunMatcher.beginsAtCreation(seen)) {
      publishReopening(workflow, TrackedInstance.NONE.weighed(1), row);
      workflow.ends.add(seen.id(), end.get());
    } else {
      enqueueHeld(workflow, Why.of(seen.status()), row);
    }
  }

  /** Re-opened, it stays left out; of a new life nothing was decided yet. */
  private void takeOfSampledOut(
      WorkflowState workflow, TrackedInstance tracked, ApiResponse<ListedInstance> row)
      throws InterruptedException {
    ListedInstance seen = row.value();
    if (!ChangeDetection.isChange(tracked, row)) {
      return;
    }
    if (tracked.startedOn().isEmpty() || !tracked.startedOn().equals(seen.startedOn())) {
      enqueueHeld(workflow, Why.REBORN, row);
      return;
    }
    workflow.take(
        context,
        seen.id(),
        ChangeDetection.rowOfSameRun(workflow.instance(seen.id()), tracked, row));
    if (!tracked.ended() && workflow.memory(seen.id()).ended()) {
      context.telemetry().lost(LossReason.SAMPLED_OUT, 1);
    }
  }

  /**
   * A row of what was there before the first listing. Where something is remembered of it, it is
   * none of the past only: it lived, or was of a workflow made anew under the same name.
   */
  void takeOfBackfill(WorkflowState workflow, ApiResponse<ListedInstance> row)
      throws InterruptedException {
    ListedInstance seen = row.value();
    TrackedInstance tracked = workflow.memory(seen.id());
    if (!tracked.isNew()) {
      take(workflow, row);
      return;
    }
    if (!details.idle(workflow.instance(seen.id()))) {
      return;
    }
    if (!Status.ended(seen.status())) {
      workflow.nameVersion(seen.versionId());
      takeLive(workflow, tracked, row);
    } else if (!workflow.backfill.wasListed(seen)) {
      // Of those that were restarted before they were first seen nothing remembered says when they
      // were created: they may have been told and forgotten, though the past had yet to show them.
      Optional<Instant> end = EndMatcher.end(seen);
      if (end.filter(at -> workflow.ends.holds(seen.id(), at)).isEmpty()) {
        workflow.nameVersion(seen.versionId());
        takeEnded(workflow, tracked, row, true);
      }
    } else if (isComplete(workflow, seen)) {
      takeUnknownEnded(workflow, row);
    }
  }

  /** Where any change of a row may be a restart. */
  private void takeOrVisit(
      WorkflowState workflow, TrackedInstance tracked, ApiResponse<ListedInstance> row)
      throws InterruptedException {
    if (!ChangeDetection.wantsDetail(tracked, row)) {
      publish(workflow, tracked, row);
    } else if (EndMatcher.reportsAnotherEnd(tracked, row.value())
        || EndMatcher.reportsReopening(tracked, row.value())) {
      publishReopening(workflow, tracked, row);
    } else {
      enqueueHeld(workflow, Why.of(row.value().status()), row);
    }
  }

  /**
   * Where runs are sampled a new live one is told by its row, however long it was queued; a restart
   * that this misses shows by its detail. What may have been forgotten is not: its first life was
   * told.
   */
  private void takeLive(
      WorkflowState workflow, TrackedInstance tracked, ApiResponse<ListedInstance> row)
      throws InterruptedException {
    ListedInstance seen = row.value();
    if (tracked.isNew() && !details.idle(workflow.instance(seen.id()))) {
      // An earlier row waits for the detail; told after this one it would be news.
      return;
    }
    boolean settled = tracked.isNew() && isComplete(workflow, seen);
    boolean ofFirst = RunMatcher.beginsAtCreation(seen) && !Status.queued(seen.status());
    boolean forgotten = seen.createdOn().isEmpty() || settled && !ofFirst;
    // Where runs are sampled there is no detail to spare for everyone who was queued for long.
    boolean trusted = tracked.isNew() && workflow.sampler.k() > 1;
    if (forgotten || !trusted && RunMatcher.mayBeReborn(tracked, seen)) {
      enqueueHeld(workflow, Why.REBORN, row);
    } else {
      publish(workflow, settled ? tracked.weighed(1) : tracked, row);
    }
  }

  private void takeEnded(
      WorkflowState workflow,
      TrackedInstance tracked,
      ApiResponse<ListedInstance> row,
      boolean backfill)
      throws InterruptedException {
    ListedInstance seen = row.value();
    boolean mayBeReborn = RunMatcher.mayBeReborn(tracked, seen);
    boolean held = seen.createdOn().isEmpty() || mayBeReborn;
    InstanceKey key = workflow.instance(seen.id());
    boolean idle = details.idle(key);
    if (held && !idle) {
      return;
    }
    boolean restarted = mayBeReborn && tracked.startedOn().isPresent();
    boolean drawable =
        seen.status().equals("complete")
            && seen.createdOn().isPresent()
            && seen.startedOn().isPresent()
            && !restarted
            && !tracked.publishedLive()
            && tracked.weight().isEmpty()
            && idle;
    if (!backfill && !details.awaitsEnd(key)) {
      count(workflow, drawable);
    }
    Why why = backfill ? Why.BACKFILL : Why.of(seen.status());
    long weight = drawable ? weight(workflow, tracked, seen) : 1;
    if (held && weight > 0) {
      details.enqueue(enqueue(workflow, why, row, Optional.of(row)).weighed(weight));
      return;
    }
    publish(workflow, tracked.weighed(weight), row);
    if (backfill) {
      workflow.backfill.known();
    }
    if (workflow.memory(seen.id()).sampledOut()) {
      context.telemetry().lost(LossReason.SAMPLED_OUT, 1);
    } else {
      details.enqueue(enqueue(workflow, why, row, Optional.empty()));
    }
  }

  private static void count(WorkflowState workflow, boolean drawable) {
    if (drawable) {
      workflow.sampler.drawable();
    } else {
      workflow.sampler.other();
    }
  }

  private static long weight(WorkflowState workflow, TrackedInstance tracked, ListedInstance row) {
    long run =
        tracked
            .instanceRunss()
            .newest()
            .orElseGet(() -> row.createdOn().orElseThrow().toEpochMilli());
    return workflow.sampler.weight(row.id(), run);
  }

  private void publish(
      WorkflowState workflow, TrackedInstance tracked, ApiResponse<ListedInstance> row)
      throws InterruptedException {
    String id = row.value().id();
    workflow.take(context, id, ChangeDetection.row(workflow.instance(id), tracked, row));
  }

  /**
   * It was re-opened. Where it ended again in the same status counts do not tell, and nobody may
   * list it again; so it is told and remembered before the detail is had, and before it the row of
   * that run that waits for one.
   *
   * @param tracked of the run of which the row surely tells
   */
  private void publishReopening(
      WorkflowState workflow, TrackedInstance tracked, ApiResponse<ListedInstance> row)
      throws InterruptedException {
    String id = row.value().id();
    InstanceKey key = workflow.instance(id);
    if (details.idle(key) && Status.ended(row.value().status())) {
      count(workflow, false);
    }
    TrackedInstance before = tracked;
    Optional<ApiResponse<ListedInstance>> held =
        details.takeHeld(
            key, each -> each.startedOn().isEmpty() || RunMatcher.startedWith(tracked, each));
    if (held.isPresent()) {
      Change change = ChangeDetection.rowOfSameRun(key, tracked, held.get());
      workflow.take(context, id, change);
      before = change.tracked();
    }
    workflow.take(context, id, ChangeDetection.reopened(key, before, row));
    details.enqueue(enqueue(workflow, Why.of(row.value().status()), row, Optional.empty()));
  }

  /**
   * The row waits for the detail, which says of what life both speak. Where all that is known of
   * the instance is over, or forgotten, neither counts nor lists would show to another process that
   * there is more.
   */
  private void enqueueHeld(WorkflowState workflow, Why why, ApiResponse<ListedInstance> row)
      throws InterruptedException {
    ListedInstance seen = row.value();
    TrackedInstance tracked = workflow.memory(seen.id());
    Optional<ApiResponse<ListedInstance>> pending =
        Optional.of(row).filter(each -> ChangeDetection.isChange(tracked, each));
    boolean settled = tracked.isNew() && isComplete(workflow, seen);
    DetailRequest request = enqueue(workflow, why, row, pending).maybeForgotten(settled);
    if (details.idle(request.key()) && Status.ended(seen.status())) {
      count(workflow, false);
    }
    details.enqueue(request);
    boolean over = settled || !tracked.isNew() && !tracked.live() && !tracked.isDetailPending();
    if (over && pending.isPresent() && context.traits().newestFirst()) {
      workflow.rowWaits(context, seen.id(), true);
    }
  }

  private static DetailRequest enqueue(
      WorkflowState workflow,
      Why why,
      ApiResponse<ListedInstance> row,
      Optional<ApiResponse<ListedInstance>> held) {
    ListedInstance seen = row.value();
    return new DetailRequest(
        workflow, seen.id(), why, seen.endedOn().orElse(row.respondedAt()), held);
  }
}
