package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.observe.Change;
import io.flowmeter.ingest.observe.ChangeDetection;
import io.flowmeter.ingest.observe.InstanceKey;
import io.flowmeter.ingest.observe.Memory;
import io.flowmeter.ingest.poll.Question.Failure;
import io.flowmeter.ingest.source.Answer;
import io.flowmeter.ingest.source.Fault;
import io.flowmeter.ingest.source.InstanceDetail;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.telemetry.Loss;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.stream.Stream;

/**
 * The details that are owed, each once: those of errored runs first, then of terminated ones, then
 * by the time of the end, so that no run waits much longer than the others. Used under the
 * planner's lock.
 */
final class Details {
  private final Polling polling;
  private final StepTimes steps;
  private final PriorityQueue<Owed> ready = new PriorityQueue<>(Owed.ORDER);
  private final PriorityQueue<Owed> backfill =
      new PriorityQueue<>(Comparator.comparing(Owed::end).reversed());
  private final PriorityQueue<Later> later = new PriorityQueue<>(Comparator.comparing(Later::at));
  private final Map<InstanceKey, Owed> waiting = new HashMap<>();
  private final Map<InstanceKey, Owed> asked = new HashMap<>();
  private Duration retryAfter;

  Details(Polling polling, StepTimes steps) {
    this.polling = polling;
    this.steps = steps;
    this.retryAfter = polling.settings().interval();
  }

  /** Why a detail is worth a request, the most urgent first. */
  enum Why {
    ERRORED,
    TERMINATED,
    /** It completed, or is in none of the lists it would be in if it lived. */
    ENDED,
    /** Its row may speak of a life not known yet. */
    REBORN,
    /** It lives, or is looked at again. */
    LOOK,
    /** It ended before it was first listed. */
    BACKFILL;

    static Why of(String status) {
      return switch (status) {
        case "errored" -> ERRORED;
        case "terminated" -> TERMINATED;
        default -> ENDED;
      };
    }

    private int rank() {
      return switch (this) {
        case ERRORED -> 0;
        case TERMINATED -> 1;
        case ENDED, REBORN -> 2;
        case LOOK, BACKFILL -> 3;
      };
    }
  }

  /**
   * A detail that is owed.
   *
   * @param end when the run ended, or was last seen alive
   * @param row to be told with the detail, which says of what life it speaks; empty where it was
   *     told, or none is
   */
  record Owed(
      KnownWorkflow workflow,
      String id,
      Why why,
      Instant end,
      Optional<Answer<ListedInstance>> row) {
    static final Comparator<Owed> ORDER =
        Comparator.comparingInt((Owed owed) -> owed.why().rank())
            .thenComparing(Owed::end)
            .thenComparing(Owed::id);

    InstanceKey key() {
      return workflow.instance(id);
    }
  }

  private record Later(Instant at, Owed owed) {}

  /** What failed, or was not found, is asked for again after so long. */
  void retryAfter(Duration interval) {
    retryAfter = interval;
  }

  /** Nothing is on its way or waiting for this instance. */
  boolean idle(InstanceKey key) {
    return !waiting.containsKey(key) && !asked.containsKey(key);
  }

  /** Its detail is being asked for. */
  boolean asked(InstanceKey key) {
    return asked.containsKey(key);
  }

  /** Adds what is not there yet. */
  void owe(Owed owed) {
    InstanceKey key = owed.key();
    if (!idle(key)) {
      return;
    }
    waiting.put(key, owed);
    (owed.why() == Why.BACKFILL ? backfill : ready).add(owed);
    if (owed.why() != Why.BACKFILL) {
      owed.workflow().pending++;
    }
  }

  private void oweLater(Owed owed) {
    waiting.put(owed.key(), owed);
    later.add(new Later(polling.clock().instant().plus(retryAfter), owed));
    if (owed.why() != Why.BACKFILL) {
      owed.workflow().pending++;
    }
  }

  /** What had to wait and need wait no longer. */
  void wake(Instant now) {
    while (!later.isEmpty() && !later.peek().at().isAfter(now)) {
      Owed owed = later.poll().owed();
      (owed.why() == Why.BACKFILL ? backfill : ready).add(owed);
    }
  }

  Optional<Instant> wakesAt() {
    return Optional.ofNullable(later.peek()).map(Later::at);
  }

  /** Forgets what is owed of a workflow that is gone. */
  void drop(KnownWorkflow workflow) {
    ready.removeIf(owed -> owed.workflow() == workflow);
    backfill.removeIf(owed -> owed.workflow() == workflow);
    later.removeIf(each -> each.owed().workflow() == workflow);
    waiting.values().removeIf(owed -> owed.workflow() == workflow);
    workflow.pending =
        (int)
            asked.values().stream()
                .filter(owed -> owed.workflow() == workflow && owed.why() != Why.BACKFILL)
                .count();
  }

