package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.observe.Change;
import io.flowmeter.ingest.observe.ChangeDetection;
import io.flowmeter.ingest.observe.EndMatcher;
import io.flowmeter.ingest.observe.InstanceKey;
import io.flowmeter.ingest.observe.RunMatcher;
import io.flowmeter.ingest.observe.Status;
import io.flowmeter.ingest.observe.TrackedInstance;
import io.flowmeter.ingest.poll.ApiRequest.Failure;
import io.flowmeter.ingest.poll.DetailRequest.Why;
import io.flowmeter.ingest.source.ApiFailure;
import io.flowmeter.ingest.source.ApiFailureException;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.InstanceDetail;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.telemetry.LossReason;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The details that are owed, each once: those of errored runs first, then of terminated ones, then
 * by the time of the end, so that no run waits much longer than the others. Used under the
 * planner's lock.
 */
final class DetailQueue {
  private static final Logger LOG = LoggerFactory.getLogger(DetailQueue.class);

  /**
   * So many details may wait: those of ten hours at production's pace, in about 100 MB. Errored and
   * terminated runs are never sampled, so that nothing else ends what waits where they outrun the
   * budget for days.
   */
  static final int MOST = 100_000;

  /**
   * A row that may be of a later life than the one it would be told of waits for its detail until
   * that failed so often: 31 intervals, and a few minutes at least.
   */
  private static final int ROW_IS_TOLD_AFTER = 6;

  private final PollerContext context;
  private final StepTimes steps;
  private final PriorityQueue<DetailRequest> ready = new PriorityQueue<>(DetailRequest.ORDER);
  private final PriorityQueue<DetailRequest> backfill =
      new PriorityQueue<>(Comparator.comparing(DetailRequest::end).reversed());
  private final PriorityQueue<Later> later = new PriorityQueue<>(Comparator.comparing(Later::at));
  private final Map<InstanceKey, DetailRequest> waiting = new HashMap<>();
  private final Map<InstanceKey, DetailRequest> isRequested = new HashMap<>();
  private Duration retryAfter;
  private long foundAlive;

  DetailQueue(PollerContext context, StepTimes steps) {
    this.context = context;
    this.steps = steps;
    this.retryAfter = context.settings().interval();
  }

  private record Later(Instant at, DetailRequest request) {}

  /** What failed, or was not found, is asked for again after so long. */
  void retryAfter(Duration interval) {
    retryAfter = interval;
  }

  /** Nothing is on its way or waiting for this instance. */
  boolean idle(InstanceKey key) {
    return !waiting.containsKey(key) && !isRequested.containsKey(key);
  }

  /** It ended, as its row or its absence says, and its detail is on its way or waiting. */
  boolean awaitsEnd(InstanceKey key) {
    return Stream.of(waiting, isRequested)
        .flatMap(each -> Optional.ofNullable(each.get(key)).stream())
        .anyMatch(DetailRequest::awaitsEnd);
  }

  /** Its detail is being asked for. */
  boolean isRequested(InstanceKey key) {
    return isRequested.containsKey(key);
  }

  /**
   * Takes the row that waits for the detail, where it is such, for whoever tells it before that.
   */
  Optional<ApiResponse<ListedInstance>> takeHeld(InstanceKey key, Predicate<ListedInstance> which) {
    Optional<DetailRequest> request =
        Optional.ofNullable(waiting.get(key))
            .filter(each -> each.row().filter(row -> which.test(row.value())).isPresent());
    request.ifPresent(each -> waiting.put(key, each.withoutRow()));
    return request.flatMap(DetailRequest::row);
  }

  /**
   * Adds what is not there yet. A detail that waits without a row takes its row along, and one
   * whose run ended meanwhile the row that says so: an end that nothing tells goes before others.
   */
  void enqueue(DetailRequest request) {
    InstanceKey key = request.key();
    DetailRequest there = waiting.get(key);
    if (there != null
        && request.row().isPresent()
        && (there.row().isEmpty() || endedSince(there, request))) {
      DetailRequest now = there.withRowOf(request);
      waiting.put(key, now);
      if (ready.removeIf(each -> each.key().equals(key))) {
        ready.add(now);
      }
    }
    if (!idle(key)) {
      return;
    }
    waiting.put(key, request);
    (request.why() == Why.BACKFILL ? backfill : ready).add(request);
    pend(request, 1);
  }

  /** The run whose row waits ended, by another row: it has not another beginning. */
  private static boolean endedSince(DetailRequest there, DetailRequest request) {
    Optional<Instant> startedAt = there.row().flatMap(row -> row.value().startedOn());
    return !there.holdsEnd()
        && request.holdsEnd()
        && (startedAt.isEmpty() || RunMatcher.startedThen(startedAt, request.row().get().value()));
  }

