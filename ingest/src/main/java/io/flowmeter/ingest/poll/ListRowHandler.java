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

  private final PollerContext polling;
  private final DetailQueue details;

  ListRowHandler(PollerContext polling, DetailQueue details) {
    this.polling = polling;
    this.details = details;
  }

  /** Whether the row is of an instance that was listed before, known or settled. */
  boolean listedBefore(WorkflowState workflow, ListedInstance row) {
    return !workflow.memory(row.id()).isNew()
        || !details.idle(workflow.instance(row.id()))
        || settled(workflow, row)
        || workflow.backfill.isAhead(row);
  }

  /** What is not remembered of it was told and is forgotten, if it was there at all. */
  static boolean settled(WorkflowState workflow, ListedInstance row) {
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
    return details.asked(workflow.instance(id)) && ChangeDetection.isNews(workflow.memory(id), row);
  }

  /** A row of a list of the newest, or of one status. */
  void take(WorkflowState workflow, ApiResponse<ListedInstance> row) throws InterruptedException {
    ListedInstance seen = row.value();
    TrackedInstance memory = workflow.memory(seen.id());
    InstanceKey key = workflow.instance(seen.id());
    workflow.nameVersion(seen.versionId());
    boolean behind = memory.lookedAt().filter(at -> !row.asked().isAfter(at)).isPresent();
    if (details.asked(key)
        || behind && !EndMatcher.tellsLaterEnd(memory, seen)
        || RunMatcher.isOfEarlierLife(memory, seen)) {
      // A detail that was asked for later tells more, or told another life.
      return;
    }
    if (!polling.traits().tellsModification()) {
      takeOrVisit(workflow, memory, row);
    } else if (memory.isNew()) {
      if (!Status.ended(seen.status())) {
        takeLive(workflow, memory, row);
      } else if (!workflow.backfill.isAhead(seen)) {
        takeUnknownEnded(workflow, row);
      }
    } else if (memory.sampledOut() && !memory.vanished()) {
      takeOfSampledOut(workflow, memory, row);
    } else if (memory.ended() || memory.vanished()) {
      takeOrVisit(workflow, memory, row);
    } else if (Status.ended(seen.status())) {
      takeEnded(workflow, memory, row, false);
    } else {
      takeLive(workflow, memory, row);
    }
  }

  /** It is new, or was settled; and it lived again since, if nobody told its end. */
  private void takeUnknownEnded(WorkflowState workflow, ApiResponse<ListedInstance> row)
      throws InterruptedException {
    ListedInstance seen = row.value();
    if (!settled(workflow, seen)) {
      takeEnded(workflow, TrackedInstance.NONE, row, false);
      return;
    }
    Instant forgotten = row.answered().minus(REMEMBERED);
    Optional<Instant> end = EndMatcher.end(seen);
    if (end.filter(at -> !workflow.ends.has(seen.id(), at, forgotten)).isEmpty()) {
      return;
    }
    if (RunMatcher.beginsAtCreation(seen)) {
      tellReopened(workflow, TrackedInstance.NONE.weighed(1), row);
      workflow.ends.add(seen.id(), end.get());
    } else {
      oweHeld(workflow, Why.of(seen.status()), row);
    }
  }

  /** Re-opened, it stays left out; of a new life nothing was decided yet. */
  private void takeOfSampledOut(
      WorkflowState workflow, TrackedInstance memory, ApiResponse<ListedInstance> row)
      throws InterruptedException {
    ListedInstance seen = row.value();
    if (!ChangeDetection.isNews(memory, row)) {
      return;
    }
    if (memory.startedOn().isEmpty() || !memory.startedOn().equals(seen.startedOn())) {
      oweHeld(workflow, Why.REBORN, row);
      return;
    }
    workflow.take(
        polling,
        seen.id(),
        ChangeDetection.rowOfSameLife(workflow.instance(seen.id()), memory, row));
    if (!memory.ended() && workflow.memory(seen.id()).ended()) {
      polling.telemetry().lost(LossReason.SAMPLED_OUT, 1);
    }
  }

  /**
   * A row of what was there before the first listing. Where something is remembered of it, it is
   * none of the past only: it lived, or was of a workflow made anew under the same name.
   */
  void takeOfBackfill(WorkflowState workflow, ApiResponse<ListedInstance> row)
      throws InterruptedException {
    ListedInstance seen = row.value();
    TrackedInstance memory = workflow.memory(seen.id());
    if (!memory.isNew()) {
      take(workflow, row);
      return;
    }
    if (!details.idle(workflow.instance(seen.id()))) {
      return;
    }
    if (!Status.ended(seen.status())) {
      workflow.nameVersion(seen.versionId());
      takeLive(workflow, memory, row);
    } else if (!workflow.backfill.wasListed(seen)) {
      // Of those that were restarted before they were first seen nothing remembered says when they
      // were created: they may have been told and forgotten, though the past had yet to show them.
      Optional<Instant> end = EndMatcher.end(seen);
      if (end.filter(at -> workflow.ends.holds(seen.id(), at)).isEmpty()) {
        workflow.nameVersion(seen.versionId());
        takeEnded(workflow, memory, row, true);
      }
    } else if (settled(workflow, seen)) {
      takeUnknownEnded(workflow, row);
    }
  }

  /** Where any change of a row may be a restart. */
  private void takeOrVisit(
      WorkflowState workflow, TrackedInstance memory, ApiResponse<ListedInstance> row)
      throws InterruptedException {
    if (!ChangeDetection.wantsDetail(memory, row)) {
      tell(workflow, memory, row);
    } else if (EndMatcher.tellsAnotherEnd(memory, row.value())
        || EndMatcher.tellsReopened(memory, row.value())) {
      tellReopened(workflow, memory, row);
    } else {
      oweHeld(workflow, Why.of(row.value().status()), row);
    }
  }

  /**
   * Where runs are sampled a new live one is told by its row, however long it was queued; a restart
   * that this misses shows by its detail. What may have been forgotten is not: its first life was
   * told.
   */
  private void takeLive(
      WorkflowState workflow, TrackedInstance memory, ApiResponse<ListedInstance> row)
      throws InterruptedException {
    ListedInstance seen = row.value();
    if (memory.isNew() && !details.idle(workflow.instance(seen.id()))) {
      // An earlier row waits for the detail; told after this one it would be news.
      return;
    }
    boolean settled = memory.isNew() && settled(workflow, seen);
    boolean ofFirst = RunMatcher.beginsAtCreation(seen) && !Status.queued(seen.status());
    boolean forgotten = seen.createdOn().isEmpty() || settled && !ofFirst;
    // Where runs are sampled there is no detail to spare for everyone who was queued for long.
    boolean trusted = memory.isNew() && workflow.stratum.k() > 1;
    if (forgotten || !trusted && RunMatcher.mayBeReborn(memory, seen)) {
      oweHeld(workflow, Why.REBORN, row);
    } else {
      tell(workflow, settled ? memory.weighed(1) : memory, row);
    }
  }

  private void takeEnded(
      WorkflowState workflow,
      TrackedInstance memory,
      ApiResponse<ListedInstance> row,
      boolean backfill)
      throws InterruptedException {
    ListedInstance seen = row.value();
    boolean mayBeReborn = RunMatcher.mayBeReborn(memory, seen);
    boolean held = seen.createdOn().isEmpty() || mayBeReborn;
    InstanceKey key = workflow.instance(seen.id());
    boolean idle = details.idle(key);
    if (held && !idle) {
      return;
    }
    boolean restarted = mayBeReborn && memory.startedOn().isPresent();
    boolean drawable =
        seen.status().equals("complete")
            && seen.createdOn().isPresent()
            && seen.startedOn().isPresent()
            && !restarted
            && !memory.toldLive()
            && memory.weight().isEmpty()
            && idle;
    if (!backfill && !details.awaitsEnd(key)) {
      count(workflow, drawable);
    }
    Why why = backfill ? Why.BACKFILL : Why.of(seen.status());
    long weight = drawable ? weight(workflow, memory, seen) : 1;
    if (held && weight > 0) {
      details.owe(owed(workflow, why, row, Optional.of(row)).weighed(weight));
      return;
    }
    tell(workflow, memory.weighed(weight), row);
    if (backfill) {
      workflow.backfill.known();
    }
    if (workflow.memory(seen.id()).sampledOut()) {
      polling.telemetry().lost(LossReason.SAMPLED_OUT, 1);
    } else {
      details.owe(owed(workflow, why, row, Optional.empty()));
    }
  }

  private static void count(WorkflowState workflow, boolean drawable) {
    if (drawable) {
      workflow.stratum.drawable();
    } else {
      workflow.stratum.other();
    }
  }

  private static long weight(WorkflowState workflow, TrackedInstance memory, ListedInstance row) {
    long run =
        memory.lives().newest().orElseGet(() -> row.createdOn().orElseThrow().toEpochMilli());
    return workflow.stratum.weight(row.id(), run);
  }

  private void tell(WorkflowState workflow, TrackedInstance memory, ApiResponse<ListedInstance> row)
      throws InterruptedException {
    String id = row.value().id();
    workflow.take(polling, id, ChangeDetection.row(workflow.instance(id), memory, row));
  }

  /**
   * It was re-opened. Where it ended again in the same status counts do not tell, and nobody may
   * list it again; so it is told and remembered before the detail is had, and before it the row of
   * that run that waits for one.
   *
   * @param memory of the run of which the row surely tells
   */
  private void tellReopened(
      WorkflowState workflow, TrackedInstance memory, ApiResponse<ListedInstance> row)
      throws InterruptedException {
    String id = row.value().id();
    InstanceKey key = workflow.instance(id);
    if (details.idle(key) && Status.ended(row.value().status())) {
      count(workflow, false);
    }
    TrackedInstance before = memory;
    Optional<ApiResponse<ListedInstance>> held =
        details.takeHeld(
            key, each -> each.startedOn().isEmpty() || RunMatcher.beganWith(memory, each));
    if (held.isPresent()) {
      Change change = ChangeDetection.rowOfSameLife(key, memory, held.get());
      workflow.take(polling, id, change);
      before = change.memory();
    }
    workflow.take(polling, id, ChangeDetection.reopened(key, before, row));
    details.owe(owed(workflow, Why.of(row.value().status()), row, Optional.empty()));
  }

  /**
   * The row waits for the detail, which says of what life both speak. Where all that is known of
   * the instance is over, or forgotten, neither counts nor lists would show to another process that
   * there is more.
   */
  private void oweHeld(WorkflowState workflow, Why why, ApiResponse<ListedInstance> row)
      throws InterruptedException {
    ListedInstance seen = row.value();
    TrackedInstance memory = workflow.memory(seen.id());
    Optional<ApiResponse<ListedInstance>> untold =
        Optional.of(row).filter(each -> ChangeDetection.isNews(memory, each));
    boolean settled = memory.isNew() && settled(workflow, seen);
    DetailRequest owed = owed(workflow, why, row, untold).maybeForgotten(settled);
    if (details.idle(owed.key()) && Status.ended(seen.status())) {
      count(workflow, false);
    }
    details.owe(owed);
    boolean over = settled || !memory.isNew() && !memory.live() && !memory.owed();
    if (over && untold.isPresent() && polling.traits().newestFirst()) {
      workflow.rowWaits(polling, seen.id(), true);
    }
  }

  private static DetailRequest owed(
      WorkflowState workflow,
      Why why,
      ApiResponse<ListedInstance> row,
      Optional<ApiResponse<ListedInstance>> held) {
    ListedInstance seen = row.value();
    return new DetailRequest(workflow, seen.id(), why, seen.endedOn().orElse(row.answered()), held);
  }
}
