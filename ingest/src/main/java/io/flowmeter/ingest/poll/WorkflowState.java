package io.flowmeter.ingest.poll;

import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.observe.Change;
import io.flowmeter.ingest.observe.InstanceKey;
import io.flowmeter.ingest.observe.PublishedEndIndex;
import io.flowmeter.ingest.observe.Status;
import io.flowmeter.ingest.observe.StepNames;
import io.flowmeter.ingest.observe.TrackedInstance;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.ListedWorkflow;
import io.flowmeter.ingest.telemetry.LossReason;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.fact.Version;
import io.flowmeter.schemas.observation.Observation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is remembered of a workflow. Used under the planner's lock. */
final class WorkflowState {
  /** How much less may be told of how far it was listed than was told before. */
  private static final Duration LESS_AT_MOST = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(WorkflowState.class);

  /** A status that was refused may be taken when the source was updated. */
  private static final Duration UNLISTED_FOR = Duration.ofHours(1);

  private final InstanceKey key;
  private final Map<String, TrackedInstance> instances = new HashMap<>();
  private int live;
  private int ended;
  final Map<String, Version> versions = new HashMap<>();

  /** Ended instances that were missing from the last whole list. */
  final Set<String> missingOnce = new HashSet<>();

  /** Live ones that the last sweep's lists did not show, though by the counts no more had ended. */
  final Set<String> absentOnce = new HashSet<>();

  /**
   * Those of which nothing that is remembered says that there is more to tell, though a row of
   * theirs waits for its detail: they have their mark in their checkpoints.
   */
  private final Set<String> rowsWaiting = new HashSet<>();

  /** Statuses that the source does not list, and until when they are not asked for. */
  private final Map<String, Instant> unlistedUntil = new HashMap<>();

  /** Since when whole lists show nothing, where the last one did. */
  Optional<Instant> emptySince = Optional.empty();

  /** Versions that instances named and no list told yet. */
  final Set<String> versionsNamed = new HashSet<>();

  /** Versions that instances named and the list left out; asking again would not help. */
  final Set<String> versionsMissed = new HashSet<>();

  final Backfill backfill;
  final CompletionSampler sampler = new CompletionSampler();
  final StepNames stepNames = new StepNames();
  final PublishedEndIndex ends = new PublishedEndIndex();
  final FailureReporter failures = new FailureReporter();

  /** Why requests of this workflow told nothing since its last sweep's end. */
  final List<String> problems = new ArrayList<>();

  /** What each live instance that was looked at was doing. */
  final Map<String, Doing> doing = new HashMap<>();

  /** Details that are owed, those of the backfill apart. */
  int pending;

  /** Something was told since the last sweep's end. */
  boolean published;

  /** It is in the list of workflows. */
  boolean present;

  /** Its row of the list of workflows from which its last sweep began. */
  Optional<ApiResponse<ListedWorkflow>> last = Optional.empty();

  int skippedRows;
  long sweep;
  Optional<Sweep> sweeping = Optional.empty();

  /** A sweep that is over, and not told before the next listing says the counts after it. */
  Optional<IncrementalSweep> swept = Optional.empty();

  /** The counts that the last whole sweep brought knowledge to agree with. */
  Optional<Map<String, Long>> agreed = Optional.empty();

  /** So many more instances were listed, up to the last sweep, than its counts hold. */
  long beyond;

  /** When its newest instance was made, as the workflow's own row told at the last sweep. */
  Optional<Instant> triggeredOn = Optional.empty();

  /** Instances were listed that are newer than that row tells: it says nothing of what is new. */
  boolean triggeredLags;

  /** When each status was last read whole, by the poller's clock. */
  final Map<String, Instant> readWhole = new HashMap<>();

  Optional<Instant> listedTo = Optional.empty();

  /** The same as it was last told: what the next process begins with. */
  Optional<Instant> publishedListedTo = Optional.empty();