  private static void pend(DetailRequest request, int more) {
    request.workflow().pending += request.keepsSweep() ? more : 0;
  }

  private void enqueueLater(DetailRequest request) {
    waiting.put(request.key(), request);
    Duration pause = RetryBackoff.after(request.failures(), retryAfter);
    later.add(new Later(context.clock().instant().plus(pause), request));
    pend(request, 1);
  }

  /** What had to wait and need wait no longer. */
  void wake(Instant now) {
    while (!later.isEmpty() && !later.peek().at().isAfter(now)) {
      DetailRequest request = later.poll().request();
      (request.why() == Why.BACKFILL ? backfill : ready).add(request);
    }
  }

  Optional<Instant> wakesAt() {
    return Optional.ofNullable(later.peek()).map(Later::at);
  }

  /**
   * Where more wait than may, the runs that ended first are known by their rows alone, as those
   * that are sampled out are. The queues are emptied last, so that what could not be told is found
   * again.
   */
  void leaveOutBeyond(int most) throws InterruptedException {
    List<DetailRequest> tooMany =
        waiting.values().stream()
            .filter(each -> each.mayBeLeftOut() && each.identifiesRun(context.traits()))
            .sorted(Comparator.comparing(DetailRequest::end).thenComparing(DetailRequest::id))
            .limit(Math.max(0, waiting.size() - most))
            .toList();
    if (tooMany.isEmpty()) {
      return;
    }
    for (DetailRequest each : tooMany) {
      leaveOut(each);
    }
    Set<InstanceKey> keys = tooMany.stream().map(DetailRequest::key).collect(Collectors.toSet());
    ready.removeIf(each -> keys.contains(each.key()));
    later.removeIf(each -> keys.contains(each.request().key()));
    waiting.keySet().removeAll(keys);
    tooMany.forEach(each -> pend(each, -1));
    LOG.atWarn()
        .addKeyValue("event", "details_dropped")
        .addKeyValue("account", context.account())
        .addKeyValue("runs", tooMany.size())
        .log(
            "more runs errored and were terminated than the request budget can fetch for hours: {}"
                + " that ended first are told without their steps",
            tooMany.size());
  }

  private void leaveOut(DetailRequest request) throws InterruptedException {
    publishListRow(request);
    WorkflowState workflow = request.workflow();
    workflow.rowWaits(context, request.id(), false);
    TrackedInstance tracked = workflow.memory(request.id());
    if (tracked.isDetailPending()) {
      workflow.take(context, request.id(), ChangeDetection.leftOut(tracked));
      context.telemetry().lost(LossReason.SAMPLED_OUT, 1);
    }
  }

  /**
   * Of a workflow that is gone nothing more is had: live runs vanish, and ended ones whose detail
   * was owed, or on its way, are lost. The queues are emptied last, so that what could not be told
   * is found again.
   *
   * @param seen when that was found, by the source's clock
   * @param since when the workflow was first not there
   */
  void drop(WorkflowState workflow, Instant seen, Instant since) throws InterruptedException {
    List<DetailRequest> owed =
        Stream.concat(waiting.values().stream(), isRequested.values().stream())
            .filter(each -> each.workflow() == workflow)
            .toList();
    for (DetailRequest each : owed) {
      if (workflow.memory(each.id()).isNew()) {
        publishListRow(each);
      }
    }
    for (String id : workflow.unsettledIds()) {
      vanished(workflow, id, seen, since);
    }
    for (String id : workflow.rowsWaiting()) {
      workflow.rowWaits(context, id, false);
    }
    ready.removeIf(each -> each.workflow() == workflow);
    backfill.removeIf(each -> each.workflow() == workflow);
    later.removeIf(each -> each.request().workflow() == workflow);
    waiting.values().removeIf(each -> each.workflow() == workflow);
    isRequested.values().removeIf(each -> each.workflow() == workflow);
    workflow.pending = 0;
  }

  /**
   * When the oldest instance was created of which nothing is told before its detail is; of the
   * backfill's apart.
   */
  Optional<Instant> oldestHeld(WorkflowState workflow) {
    return held(workflow, request -> request.why() != Why.BACKFILL).min(Comparator.naturalOrder());
  }

  /** When the newest of those that the backfill listed was created. */
  Optional<Instant> newestHeldOfBackfill(WorkflowState workflow) {
    return held(workflow, request -> request.why() == Why.BACKFILL).max(Comparator.naturalOrder());
  }

  private Stream<Instant> held(WorkflowState workflow, Predicate<DetailRequest> which) {
    return Stream.concat(waiting.values().stream(), isRequested.values().stream())
        .filter(request -> request.workflow() == workflow && workflow.memory(request.id()).isNew())
        .filter(which)
        .flatMap(request -> request.row().stream())
        .flatMap(row -> row.value().createdOn().stream());
  }

