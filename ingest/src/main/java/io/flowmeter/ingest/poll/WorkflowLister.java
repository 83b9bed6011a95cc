package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.observe.Status;
import io.flowmeter.ingest.observe.TrackedInstance;
import io.flowmeter.ingest.poll.WorkflowPagination.Listed;
import io.flowmeter.ingest.publish.RecordEncoder.SweepEnd;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.ListedWorkflow;
import io.flowmeter.ingest.source.ResponsePage;
import io.flowmeter.schemas.fact.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists the workflows with their counts at every interval, and begins a sweep where they say that
 * something moved. The next list also says the counts after a sweep, so that no request is spent on
 * them. Used under the planner's lock.
 */
final class WorkflowLister {
  private static final Logger LOG = LoggerFactory.getLogger(WorkflowLister.class);

  private static final int PER_PAGE = 100;

  private static final Duration AFTER_FAILURE = Duration.ofSeconds(10);

  /** So many pages are kept for doubts of sweeps. */
  private static final int ROTATION_FROM = 10;

  private final PollerContext context;
  private final Planner planner;
  private final WorkflowRegistry registry;
  private final FailureReporter outage = new FailureReporter();
  private final Instant startedAt;

  private Instant dueAt;
  private boolean requested;
  private final WorkflowPagination list = new WorkflowPagination();

  /** Lists in a row that failed. */
  private int failures;

  private Optional<Instant> lastListed = Optional.empty();
  private int listRequests;
  private long pagesBefore;
  private long requestsInAll;
  private long bound;
  private final PageAllowance allowance = new PageAllowance();

  WorkflowLister(PollerContext context, Planner planner, List<Workflow> stored) {
    this.context = context;
    this.planner = planner;
    this.registry = new WorkflowRegistry(context.account(), stored);
    this.startedAt = context.clock().instant();
    this.dueAt = startedAt;
    this.pagesBefore = context.stats().listPages();
  }

  boolean due(Instant now) {
    return dueAt().filter(at -> !now.isBefore(at)).isPresent();
  }

  /** Where all are swept, a list would begin no sweep; it is due all the same once that lasts. */
  Optional<Instant> dueAt() {
    if (requested) {
      return Optional.empty();
    }
    boolean wouldBeginNone = list.at().isEmpty() && allBusy();
    Optional<Instant> atLast = lastListed.map(last -> last.plus(Pacing.LONGEST));
    return Optional.of(wouldBeginNone ? atLast.filter(dueAt::isBefore).orElse(dueAt) : dueAt);
  }

  private boolean allBusy() {
    boolean present = false;
    for (WorkflowState workflow : planner.workflows()) {
      if (workflow.present && workflow.sweeping.isEmpty()) {
        return false;
      }
      present |= workflow.present;
    }
    return present;
  }

  ApiRequest<ResponsePage<ListedWorkflow>> next() {
    requested = true;
    Optional<String> from = list.at();
    return new ApiRequest<>(
        "listing the workflows",
        (source, permit) -> source.workflows(permit, from),
        this::take,
        failure -> {
          requested = false;
          list.restart();
          failures++;
          dueAt = context.clock().instant().plus(afterFailure());
          outage.failed(failure.message());
          context.stats().problem(failure.message());
        });
  }

  /** The interval may be minutes, in which one request is lost soon; those of an outage are few. */
  private Duration afterFailure() {
    Duration pause = RetryBackoff.after(failures, AFTER_FAILURE);
    return pause.compareTo(planner.interval()) < 0 ? pause : planner.interval();
  }

  private void take(ApiResponse<ResponsePage<ListedWorkflow>> page) throws InterruptedException {
    requested = false;
    listRequests++;
    requestsInAll++;
    Optional<Listed> listed = list.take(page);
    if (listed.isPresent()) {
      failures = 0;
      take(listed.get());
    }
  }

  private void take(Listed listed) throws InterruptedException {
    ApiResponse<List<ListedWorkflow>> all = listed.rows();
    if (!listed.whole()) {
      context
          .stats()
          .problem(
              "listing the workflows: expected a name in each row, came "
                  + listed.skipped()
                  + " rows without: who is not in the list is not taken for deleted");
    }
    Instant now = context.clock().instant();
    Duration lasted =
        lastListed.map(last -> Duration.between(last, now)).orElse(planner.interval());
    lastListed = Optional.of(now);
    dueAt = now.plus(planner.interval());
    outage.over("the source lists its workflows again");
    publish(all, listed.whole());
    bound += (all.value().size() + PER_PAGE - 1) / PER_PAGE;
    long pages = context.stats().listPages() - pagesBefore;
    pagesBefore = context.stats().listPages();
    all.value().forEach(this::reported);
    planner.intervalOver(lasted, pages + listRequests + pagesLeft(), all.respondedAt());
    listRequests = 0;
    dueAt = now.plus(planner.interval());
    for (ApiResponse<ListedWorkflow> each : listed.each()) {
      listed(planner.workflow(each.value().name()), each);
    }
    rotate();
    evictDeleted(all.respondedAt());
  }