  /** No less of it may be told: what was forgotten is known as settled by it alone. */
  private Instant minPublished = Instant.MIN;

  Optional<Instant> versionsListedAt = Optional.empty();
  boolean versionsAsked;

  /** Lists of its versions that failed one after the other, and how long they rest. */
  int versionsFailures;

  Instant versionsNotBefore = Instant.MIN;

  /** When the detail of a live instance was last asked for in vain, by the source's clock. */
  private final Map<String, Instant> recheckFailed = new HashMap<>();

  /** The next page of its versions, where there is one. */
  Optional<ApiRequest<?>> moreVersions = Optional.empty();

  Optional<Told> lastPublished = Optional.empty();

  /** How often it was deleted or made anew. */
  int life;

  /** The id by which the source knows it; one made anew has another. */
  Optional<String> id = Optional.empty();

  /** The end of a sweep, as last told. */
  record Told(Instant at, boolean complete, Map<String, Long> reported) {}

  /** A live instance's unfinished step of latest start. */
  record Doing(String step, Instant since) {}

  WorkflowState(String account, String name, Clock clock) {
    this.key = InstanceKey.ofWorkflow(account, name);
    this.backfill = new Backfill(this, clock);
  }

  InstanceKey key() {
    return key;
  }

  String name() {
    return key.workflow();
  }

  InstanceKey instance(String id) {
    return new InstanceKey(key.account(), key.workflow(), id);
  }

  TrackedInstance memory(String id) {
    return instances.getOrDefault(id, TrackedInstance.NONE);
  }

  Set<Map.Entry<String, TrackedInstance>> instances() {
    return instances.entrySet();
  }

  void recheckFailed(String id, Instant at) {
    if (memory(id).live()) {
      recheckFailed.put(id, at);
    }
  }

  /** The last time its detail was asked for, whether it came or not. */
  TrackedInstance polled(String id) {
    TrackedInstance tracked = memory(id);
    Optional<Instant> vain = Optional.ofNullable(recheckFailed.get(id));
    return vain.filter(at -> tracked.polledAt().filter(at::isBefore).isEmpty())
        .map(tracked::polledAt)
        .orElse(tracked);
  }

  /**
   * The source refuses lists of this status, as it may of one newer than it knows: it is not asked
   * for them for a while.
   *
   * @param now by the poller's clock
   */
  void doesNotList(String status, Instant now) {
    unlistedUntil.put(status, now.plus(UNLISTED_FOR));
    LOG.atWarn()
        .addKeyValue("event", "status_not_listed")
        .addKeyValue("workflow", name())
        .addKeyValue("status", status)
        .log("the source refuses lists of instances that are {}, though it shows some", status);
  }

  /** Statuses that the source does not list. */
  Set<String> unlisted(Instant now) {
    unlistedUntil.values().removeIf(until -> !until.isAfter(now));
    return Set.copyOf(unlistedUntil.keySet());
  }

  int live() {
    return live;
  }

  int ended() {
    return ended;
  }

  int size() {
    return instances.size();
  }

  private void track(String id, TrackedInstance tracked) {
    TrackedInstance before = instances.put(id, tracked);
    count(before == null ? TrackedInstance.NONE : before, -1);
    count(tracked, 1);
    if (!tracked.live()) {
      doing.remove(id);
      recheckFailed.remove(id);
    }
  }

  private void count(TrackedInstance tracked, int more) {
    live += tracked.live() ? more : 0;
    ended += tracked.ended() ? more : 0;
  }