  /** When the oldest instance was created of which nothing is told before its detail is. */
  Optional<Instant> oldestHeld(KnownWorkflow workflow) {
    return Stream.concat(waiting.values().stream(), asked.values().stream())
        .filter(owed -> owed.workflow() == workflow && workflow.memory(owed.id()).isNew())
        .flatMap(owed -> owed.row().stream())
        .flatMap(row -> row.value().createdOn().stream())
        .min(Comparator.naturalOrder());
  }

  int ready() {
    return ready.size();
  }

  boolean urgent() {
    return !ready.isEmpty() && ready.peek().why().rank() < Why.ENDED.rank();
  }

  int backfillReady() {
    return backfill.size();
  }

  /** Details that wait. */
  int size() {
    return waiting.size() + asked.size();
  }

  Optional<Question<?>> next() {
    return next(ready);
  }

  Optional<Question<?>> nextOfBackfill() {
    return next(backfill);
  }

  private Optional<Question<?>> next(PriorityQueue<Owed> queue) {
    Owed owed = queue.poll();
    if (owed == null) {
      return Optional.empty();
    }
    waiting.remove(owed.key());
    return Optional.of(ask(owed));
  }

  /** The question for a detail that waits in no queue. */
  Question<?> look(KnownWorkflow workflow, String id, Instant now) {
    workflow.pending++;
    return ask(new Owed(workflow, id, Why.LOOK, now, Optional.empty()));
  }

  private Question<InstanceDetail> ask(Owed owed) {
    asked.put(owed.key(), owed);
    return new Question<>(
        "a visit of " + owed.workflow().name(),
        (source, permit) -> source.instance(permit, owed.workflow().name(), owed.id()),
        answer -> {
          answered(owed);
          try {
            take(owed, answer);
          } catch (RuntimeException e) {
            oweLater(owed);
            throw e;
          }
        },
        failure -> {
          answered(owed);
          failed(owed, failure);
        });
  }

  private void answered(Owed owed) {
    asked.remove(owed.key());
    if (owed.why() != Why.BACKFILL) {
      owed.workflow().pending--;
    }
  }

  private void take(Owed owed, Answer<InstanceDetail> detail) throws InterruptedException {
    polling.tally().fetchedDetail();
    KnownWorkflow workflow = owed.workflow();
    workflow.nameVersion(detail.value().versionId());
    Memory before = workflow.memory(owed.id());
    InstanceKey key = owed.key();
    Change change = ChangeDetection.detail(key, before, owed.row(), detail);
    boolean sameLife = before.lives().newest().equals(change.memory().lives().newest());
    if (before.sampledOut() && sameLife) {
      // Decided once: a re-opening does not fetch what was left out.
      change = owed.row().map(row -> ChangeDetection.row(key, before, row)).orElse(change);
    }
    Memory after = change.memory().weighed(1);
    workflow.take(polling, owed.id(), new Change(change.observations(), after, change.lasting()));
    count(owed, before, after, detail);
    steps.learn(workflow, owed.id(), after, detail);
  }

  private void count(Owed owed, Memory before, Memory after, Answer<InstanceDetail> detail) {
    boolean sameLife = before.lives().newest().equals(after.lives().newest());
    if (!sameLife && before.owed()) {
      polling.telemetry().lost(Loss.RESTARTED, 1);
    }
    if (after.ended() && !(before.ended() && sameLife) && owed.why() != Why.BACKFILL) {
      owed.workflow().stratum.other();
    }
    if (after.endTold() && !(before.endTold() && sameLife)) {
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

  private void failed(Owed owed, Failure failure) throws InterruptedException {
    KnownWorkflow workflow = owed.workflow();
    Memory before = workflow.memory(owed.id());
    InstanceKey key = owed.key();
    if (isGone(failure)) {
      Instant at = failure.fault().orElseThrow().at();
      Change change = ChangeDetection.missing(key, before, at);
      workflow.take(polling, owed.id(), change);
      if (change.memory().vanished() && before.owed()) {
        polling.telemetry().lost(Loss.VANISHED, 1);
      }
    } else {
      workflow.problems.add(failure.message());
      if (owed.row().isPresent()) {
        workflow.take(polling, owed.id(), ChangeDetection.row(key, before, owed.row().get()));
      }
    }
    Memory after = workflow.memory(owed.id());
    boolean stillOwed = after.owed() || owed.why() != Why.LOOK && !after.vanished();
    if (polling.traits().newestFirst() && stillOwed) {
      oweLater(
          new Owed(
              workflow, owed.id(), owed.why(), owed.end(), owed.row().filter(r -> after.isNew())));
    }
  }

  private boolean isGone(Failure failure) {
    return polling.traits().tellsNotFound()
        && failure
            .fault()
            .filter(
                e -> e.fault() instanceof Fault.NotFound notFound && notFound.saysNoSuchInstance())
            .isPresent();
  }
}
