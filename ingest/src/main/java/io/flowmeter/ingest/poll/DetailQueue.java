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

  private final PollerContext polling;
  private final StepTimes steps;
  private final PriorityQueue<DetailRequest> ready = new PriorityQueue<>(DetailRequest.ORDER);
  private final PriorityQueue<DetailRequest> backfill =
      new PriorityQueue<>(Comparator.comparing(DetailRequest::end).reversed());
  private final PriorityQueue<Later> later = new PriorityQueue<>(Comparator.comparing(Later::at));
  private final Map<InstanceKey, DetailRequest> waiting = new HashMap<>();
  private final Map<InstanceKey, DetailRequest> asked = new HashMap<>();
  private Duration retryAfter;
  private long foundAlive;

  DetailQueue(PollerContext polling, StepTimes steps) {
    this.polling = polling;
    this.steps = steps;
    this.retryAfter = polling.settings().interval();
  }

  private record Later(Instant at, DetailRequest owed) {}

  /** What failed, or was not found, is asked for again after so long. */
  void retryAfter(Duration interval) {
    retryAfter = interval;
  }

  /** Nothing is on its way or waiting for this instance. */
  boolean idle(InstanceKey key) {
    return !waiting.containsKey(key) && !asked.containsKey(key);
  }

  /** It ended, as its row or its absence says, and its detail is on its way or waiting. */
  boolean awaitsEnd(InstanceKey key) {
    return Stream.of(waiting, asked)
        .flatMap(each -> Optional.ofNullable(each.get(key)).stream())
        .anyMatch(DetailRequest::awaitsEnd);
  }

  /** Its detail is being asked for. */
  boolean asked(InstanceKey key) {
    return asked.containsKey(key);
  }

  /**
   * Takes the row that waits for the detail, where it is such, for whoever tells it before that.
   */
  Optional<ApiResponse<ListedInstance>> takeHeld(InstanceKey key, Predicate<ListedInstance> which) {
    Optional<DetailRequest> owed =
        Optional.ofNullable(waiting.get(key))
            .filter(each -> each.row().filter(row -> which.test(row.value())).isPresent());
    owed.ifPresent(each -> waiting.put(key, each.withoutRow()));
    return owed.flatMap(DetailRequest::row);
  }

  /**
   * Adds what is not there yet. A detail that waits without a row takes its row along, and one
   * whose run ended meanwhile the row that says so: an end that nothing tells goes before others.
   */
  void owe(DetailRequest owed) {
    InstanceKey key = owed.key();
    DetailRequest there = waiting.get(key);
    if (there != null
        && owed.row().isPresent()
        && (there.row().isEmpty() || endedSince(there, owed))) {
      DetailRequest now = there.withRowOf(owed);
      waiting.put(key, now);
      if (ready.removeIf(each -> each.key().equals(key))) {
        ready.add(now);
      }
    }
    if (!idle(key)) {
      return;
    }
    waiting.put(key, owed);
    (owed.why() == Why.BACKFILL ? backfill : ready).add(owed);
    pend(owed, 1);
  }

  /** The run whose row waits ended, by another row: it has not another beginning. */
  private static boolean endedSince(DetailRequest there, DetailRequest owed) {
    Optional<Instant> began = there.row().flatMap(row -> row.value().startedOn());
    return !there.holdsEnd()
        && owed.holdsEnd()
        && (began.isEmpty() || RunMatcher.beganThen(began, owed.row().get().value()));
  }

  private static void pend(DetailRequest owed, int more) {
    owed.workflow().pending += owed.keepsSweep() ? more : 0;
  }

  private void oweLater(DetailRequest owed) {
    waiting.put(owed.key(), owed);
    Duration pause = RetryBackoff.after(owed.failures(), retryAfter);
    later.add(new Later(polling.clock().instant().plus(pause), owed));
    pend(owed, 1);
  }

  /** What had to wait and need wait no longer. */
  void wake(Instant now) {
    while (!later.isEmpty() && !later.peek().at().isAfter(now)) {
      DetailRequest owed = later.poll().owed();
      (owed.why() == Why.BACKFILL ? backfill : ready).add(owed);
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
            .filter(each -> each.mayBeLeftOut() && each.saysItsLife(polling.traits()))
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
    later.removeIf(each -> keys.contains(each.owed().key()));
    waiting.keySet().removeAll(keys);
    tooMany.forEach(each -> pend(each, -1));
    LOG.atWarn()
        .addKeyValue("event", "details_dropped")
        .addKeyValue("account", polling.account())
        .addKeyValue("runs", tooMany.size())
        .log(
            "more runs errored and were terminated than the request budget can fetch for hours: {}"
                + " that ended first are told without their steps",
            tooMany.size());
  }

  private void leaveOut(DetailRequest owed) throws InterruptedException {
    tellRow(owed);
    WorkflowState workflow = owed.workflow();
    workflow.rowWaits(polling, owed.id(), false);
    TrackedInstance memory = workflow.memory(owed.id());
    if (memory.owed()) {
      workflow.take(polling, owed.id(), ChangeDetection.leftOut(memory));
      polling.telemetry().lost(LossReason.SAMPLED_OUT, 1);
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
        Stream.concat(waiting.values().stream(), asked.values().stream())
            .filter(each -> each.workflow() == workflow)
            .toList();
    for (DetailRequest each : owed) {
      if (workflow.memory(each.id()).isNew()) {
        tellRow(each);
      }
    }
    for (String id : workflow.unsettledIds()) {
      gone(workflow, id, seen, since);
    }
    for (String id : workflow.rowsWaiting()) {
      workflow.rowWaits(polling, id, false);
    }
    ready.removeIf(each -> each.workflow() == workflow);
    backfill.removeIf(each -> each.workflow() == workflow);
    later.removeIf(each -> each.owed().workflow() == workflow);
    waiting.values().removeIf(each -> each.workflow() == workflow);
    asked.values().removeIf(each -> each.workflow() == workflow);
    workflow.pending = 0;
  }

  /**
   * When the oldest instance was created of which nothing is told before its detail is; of the
   * backfill's apart.
   */
  Optional<Instant> oldestHeld(WorkflowState workflow) {
    return held(workflow, owed -> owed.why() != Why.BACKFILL).min(Comparator.naturalOrder());
  }

  /** When the newest of those that the backfill listed was created. */
  Optional<Instant> newestHeldOfBackfill(WorkflowState workflow) {
    return held(workflow, owed -> owed.why() == Why.BACKFILL).max(Comparator.naturalOrder());
  }

  private Stream<Instant> held(WorkflowState workflow, Predicate<DetailRequest> which) {
    return Stream.concat(waiting.values().stream(), asked.values().stream())
        .filter(owed -> owed.workflow() == workflow && workflow.memory(owed.id()).isNew())
        .filter(which)
        .flatMap(owed -> owed.row().stream())
        .flatMap(row -> row.value().createdOn().stream());
  }

  /**
   * A row waits that will change how many live, by what is known: counts do not agree meanwhile.
   */
  boolean holdsLive(WorkflowState workflow) {
    return Stream.concat(waiting.values().stream(), asked.values().stream())
        .filter(owed -> owed.workflow() == workflow && owed.why() != Why.BACKFILL)
        .anyMatch(
            owed ->
                owed.row().isPresent() && (!owed.holdsEnd() || workflow.memory(owed.id()).live()));
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
    return waiting.size() + asked.size();
  }

  Optional<ApiRequest<?>> next() {
    return next(ready);
  }

  Optional<ApiRequest<?>> nextOfBackfill() {
    return next(backfill);
  }

  private Optional<ApiRequest<?>> next(PriorityQueue<DetailRequest> queue) {
    return Optional.ofNullable(queue.poll()).map(owed -> ask(waiting.remove(owed.key())));
  }

  /** The question for a detail that waits in no queue. */
  ApiRequest<?> look(WorkflowState workflow, String id, Instant now) {
    DetailRequest look = new DetailRequest(workflow, id, Why.LOOK, now, Optional.empty());
    pend(look, 1);
    return ask(look);
  }

  private ApiRequest<InstanceDetail> ask(DetailRequest owed) {
    asked.put(owed.key(), owed);
    ApiRequest<InstanceDetail> question =
        new ApiRequest<>(
            "a visit of " + owed.workflow().name(),
            (source, permit) -> source.instance(permit, owed.workflow().name(), owed.id()),
            answer -> {
              answered(owed);
              try {
                take(owed, answer);
              } catch (RuntimeException e) {
                oweLater(owed.failed(owed.row(), Optional.empty()));
                throw e;
              }
              unmark(owed);
            },
            failure -> {
              answered(owed);
              failed(owed, failure);
              unmark(owed);
            });
    return question.of(owed.workflow());
  }

  /** Unless a row of it still waits, nobody need ask after it. */
  private void unmark(DetailRequest owed) throws InterruptedException {
    Optional<DetailRequest> there = Optional.ofNullable(waiting.get(owed.key()));
    boolean asksAgain = there.filter(each -> each.row().isPresent() || wasMarked(each)).isPresent();
    if (!asksAgain) {
      owed.workflow().rowWaits(polling, owed.id(), false);
    }
  }

  /** A process before this one marked it, and its row is gone. */
  private static boolean wasMarked(DetailRequest owed) {
    return owed.row().isEmpty() && owed.why() == Why.REBORN;
  }

  private void answered(DetailRequest owed) {
    asked.remove(owed.key());
    pend(owed, -1);
  }

  private void take(DetailRequest owed, ApiResponse<InstanceDetail> answer)
      throws InterruptedException {
    polling.tally().fetchedDetail();
    WorkflowState workflow = owed.workflow();
    ApiResponse<InstanceDetail> detail =
        answer.map(seen -> seen.with(workflow.stepNames.named(seen.steps())));
    foundAlive += owed.why() != Why.LOOK && !Status.ended(detail.value().status()) ? 1 : 0;
    workflow.nameVersion(detail.value().versionId());
    TrackedInstance before = workflow.memory(owed.id());
    InstanceKey key = owed.key();
    Change change = ChangeDetection.detail(key, before, owed.row(), detail, owed.weight());
    boolean sameLife =
        before.lives().newest().equals(change.memory().lives().newest())
            && !RunMatcher.isOfAnotherThanWasLeftOut(before, detail.value());
    if (before.sampledOut() && sameLife) {
      change = leftOut(owed, before, change, detail);
    }
    TrackedInstance after = change.memory();
    workflow.take(polling, owed.id(), change);
    count(owed, before, after, detail);
    steps.learn(workflow, owed.id(), after, detail);
    if (before.isNew()) {
      // Whatever life the detail speaks of, the row that asked for it needs not ask again.
      owed.row()
          .flatMap(row -> EndMatcher.end(row.value()))
          .ifPresent(end -> workflow.ends.add(owed.id(), end));
    }
    boolean behind = owed.row().filter(row -> RunMatcher.isOfEarlierRun(detail, row)).isPresent();
    if (after.owed() || behind) {
      // It is behind the row that told the end, or a restart.
      askAgain(owed, Optional.empty());
    }
  }

  /**
   * Decided once: steps that were left out are not told when a re-opened run ends, but its end is:
   * by its row, or as a row would tell it.
   */
  private Change leftOut(
      DetailRequest owed,
      TrackedInstance before,
      Change change,
      ApiResponse<InstanceDetail> detail) {
    if (owed.row().isPresent()) {
      return RunMatcher.isOfEarlierRun(detail, owed.row().get())
          ? Change.none(before)
          : ChangeDetection.rowOfSameLife(owed.key(), before, owed.row().get());
    }
    if (!change.memory().ended()) {
      return change;
    }
    if (!before.ended()) {
      polling.telemetry().lost(LossReason.SAMPLED_OUT, 1);
    }
    return ChangeDetection.endAlone(owed.key(), change, detail.value());
  }

  private void count(
      DetailRequest owed,
      TrackedInstance before,
      TrackedInstance after,
      ApiResponse<InstanceDetail> detail) {
    boolean sameLife = before.lives().newest().equals(after.lives().newest());
    if (!sameLife && before.owed()) {
      polling.telemetry().lost(LossReason.RESTARTED, 1);
    }
    boolean endIsNew = after.ended() && !(before.ended() && sameLife);
    if (endIsNew && !owed.awaitsEnd() && owed.why() != Why.BACKFILL) {
      owed.workflow().stratum.other();
    }
    boolean leftOut = after.sampledOut();
    if (after.endTold() && !leftOut && !(before.endTold() && sameLife)) {
      polling.telemetry().fetched(1);
      if (owed.why() == Why.BACKFILL) {
        owed.workflow().backfill.fetched();
      } else {
        detail
            .value()
            .end()
            .ifPresent(end -> polling.telemetry().told(Duration.between(end, detail.answered())));
      }
    }
  }

  private void failed(DetailRequest owed, Failure failure) throws InterruptedException {
    if (isGone(failure)) {
      missing(owed, failure.fault().orElseThrow().at());
    } else {
      WorkflowState workflow = owed.workflow();
      workflow.problems.add(failure.message());
      failure
          .fault()
          .map(ApiFailureException::at)
          .or(() -> workflow.last.map(ApiResponse::answered))
          .ifPresent(at -> workflow.lookedInVain(owed.id(), at));
      if (owed.failures() + 1 >= ROW_IS_TOLD_AFTER || !owed.mayBeOfLaterLife(polling.traits())) {
        tellRow(owed);
      }
      if (workflow.memory(owed.id()).owed() || owed.why() != Why.LOOK) {
        askAgain(owed, Optional.empty());
      }
    }
  }

  /** Not found once, it is asked for once more; not found twice, it is gone. */
  private void missing(DetailRequest owed, Instant at) throws InterruptedException {
    WorkflowState workflow = owed.workflow();
    TrackedInstance known = workflow.memory(owed.id());
    boolean remembered = known.live() || known.owed();
    Optional<Instant> since = remembered ? known.missingSince() : owed.missingSince();
    if (since.isEmpty()) {
      workflow.take(polling, owed.id(), ChangeDetection.missing(owed.key(), known, at));
      if (known.owed() || owed.why() != Why.LOOK) {
        askAgain(owed, Optional.of(at));
      }
      return;
    }
    if (known.isNew()) {
      tellRow(owed);
    }
    gone(workflow, owed.id(), at, since.get());
  }

  /** What is known of it is all that will be. */
  private void gone(WorkflowState workflow, String id, Instant seen, Instant since)
      throws InterruptedException {
    TrackedInstance before = workflow.memory(id);
    workflow.take(polling, id, ChangeDetection.gone(workflow.instance(id), before, seen, since));
  }

  /** Where it surely speaks of the known run, or of the first. */
  private void tellRow(DetailRequest owed) throws InterruptedException {
    if (owed.row().isEmpty() || !owed.saysItsLife(polling.traits())) {
      return;
    }
    TrackedInstance before = owed.workflow().memory(owed.id());
    TrackedInstance weighed = owed.holdsEnd() ? before.weighed(owed.weight()) : before;
    Change change = ChangeDetection.row(owed.key(), weighed, owed.row().get());
    owed.workflow().take(polling, owed.id(), change);
  }

  /** A row that could not be told without the detail waits on. */
  private void askAgain(DetailRequest owed, Optional<Instant> missing) {
    if (polling.traits().newestFirst()) {
      TrackedInstance memory = owed.workflow().memory(owed.id());
      oweLater(owed.failed(owed.row().filter(row -> ChangeDetection.isNews(memory, row)), missing));
    }
  }

  private boolean isGone(Failure failure) {
    return polling.traits().tellsNotFound()
        && failure
            .fault()
            .filter(
                e ->
                    e.fault() instanceof ApiFailure.NotFound notFound
                        && notFound.saysNoSuchInstance())
            .isPresent();
  }
}