  /**
   * Tells a change and remembers it. What cannot be told is not remembered either, so that it is
   * found again.
   *
   * @return true where something new was told
   */
  boolean take(PollerContext context, String id, Change change) throws InterruptedException {
    TrackedInstance before = memory(id);
    TrackedInstance after = change.tracked();
    if (change.lasting()) {
      InstanceKey instance = instance(id);
      if (stepNames.hasChanges()) {
        InstanceKey ofSteps = key.ofSteps();
        context.sink().instance(ofSteps, List.of(), stepNames.toCheckpoint(ofSteps));
        stepNames.markStored();
      }
      context.sink().instance(instance, change.observations(), toCheckpoint(id, after));
      context.stats().published(change.observations().size());
    }
    if (!after.isNew()) {
      track(id, after);
    }
    boolean sameRun = before.instanceRunss().newest().equals(after.instanceRunss().newest());
    boolean anotherEnd =
        before.endPublished() && after.isDetailPending()
            || before.sampledOut() && !after.sampledOut();
    if (after.ended() && (anotherEnd || !(before.ended() && sameRun))) {
      context.telemetry().known(1);
    }
    boolean replaced = before.isNew() ? after.instanceRunss().known().size() > 1 : before.live();
    if (replaced && !sameRun && reportsEndOfOther(change, after)) {
      // A life ended, and was replaced before its detail could be had.
      context.telemetry().known(1);
      context.telemetry().lost(LossReason.RESTARTED, 1);
    }
    if (after.vanished() && !before.vanished()) {
      // It has ended: its end is known of now, or was before, and is never fetched.
      context.telemetry().known(before.live() ? 1 : 0);
      context.telemetry().lost(LossReason.VANISHED, 1);
    }
    published |= !change.observations().isEmpty();
    return !change.observations().isEmpty();
  }

  private static boolean reportsEndOfOther(Change change, TrackedInstance after) {
    if (change.observations().isEmpty()) {
      return false;
    }
    Observation first = change.observations().get(0);
    return first.getRow() != null
        && Status.ended(first.getRow().getStatus())
        && first.getRun() != after.instanceRunss().newest().orElseThrow();
  }

  private Checkpoint toCheckpoint(String id, TrackedInstance tracked) {
    Checkpoint checkpoint = tracked.toCheckpoint(instance(id));
    checkpoint.setRowWaits(rowsWaiting.contains(id));
    return checkpoint;
  }

  /**
   * A row of the instance waits for its detail, or does not any longer: who goes on from here asks
   * for the detail, though nobody may show that row again.
   */
  void rowWaits(PollerContext context, String id, boolean waits) throws InterruptedException {
    if (waits ? !rowsWaiting.add(id) : !rowsWaiting.remove(id)) {
      return;
    }
    TrackedInstance tracked = memory(id);
    if (tracked.isNew() && !waits) {
      context.sink().evicted(instance(id));
    } else {
      context.sink().instance(instance(id), List.of(), toCheckpoint(id, tracked));
    }
  }

  /** Ids of those whose rows wait for their details. */
  Set<String> rowsWaiting() {
    return Set.copyOf(rowsWaiting);
  }

  void evict(PollerContext context, String id) throws InterruptedException {
    context.sink().evicted(instance(id));
    rowsWaiting.remove(id);
    TrackedInstance before = instances.remove(id);
    count(before == null ? TrackedInstance.NONE : before, -1);
    missingOnce.remove(id);
    absentOnce.remove(id);
    doing.remove(id);
    recheckFailed.remove(id);
  }

  /**
   * Forgets instances that ended and were told, but for their ends.
   *
   * @param ids those that ended first go first, so that ends of one time are together
   * @param endedBefore they were seen to end before that
   */
  void evictEnded(PollerContext context, List<String> ids, Instant endedBefore)
      throws InterruptedException {
    ends.startBlock(endedBefore);
    ends.dropBefore(endedBefore.minus(context.settings().retention()));
    ids.forEach(id -> ends.add(id, memory(id)));
    for (Map.Entry<InstanceKey, Optional<Checkpoint>> news : ends.changes(key).entrySet()) {
      if (news.getValue().isPresent()) {
        context.sink().instance(news.getKey(), List.of(), news.getValue().get());
      } else {
        context.sink().evicted(news.getKey());
      }
    }
    for (String id : ids) {
      evict(context, id);
    }
  }