  private void reported(ListedWorkflow row) {
    planner.workflow(row.name()).sampler.reported(row.counts());
  }

  /** Pages that sweeps have yet to read. */
  private long pagesLeft() {
    return planner.workflows().stream()
        .flatMap(workflow -> workflow.sweeping.stream())
        .mapToLong(Sweep::pagesLeft)
        .sum();
  }

  /**
   * What belongs to a workflow that is gone is told before the workflow's own record, so that a
   * process that dies in between finds it gone again.
   */
  private void publish(ApiResponse<List<ListedWorkflow>> all, boolean whole)
      throws InterruptedException {
    for (ListedWorkflow each : all.value()) {
      if (planner.knows(each.name()) && isRecreated(planner.workflow(each.name()), each)) {
        LOG.info("workflow {} was made anew", each.name());
        WorkflowState workflow = planner.workflow(each.name());
        workflow.id = each.id();
        deleted(workflow, all.respondedAt(), each.createdOn().orElse(all.requestedAt()));
      }
    }
    for (Workflow change : registry.listed(all, whole)) {
      if (change.getDeletedAt() != null) {
        LOG.info("workflow {} was deleted", change.getWorkflow());
        deleted(planner.workflow(change.getWorkflow()), all.respondedAt(), change.getDeletedAt());
      } else if (!planner.knows(change.getWorkflow())) {
        LOG.info("workflow {} is new", change.getWorkflow());
      }
      context.sink().workflow(change);
      registry.published(change);
    }
    for (ListedWorkflow each : all.value()) {
      WorkflowState workflow = planner.workflow(each.name());
      workflow.id = each.id().or(() -> workflow.id);
      workflow.present = true;
    }
  }

  /** By its id; where that is missing before or now, by its creation. */
  private boolean isRecreated(WorkflowState workflow, ListedWorkflow now) {
    Optional<String> before = workflow.id.or(() -> registry.id(now.name()));
    return before.isPresent() && now.id().isPresent()
        ? !before.equals(now.id())
        : registry
            .createdOn(now.name())
            .filter(at -> now.createdOn().filter(at::isBefore).isPresent())
            .isPresent();
  }

  /** Its instances went with it; that they did is remembered at once. */
  private void deleted(WorkflowState workflow, Instant seen, Instant since)
      throws InterruptedException {
    planner.details().drop(workflow, seen, since);
    workflow.restarted();
    publishSweepEnd(workflow, seen, false, Map.of(), Map.of());
    context.telemetry().deleted(workflow.name());
  }

  /**
   * Of a workflow that was deleted long ago nothing is remembered but the number of its last sweep.
   * One that is made anew under its name begins from nothing else; neither can an instance show a
   * life that was told, for its creation names it.
   */
  private void evictDeleted(Instant now) throws InterruptedException {
    Instant deletedBefore = now.minus(ListRowHandler.REMEMBERED);
    for (WorkflowState workflow : List.copyOf(planner.workflows())) {
      Optional<Instant> deletedAt = registry.deletedAt(workflow.name());
      if (deletedAt.filter(deletedBefore::isAfter).isPresent()) {
        planner.details().drop(workflow, now, deletedAt.get());
        workflow.evictAll(context);
        planner.evict(workflow);
      }
    }
  }

  private void listed(WorkflowState workflow, ApiResponse<ListedWorkflow> row)
      throws InterruptedException {
    row.value().counts().map(CountReconciler::total).ifPresent(workflow.backfill::reported);
    context.telemetry().listed(workflow.name());
    if (workflow.sweeping.isPresent()) {
      if (workflow.sweeping.get() instanceof IncrementalSweep goesOn) {
        goesOn.listedMeanwhile(row.value());
      }
      return;
    }
    if (!context.traits().newestFirst()) {
      workflow.sweeping =
          Optional.of(new FullSweep(context, workflow, planner.rows(), planner.details(), row));
      return;
    }
    workflow.last = Optional.of(row);
    boolean moved = mayHaveMoved(workflow, row.value());
    endSweepBefore(workflow, row, moved);
    logProblems(workflow);
    if (moved) {
      start(workflow, row, false);
    } else {
      context.telemetry().swept(workflow.name());
      context.stats().swept(row.respondedAt());
    }
  }