  /**
   * A row waits that will change how many live, by what is known: counts do not agree meanwhile.
   */
  boolean holdsLive(WorkflowState workflow) {
    return Stream.concat(waiting.values().stream(), isRequested.values().stream())
        .filter(request -> request.workflow() == workflow && request.why() != Why.BACKFILL)
        .anyMatch(
            request ->
                request.row().isPresent()
                    && (!request.holdsEnd() || workflow.memory(request.id()).live()));
  }

  int ready() {
    return ready.size();
  }

  boolean urgent() {
    return !ready.isEmpty() && ready.peek().urgent();
  }

  /** Details since the last call that were owed of an end, or of a new life, of what lives. */
  long drainFoundAlive() {
    long since = foundAlive;
    foundAlive = 0;
    return since;
  }

  int backfillReady() {
    return backfill.size();
  }

  /** Details that wait. */
  int size() {
    return waiting.size() + isRequested.size();
  }

  Optional<ApiRequest<?>> next() {
    return next(ready);
  }

  Optional<ApiRequest<?>> nextOfBackfill() {
    return next(backfill);
  }

  private Optional<ApiRequest<?>> next(PriorityQueue<DetailRequest> queue) {
    return Optional.ofNullable(queue.poll()).map(request -> request(waiting.remove(request.key())));
  }

  /** The question for a detail that waits in no queue. */
  ApiRequest<?> recheck(WorkflowState workflow, String id, Instant now) {
    DetailRequest look = new DetailRequest(workflow, id, Why.LOOK, now, Optional.empty());
    pend(look, 1);
    return request(look);
  }

  private ApiRequest<InstanceDetail> request(DetailRequest request) {
    isRequested.put(request.key(), request);
    ApiRequest<InstanceDetail> question =
        new ApiRequest<>(
            "a visit of " + request.workflow().name(),
            (source, permit) -> source.instance(permit, request.workflow().name(), request.id()),
            response -> {
              completed(request);
              try {
                take(request, response);
              } catch (RuntimeException e) {
                enqueueLater(request.failed(request.row(), Optional.empty()));
                throw e;
              }
              unmark(request);
            },
            failure -> {
              completed(request);
              failed(request, failure);
              unmark(request);
            });
    return question.of(request.workflow());
  }

  /** Unless a row of it still waits, nobody need ask after it. */
  private void unmark(DetailRequest request) throws InterruptedException {
    Optional<DetailRequest> there = Optional.ofNullable(waiting.get(request.key()));
    boolean asksAgain = there.filter(each -> each.row().isPresent() || wasMarked(each)).isPresent();
    if (!asksAgain) {
      request.workflow().rowWaits(context, request.id(), false);
    }
  }

  /** A process before this one marked it, and its row is gone. */
  private static boolean wasMarked(DetailRequest request) {
    return request.row().isEmpty() && request.why() == Why.REBORN;
  }

  private void completed(DetailRequest request) {
    isRequested.remove(request.key());
    pend(request, -1);
  }

  private void take(DetailRequest request, ApiResponse<InstanceDetail> response)
      throws InterruptedException {
    context.stats().fetchedDetail();
    WorkflowState workflow = request.workflow();
    ApiResponse<InstanceDetail> detail =
        response.map(seen -> seen.with(workflow.stepNames.named(seen.steps())));
    foundAlive += request.why() != Why.LOOK && !Status.ended(detail.value().status()) ? 1 : 0;
    workflow.nameVersion(detail.value().versionId());
    TrackedInstance before = workflow.memory(request.id());
    InstanceKey key = request.key();
    Change change = ChangeDetection.detail(key, before, request.row(), detail, request.weight());
    boolean sameRun =
        before.instanceRunss().newest().equals(change.tracked().instanceRunss().newest())
            && !RunMatcher.isOfAnotherThanWasLeftOut(before, detail.value());
    if (before.sampledOut() && sameRun) {
      change = leftOut(request, before, change, detail);
    }
    TrackedInstance after = change.tracked();
    workflow.take(context, request.id(), change);
    count(request, before, after, detail);
    steps.learn(workflow, request.id(), after, detail);
    if (before.isNew()) {
      // Whatever life the detail speaks of, the row that asked for it needs not ask again.
      request
          .row()
          .flatMap(row -> EndMatcher.end(row.value()))
          .ifPresent(end -> workflow.ends.add(request.id(), end));
    }
    boolean behind =
        request.row().filter(row -> RunMatcher.isOfEarlierRun(detail, row)).isPresent();
    if (after.isDetailPending() || behind) {
      // It is behind the row that told the end, or a restart.
      retry(request, Optional.empty());
    }
  }

