package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.budget.Priority;
import io.flowmeter.ingest.poll.DetailRequest.Why;
import io.flowmeter.ingest.publish.CheckpointSnapshot;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.fact.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Decides which request now tells most. It asks nothing itself: whoever has a permit takes {@link
 * #next}, asks, and settles the answer; so every permit goes to what tells most at the moment it is
 * granted. Not thread-safe: all of it is used under one lock, the poller's.
 */
final class Planner {
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  /** Of the lists, so many are of versions while sweeps wait. */
  private static final double FOR_VERSIONS = 0.1;

  /** Where there are more workflows, their versions are listed more seldom. */
  private static final int FEW_WORKFLOWS = 100;

  /** So many details of a page of the past may wait when the next page is read. */
  private static final int BACKFILL_WAITING = 50;

  private final PollerContext context;
  private final Map<String, WorkflowState> workflows = new LinkedHashMap<>();

  /**
   * How often workflows of which nothing is left were swept: one of the same name goes on there.
   */
  private final Map<String, Long> sweepsOfGone = new HashMap<>();

  private final StepTimes steps = new StepTimes();
  private final DetailQueue details;
  private final ListRowHandler rows;
  private final LiveRechecks rechecks;
  private final Pacing pacing;
  private final WorkflowLister lister;

  /** Requests that the budget grants a second under load. */
  private double perSecond;

  private double listTurn;
  private double versionsTurn;
  private double backfillTurn;

  Planner(PollerContext context, CheckpointSnapshot snapshot) {
    this.context = context;
    this.details = new DetailQueue(context, steps);
    this.rows = new ListRowHandler(context, details);
    this.rechecks = new LiveRechecks(context, steps, details);
    this.pacing = new Pacing(context.settings().interval());
    this.perSecond = Double.POSITIVE_INFINITY;
    for (Checkpoint checkpoint : snapshot.checkpoints()) {
      workflow(checkpoint.getWorkflow()).restore(checkpoint);
    }
    for (Version version : snapshot.versions()) {
      workflow(version.getWorkflow()).versions.put(version.getVersionId(), version);
    }
    this.lister = new WorkflowLister(context, this, snapshot.workflows());
    if (context.traits().newestFirst()) {
      workflows.values().forEach(this::enqueueAgain);
    }
  }

  /** What was owed when the last process ended. */
  private void enqueueAgain(WorkflowState workflow) {
    workflow
        .instances()
        .forEach(
            known -> {
              if (known.getValue().isDetailPending()) {
                Instant end = known.getValue().endSeenAt().orElse(Instant.MIN);
                Why why = Why.of(known.getValue().status());
                details.enqueue(
                    new DetailRequest(workflow, known.getKey(), why, end, Optional.empty()));
              }
            });
    for (String id : workflow.rowsWaiting()) {
      details.enqueue(new DetailRequest(workflow, id, Why.REBORN, Instant.MIN, Optional.empty()));
    }
  }

  WorkflowState workflow(String name) {
    return workflows.computeIfAbsent(name, this::unknown);
  }

  private WorkflowState unknown(String name) {
    WorkflowState workflow = new WorkflowState(context.account(), name, context.clock());
    workflow.sweep = Optional.ofNullable(sweepsOfGone.remove(name)).orElse(0L);
    return workflow;
  }

  /** Of a workflow that is gone nothing is left. */
  void evict(WorkflowState workflow) {
    workflows.remove(workflow.name());
    sweepsOfGone.put(workflow.name(), workflow.sweep);
  }

  boolean knows(String name) {
    return workflows.containsKey(name);
  }

  Collection<WorkflowState> workflows() {
    return workflows.values();
  }

  DetailQueue details() {
    return details;
  }

  ListRowHandler rows() {
    return rows;
  }

  /** The budget grants so many requests a second under load. */
  void granted(double perSecond) {
    this.perSecond = perSecond;
  }

  /** Whether a permit would have a use now. */
  boolean due(Instant now) {
    if (context.stopping().getAsBoolean()) {
      return false;
    }
    details.wake(now);
    return lister.due(now)
        || details.ready() > 0
        || rechecks.ready(now, perSecond)
        || workflows.values().stream()
            .anyMatch(workflow -> sweepWantsRequest(workflow, now) || hasVersions(workflow, now))
        || details.backfillReady() > 0
        || backfillPage().isPresent();
  }

  /** The shortest first, so that no workflow waits for all pages of a large one. */
  private static long pagesLeft(WorkflowState workflow) {
    return workflow.sweeping.map(Sweep::pagesLeft).orElse(0L);
  }

  private static boolean sweepWantsRequest(WorkflowState workflow, Instant now) {
    return workflow.sweeping.filter(sweep -> sweep.wantsRequest(now)).isPresent();
  }

  private boolean hasVersions(WorkflowState workflow, Instant now) {
    return workflow.moreVersions.isPresent()
        || workflow.present && VersionListing.due(workflow, now, versionsEvery());
  }

  /** Those that instances name are listed at once: these are to see what was only deployed. */
  private Duration versionsEvery() {
    int times = (workflows.size() + FEW_WORKFLOWS - 1) / FEW_WORKFLOWS;
    return context.settings().versionsEvery().multipliedBy(Math.max(1, times));
  }

  /** How long until something may be due that is not due now; at most a second. */
  Duration idle(Instant now) {
    Instant at = now.plus(LOOK_AGAIN);
    at = earlier(at, lister.dueAt());
    at = earlier(at, details.wakesAt());
    at = earlier(at, rechecks.readyAt(now, perSecond));
    Duration idle = Duration.between(now, at);
    return idle.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : idle;
  }

  private static Instant earlier(Instant a, Optional<Instant> b) {
    return b.filter(a::isAfter).orElse(a);
  }

  Priority urgency() {
    return details.urgent() ? Priority.URGENT : Priority.USUAL;
  }

  /** The most telling question; empty where none is worth a request now. */
  Optional<ApiRequest<?>> next(Instant now) {
    if (context.stopping().getAsBoolean()) {
      return Optional.empty();
    }
    details.wake(now);
    if (lister.due(now)) {
      return Optional.of(lister.next());
    }
    if (!details.urgent() && rechecks.ready(now, perSecond)) {
      return Optional.of(rechecks.next(now, perSecond));
    }
    return listOrDetail(now).or(this::past);
  }

  /**
   * Lists and details take turns, so that neither waits for all of the others, however many runs
   * errored: lists are through in the first half of the interval, and the most urgent details go on
   * being told meanwhile.
   */
  private Optional<ApiRequest<?>> listOrDetail(Instant now) {
    Optional<WorkflowState> sweep =
        workflows.values().stream()
            .filter(workflow -> sweepWantsRequest(workflow, now))
            .min(Comparator.comparingLong(Planner::pagesLeft));
    Optional<WorkflowState> versions =
        workflows.values().stream().filter(workflow -> hasVersions(workflow, now)).findFirst();
    boolean list = sweep.isPresent() || versions.isPresent();
    boolean detail = details.ready() > 0;
    if (list && detail) {
      listTurn += pacing.listShare(perSecond);
      if (listTurn >= 1) {
        listTurn -= 1;
        detail = false;
      }
    }
    if (detail && !details.urgent() && pastGoesOn()) {
      return past();
    }
    if (detail) {
      return details.next();
    }
    if (versions.isPresent() && (sweep.isEmpty() || versionsTurn())) {
      return Optional.of(versions(versions.get(), now).of(versions.get()));
    }
    return sweep.flatMap(
        each -> each.sweeping.flatMap(of -> of.next(now)).map(request -> request.of(each)));
  }

  /** Versions tell least of all lists, and must not wait for ever. */
  private boolean versionsTurn() {
    versionsTurn += FOR_VERSIONS;
    if (versionsTurn < 1) {
      return false;
    }
    versionsTurn -= 1;
    return true;
  }

  private ApiRequest<?> versions(WorkflowState workflow, Instant now) {
    Optional<ApiRequest<?>> more = workflow.moreVersions;
    workflow.moreVersions = Optional.empty();
    return more.isPresent() ? more.get() : VersionListing.first(context, workflow, now);
  }

  /** Where runs are sampled, permits are never idle: the past gets a share of them. */
  private boolean pastGoesOn() {
    if (!pacing.samples() || details.backfillReady() == 0 && backfillPage().isEmpty()) {
      return false;
    }
    backfillTurn += Pacing.FOR_BACKFILL;
    if (backfillTurn < 1) {
      return false;
    }
    backfillTurn -= 1;
    return true;
  }

  private Optional<ApiRequest<?>> past() {
    Optional<WorkflowState> page = backfillPage();
    if (page.isPresent()) {
      return Optional.of(page.get().backfill.next(rows).of(page.get()));
    }
    return details.nextOfBackfill();
  }

  /** The workflow whose past is read next, when few details of the past wait. */
  private Optional<WorkflowState> backfillPage() {
    if (details.backfillReady() > BACKFILL_WAITING) {
      return Optional.empty();
    }
    return workflows.values().stream()
        .filter(workflow -> workflow.present && workflow.backfill.wantsRequest())
        .max((a, b) -> a.backfill.reached().compareTo(b.backfill.reached()));
  }

  /** An answer was settled: what is over now is told. */
  void completed() throws InterruptedException {
    for (WorkflowState workflow : workflows.values()) {
      if (workflow.sweeping.isPresent() && workflow.sweeping.get().over()) {
        lister.sweepOver(workflow, workflow.sweeping.get());
      }
    }
  }

  /** The workflows are listed anew, and the interval is over. */
  void intervalOver(Duration lasted, long listRequests, Instant seen) throws InterruptedException {
    details.leaveOutBeyond(DetailQueue.MOST);
    boolean backfills = workflows.values().stream().anyMatch(each -> each.backfill.lasts());
    pacing.over(
        lasted,
        perSecond,
        listRequests,
        rechecks.drain(),
        details.ready(),
        backfills,
        workflows.values().stream().filter(each -> each.present).toList());
    details.retryAfter(pacing.interval());
    if (context.traits().newestFirst()) {
      rechecks.plan(workflows.values(), pacing.interval(), Math.min(perSecond, 1e6), seen);
    }
  }

  Duration interval() {
    return pacing.interval();
  }

  /** What is decided at present. */
  PollPlan planning() {
    long known = 0;
    long fetched = 0;
    long ahead = 0;
    boolean resumed = false;
    long k = 1;
    for (WorkflowState workflow : workflows.values()) {
      Backfill.Reach reach = workflow.backfill.reach();
      known += reach.known();
      fetched += reach.fetched();
      ahead += reach.ahead();
      resumed |= reach.resumed();
      k = Math.max(k, workflow.sampler.k());
    }
    return new PollPlan(
        pacing.interval(),
        pacing.reason(),
        perSecond,
        pacing.endedPerSecond(),
        k,
        lister.requests(),
        lister.bound(),
        details.ready(),
        new PollPlan.Backfilling(
            known, fetched, ahead, lister.left(known + ahead, fetched), resumed));
  }
}