  /**
   * Forgets its instances, their ends, and the steps that they showed. The workflow's own
   * checkpoint stays, for it has the number of its last sweep.
   */
  void evictAll(PollerContext context) throws InterruptedException {
    for (String each : List.copyOf(instances.keySet())) {
      evict(context, each);
    }
    if (!stepNames.isEmpty()) {
      context.sink().evicted(key.ofSteps());
    }
    for (InstanceKey each : ends.clear(key)) {
      context.sink().evicted(each);
    }
  }

  void nameVersion(Optional<String> version) {
    version
        .filter(named -> !versions.containsKey(named) && !versionsMissed.contains(named))
        .ifPresent(versionsNamed::add);
  }

  /** Its instances are gone; those that come are of another workflow of the same name. */
  void restarted() {
    life++;
    present = false;
    sweeping = Optional.empty();
    swept = Optional.empty();
    agreed = Optional.empty();
    triggeredOn = Optional.empty();
    last = Optional.empty();
    listedTo = Optional.empty();
    publishedListedTo = Optional.empty();
    minPublished = Instant.MIN;
    readWhole.clear();
    absentOnce.clear();
    moreVersions = Optional.empty();
    versionsAsked = false;
    backfill.end();
  }

  /**
   * @param held when the oldest instance was created of which nothing is told yet, those apart that
   *     the backfill listed: a next process must list it again
   * @param heldOfBackfill when the newest of these was created
   */
  Checkpoint toCheckpoint(Optional<Instant> held, Optional<Instant> heldOfBackfill) {
    Checkpoint checkpoint = TrackedInstance.NONE.toCheckpoint(key);
    checkpoint.setSweep(sweep);
    publishedListedTo =
        listedTo.map(
            to ->
                later(
                    minPublished,
                    held.map(at -> at.minusMillis(1)).filter(to::isAfter).orElse(to)));
    checkpoint.setListedTo(publishedListedTo.orElse(null));
    checkpoint.setWorkflowId(id.orElse(null));
    backfill.store(checkpoint, heldOfBackfill);
    return checkpoint;
  }

  /**
   * What was created before this moment need not be remembered when it is settled: by what was told
   * it is known as such, and by what will be told. That may be less, for who is held can be older
   * than what was told; but only as much, from now on.
   */
  Optional<Instant> completeBefore() {
    Optional<Instant> least =
        publishedListedTo.map(to -> later(minPublished, to.minus(LESS_AT_MOST)));
    minPublished = least.orElse(minPublished);
    return least.map(to -> to.minus(ListRowHandler.REMEMBERED));
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  void restore(Checkpoint checkpoint) {
    if (checkpoint.getSteps() != null) {
      stepNames.restore(checkpoint.getSteps());
    } else if (checkpoint.getEnds() != null) {
      ends.restore(checkpoint.getEnds());
    } else if (checkpoint.getInstanceId().isEmpty()) {
      sweep = checkpoint.getSweep();
      listedTo = Optional.ofNullable(checkpoint.getListedTo());
      publishedListedTo = listedTo;
      minPublished = listedTo.orElse(Instant.MIN);
      id = Optional.ofNullable(checkpoint.getWorkflowId());
      backfill.restore(checkpoint);
    } else {
      TrackedInstance tracked = TrackedInstance.of(checkpoint);
      if (!tracked.isNew()) {
        track(checkpoint.getInstanceId(), tracked);
      }
      if (checkpoint.getRowWaits()) {
        rowsWaiting.add(checkpoint.getInstanceId());
      }
    }
  }

  /** Ids of those that have not ended, and of those whose end's detail is owed. */
  List<String> unsettledIds() {
    return instances.entrySet().stream()
        .filter(entry -> entry.getValue().live() || entry.getValue().isDetailPending())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Ids of those that have not ended. */
  List<String> liveIds() {
    return instances.entrySet().stream()
        .filter(entry -> entry.getValue().live())
        .map(Map.Entry::getKey)
        .toList();
  }
}