  /**
   * Decided once: steps that were left out are not told when a re-opened run ends, but its end is:
   * by its row, or as a row would tell it.
   */
  private Change leftOut(
      DetailRequest request,
      TrackedInstance before,
      Change change,
      ApiResponse<InstanceDetail> detail) {
    if (request.row().isPresent()) {
      return RunMatcher.isOfEarlierRun(detail, request.row().get())
          ? Change.none(before)
          : ChangeDetection.rowOfSameRun(request.key(), before, request.row().get());
    }
    if (!change.tracked().ended()) {
      return change;
    }
    if (!before.ended()) {
      context.telemetry().lost(LossReason.SAMPLED_OUT, 1);
    }
    return ChangeDetection.endAlone(request.key(), change, detail.value());
  }

  private void count(
      DetailRequest request,
      TrackedInstance before,
      TrackedInstance after,
      ApiResponse<InstanceDetail> detail) {
    boolean sameRun = before.instanceRunss().newest().equals(after.instanceRunss().newest());
    if (!sameRun && before.isDetailPending()) {
      context.telemetry().lost(LossReason.RESTARTED, 1);
    }
    boolean endIsNew = after.ended() && !(before.ended() && sameRun);
    if (endIsNew && !request.awaitsEnd() && request.why() != Why.BACKFILL) {
      request.workflow().sampler.other();
    }
    boolean leftOut = after.sampledOut();
    if (after.endPublished() && !leftOut && !(before.endPublished() && sameRun)) {
      context.telemetry().fetched(1);
      if (request.why() == Why.BACKFILL) {
        request.workflow().backfill.fetched();
      } else {
        detail
            .value()
            .end()
            .ifPresent(
                end -> context.telemetry().published(Duration.between(end, detail.respondedAt())));
      }
    }
  }

  private void failed(DetailRequest request, Failure failure) throws InterruptedException {
    if (isNotFound(failure)) {
      missing(request, failure.fault().orElseThrow().at());
    } else {
      WorkflowState workflow = request.workflow();
      workflow.problems.add(failure.message());
      failure
          .fault()
          .map(ApiFailureException::at)
          .or(() -> workflow.last.map(ApiResponse::respondedAt))
          .ifPresent(at -> workflow.recheckFailed(request.id(), at));
      if (request.failures() + 1 >= ROW_IS_TOLD_AFTER
          || !request.mayBeOfLaterRun(context.traits())) {
        publishListRow(request);
      }
      if (workflow.memory(request.id()).isDetailPending() || request.why() != Why.LOOK) {
        retry(request, Optional.empty());
      }
    }
  }

  /** Not found once, it is asked for once more; not found twice, it is gone. */
  private void missing(DetailRequest request, Instant at) throws InterruptedException {
    WorkflowState workflow = request.workflow();
    TrackedInstance known = workflow.memory(request.id());
    boolean remembered = known.live() || known.isDetailPending();
    Optional<Instant> since = remembered ? known.missingSince() : request.missingSince();
    if (since.isEmpty()) {
      workflow.take(context, request.id(), ChangeDetection.missing(request.key(), known, at));
      if (known.isDetailPending() || request.why() != Why.LOOK) {
        retry(request, Optional.of(at));
      }
      return;
    }
    if (known.isNew()) {
      publishListRow(request);
    }
    vanished(workflow, request.id(), at, since.get());
  }

  /** What is known of it is all that will be. */
  private void vanished(WorkflowState workflow, String id, Instant seen, Instant since)
      throws InterruptedException {
    TrackedInstance before = workflow.memory(id);
    workflow.take(
        context, id, ChangeDetection.vanished(workflow.instance(id), before, seen, since));
  }

  /** Where it surely speaks of the known run, or of the first. */
  private void publishListRow(DetailRequest request) throws InterruptedException {
    if (request.row().isEmpty() || !request.identifiesRun(context.traits())) {
      return;
    }
    TrackedInstance before = request.workflow().memory(request.id());
    TrackedInstance weighed = request.holdsEnd() ? before.weighed(request.weight()) : before;
    Change change = ChangeDetection.row(request.key(), weighed, request.row().get());
    request.workflow().take(context, request.id(), change);
  }

  /** A row that could not be told without the detail waits on. */
  private void retry(DetailRequest request, Optional<Instant> missing) {
    if (context.traits().newestFirst()) {
      TrackedInstance tracked = request.workflow().memory(request.id());
      enqueueLater(
          request.failed(
              request.row().filter(row -> ChangeDetection.isChange(tracked, row)), missing));
    }
  }

  private boolean isNotFound(Failure failure) {
    return context.traits().tellsNotFound()
        && failure
            .fault()
            .filter(
                e ->
                    e.failure() instanceof ApiFailure.NotFound notFound
                        && notFound.saysNoSuchInstance())
            .isPresent();
  }
}