  /**
   * Whether the counts say so, or the workflow's own row tells that an instance was made: where one
   * vanishes by age for each that is made and completes, counts stay as they are. Where they are
   * not told, only what has no live run, and none that is new, has surely not moved.
   */
  private static boolean mayHaveMoved(WorkflowState workflow, ListedWorkflow row) {
    if (row.counts().isEmpty()) {
      return workflow.live() > 0 || !nothingNew(workflow, row);
    }
    boolean made = row.triggeredOn().isPresent() && !row.triggeredOn().equals(workflow.triggeredOn);
    return made || !workflow.agreed.equals(row.counts());
  }

  /** No instance was made since the newest were listed, as far as the workflow's own row tells. */
  private static boolean nothingNew(WorkflowState workflow, ListedWorkflow row) {
    return workflow.listedTo.isPresent()
        && !workflow.triggeredLags
        && row.triggeredOn().isPresent()
        && row.triggeredOn().equals(workflow.triggeredOn);
  }

  private void start(WorkflowState workflow, ApiResponse<ListedWorkflow> row, boolean whole) {
    workflow.skippedRows = 0;
    workflow.sweeping =
        Optional.of(
            new IncrementalSweep(
                context,
                workflow,
                planner.rows(),
                planner.details(),
                row,
                allowance,
                !nothingNew(workflow, row.value()),
                whole));
  }

  /** A sweep that is over is told when the counts after it are known. */
  private void endSweepBefore(
      WorkflowState workflow, ApiResponse<ListedWorkflow> row, boolean moved)
      throws InterruptedException {
    Map<String, Long> counts = row.value().instances();
    if (workflow.swept.isPresent()) {
      IncrementalSweep swept = workflow.swept.get();
      if (workflow.pending == 0 || moved) {
        workflow.swept = Optional.empty();
        boolean complete = swept.complete() && isComplete(workflow);
        publishSweepEnd(workflow, row.respondedAt(), complete, swept.reported(), counts);
      }
    } else if (!moved && workflow.pending == 0 && isPublicationDue(workflow, row.respondedAt())) {
      publishSweepEnd(workflow, row.respondedAt(), isComplete(workflow), counts, counts);
    }
  }

  /** All is told that the counts hold: no detail is waited for, and no row waits with one. */
  private boolean isComplete(WorkflowState workflow) {
    return workflow.pending == 0 && !planner.details().holdsLive(workflow);
  }

  private boolean isPublicationDue(WorkflowState workflow, Instant now) {
    return workflow.published
        || workflow.backfill.hasChanges()
        || workflow
            .lastPublished
            .filter(last -> last.at().plus(context.settings().publicationInterval()).isAfter(now))
            .isEmpty();
  }

  private void publishSweepEnd(
      WorkflowState workflow,
      Instant at,
      boolean complete,
      Map<String, Long> before,
      Map<String, Long> after)
      throws InterruptedException {
    workflow.sweep++;
    context
        .sink()
        .sweepEnded(
            workflow.key(),
            at,
            new SweepEnd(workflow.sweep, complete, before, after),
            workflow.toCheckpoint(
                planner.details().oldestHeld(workflow),
                planner.details().newestHeldOfBackfill(workflow)));
    workflow.lastPublished = Optional.of(new WorkflowState.Told(at, complete, before));
    workflow.published = false;
  }

  /** A sweep asks nothing more. */
  void sweepOver(WorkflowState workflow, Sweep sweep) throws InterruptedException {
    workflow.sweeping = Optional.empty();
    if (sweep.complete()) {
      context.telemetry().swept(workflow.name());
    }
    if (sweep instanceof FullSweep whole) {
      endWhole(workflow, whole);
    } else if (sweep instanceof IncrementalSweep byStatus) {
      endByStatus(workflow, byStatus);
    }
  }

  private void endWhole(WorkflowState workflow, FullSweep sweep) throws InterruptedException {
    sweep.end();
    boolean complete = sweep.complete();
    if (workflow.published || !isAsLastPublished(workflow, sweep, complete)) {
      publishSweepEnd(workflow, sweep.latest(), complete, sweep.before(), sweep.after());
    }
    context.stats().swept(sweep.latest());
    logProblems(workflow);
  }

  /** The same was told a short time ago. */
  private boolean isAsLastPublished(WorkflowState workflow, FullSweep sweep, boolean complete) {
    Duration least = context.settings().publicationInterval();
    return workflow
        .lastPublished
        .filter(last -> last.at().plus(least).isAfter(sweep.latest()))
        .filter(last -> last.complete() == complete && last.reported().equals(sweep.before()))
        .isPresent();
  }

