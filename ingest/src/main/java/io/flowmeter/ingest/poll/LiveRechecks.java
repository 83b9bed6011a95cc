package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.observe.TrackedInstance;
import io.flowmeter.ingest.poll.WorkflowState.Doing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * Whose detail tells most of those that live: first those whose current step is longest beyond what
 * is known of that step, then those that were not looked at for longest. At most a tenth of the
 * budget goes there. Used under the planner's lock.
 */
final class LiveRechecks {
  private static final double SHARE = 0.08;
  private static final double MOST_SAVED = 3;

  /** A step that took longer than its p99 is likely to be stuck. */
  private static final double LONG = 1;

  private final PollerContext context;
  private final StepTimes steps;
  private final DetailQueue details;
  private final Deque<Candidate> planned = new ArrayDeque<>();
  private double saved = 1;
  private Instant savedAt;
  private long asked;

  LiveRechecks(PollerContext context, StepTimes steps, DetailQueue details) {
    this.context = context;
    this.steps = steps;
    this.details = details;
    this.savedAt = context.clock().instant();
  }

  private record Candidate(WorkflowState workflow, String id, double beyond, Instant lookedAt) {
    static final Comparator<Candidate> FIRST =
        Comparator.comparingDouble((Candidate each) -> -each.beyond())
            .thenComparing(Candidate::lookedAt)
            .thenComparing(Candidate::id);
  }

  /** Chooses for the next interval. */
  void plan(Collection<WorkflowState> workflows, Duration interval, double perSecond, Instant now) {
    long most =
        (long) Math.ceil(Math.min(100_000, SHARE * perSecond * interval.toMillis() / 1_000.0)) + 1;
    PriorityQueue<Candidate> best = new PriorityQueue<>(Candidate.FIRST.reversed());
    for (WorkflowState workflow : workflows) {
      for (Map.Entry<String, TrackedInstance> known : workflow.instances()) {
        if (!known.getValue().live()) {
          continue;
        }
        TrackedInstance tracked = workflow.polled(known.getKey());
        if (context.settings().rechecks().due(tracked, now)) {
          best.add(candidate(workflow, known.getKey(), tracked, now));
          if (best.size() > most) {
            best.poll();
          }
        }
      }
    }
    planned.clear();
    while (!best.isEmpty()) {
      planned.addFirst(best.poll());
    }
  }

  private Candidate candidate(
      WorkflowState workflow, String id, TrackedInstance tracked, Instant now) {
    Doing doing = workflow.doing.get(id);
    double beyond = doing == null ? 0 : steps.beyond(doing, now);
    return new Candidate(
        workflow, id, beyond > LONG ? beyond : 0, tracked.polledAt().orElse(Instant.MIN));
  }

  boolean ready(Instant now, double perSecond) {
    dropUseless();
    // What was found alive though no look was meant is of the same share.
    pay(details.drainFoundAlive(), now, perSecond);
    return !planned.isEmpty() && savedBy(now, perSecond) >= 1;
  }

  /** When the next may be looked at, where one is planned. */
  Optional<Instant> readyAt(Instant now, double perSecond) {
    dropUseless();
    if (planned.isEmpty() || perSecond <= 0) {
      return Optional.empty();
    }
    double missing = Math.max(0, 1 - savedBy(now, perSecond));
    return Optional.of(now.plusNanos((long) Math.ceil(1e9 * missing / (SHARE * perSecond)) + 1));
  }

  private void pay(long looks, Instant now, double perSecond) {
    saved = savedBy(now, perSecond) - looks;
    savedAt = now;
    asked += looks;
  }

  private double savedBy(Instant now, double perSecond) {
    if (Double.isInfinite(perSecond)) {
      return MOST_SAVED;
    }
    double seconds = Math.max(0, Duration.between(savedAt, now).toNanos() / 1e9);
    return Math.min(Math.max(MOST_SAVED, SHARE * perSecond), saved + seconds * SHARE * perSecond);
  }

  private void dropUseless() {
    while (!planned.isEmpty()
        && (!planned.peek().workflow().memory(planned.peek().id()).live()
            || !details.idle(planned.peek().workflow().instance(planned.peek().id())))) {
      planned.poll();
    }
  }

  ApiRequest<?> next(Instant now, double perSecond) {
    pay(1, now, perSecond);
    Candidate chosen = planned.remove();
    return details.recheck(chosen.workflow(), chosen.id(), now);
  }

  /** How many details of live runs were asked for since the last call. */
  long drain() {
    long since = asked;
    asked = 0;
    return since;
  }
}