  private void endByStatus(WorkflowState workflow, IncrementalSweep sweep)
      throws InterruptedException {
    sweep.end();
    bound += sweep.bound();
    Instant now = context.clock().instant();
    sweep.read().forEach(status -> workflow.readWhole.put(status, now));
    workflow.agreed = sweep.agrees() ? sweep.counts() : Optional.empty();
    workflow.swept = Optional.of(sweep);
    Instant respondedAt = workflow.last.orElseThrow().respondedAt();
    context.stats().swept(respondedAt);
    complete(workflow, respondedAt);
  }

  /**
   * What ended long ago and is told need not be remembered but for its end, except where the
   * backfill is still to list it: whoever was killed in the middle of it had told more than its
   * place says. How far the workflow was listed must be told before: to a process that goes on from
   * less, it is new.
   */
  private void complete(WorkflowState workflow, Instant now) throws InterruptedException {
    Instant settledBefore = workflow.completeBefore().orElse(Instant.MIN);
    Instant endedBefore = now.minus(ListRowHandler.REMEMBERED);
    List<String> settled = new ArrayList<>();
    for (Map.Entry<String, TrackedInstance> known : workflow.instances()) {
      TrackedInstance tracked = known.getValue();
      Optional<Instant> over = tracked.vanished() ? tracked.missingSince() : tracked.endSeenAt();
      if (!tracked.live()
          && !tracked.isDetailPending()
          && over.filter(endedBefore::isAfter).isPresent()
          && CountReconciler.created(tracked).isBefore(settledBefore)
          && !workflow.backfill.willShow(CountReconciler.created(tracked))
          && planner.details().idle(workflow.instance(known.getKey()))) {
        settled.add(known.getKey());
      }
    }
    settled.sort(Comparator.comparing(id -> workflow.memory(id).endSeenAt().orElse(Instant.MIN)));
    workflow.evictEnded(context, settled, endedBefore);
  }

  /**
   * Reads one workflow whole that was not for longest, when that much is to spare: two instances
   * that swap their statuses leave the counts as they were.
   */
  private void rotate() {
    Optional<WorkflowState> oldest =
        planner.workflows().stream()
            .filter(workflow -> workflow.present && workflow.sweeping.isEmpty())
            .filter(workflow -> workflow.last.isPresent() && workflow.live() > 0)
            .min(Comparator.comparing(WorkflowLister::readWholeAt));
    if (oldest.isEmpty()) {
      return;
    }
    WorkflowState workflow = oldest.get();
    Map<String, Long> pages = new HashMap<>();
    for (Map.Entry<String, TrackedInstance> known : workflow.instances()) {
      if (known.getValue().live()) {
        pages.merge(known.getValue().status(), 1L, Long::sum);
      }
    }
    long cost = 1 + pages.values().stream().mapToLong(n -> (n + PER_PAGE - 1) / PER_PAGE).sum();
    if (allowance.has(ROTATION_FROM + cost)) {
      start(workflow, workflow.last.get(), true);
    }
  }

  private static Instant readWholeAt(WorkflowState workflow) {
    return workflow.last.get().value().instances().entrySet().stream()
        .filter(count -> count.getValue() > 0 && !Status.ended(count.getKey()))
        .map(count -> workflow.readWhole.getOrDefault(count.getKey(), Instant.MIN))
        .min(Comparator.naturalOrder())
        .orElse(Instant.MAX);
  }

  /**
   * One line when a workflow's sweeps begin to be incomplete, and one when they are whole again.
   */
  private void logProblems(WorkflowState workflow) {
    if (workflow.problems.isEmpty()) {
      workflow.failures.over("sweeps of " + workflow.name() + " are whole again");
      return;
    }
    String first = workflow.problems.get(0);
    context.stats().problem(first);
    workflow.failures.failed(
        "sweeps of "
            + workflow.name()
            + " are incomplete; of this one "
            + workflow.problems.size()
            + " requests told nothing, the first: "
            + first);
    workflow.problems.clear();
  }

  long requests() {
    return requestsInAll + context.stats().listPages();
  }

  long bound() {
    return bound;
  }

  /** The time until all of the past is fetched, at the pace since the start. */
  Optional<Duration> left(long all, long fetched) {
    if (all <= fetched) {
      return Optional.of(Duration.ZERO);
    }
    Duration took = Duration.between(startedAt, context.clock().instant());
    return fetched == 0
        ? Optional.empty()
        : Optional.of(Duration.ofMillis(took.toMillis() * (all - fetched) / fetched));
  }
}
