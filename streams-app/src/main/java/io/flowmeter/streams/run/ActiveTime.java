package io.flowmeter.streams.run;

import io.flowmeter.schemas.fact.StepAttempt;
import io.flowmeter.schemas.fact.StepRun;
import io.flowmeter.streams.run.RunFacts.StepFacts;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * How long a run was at work: its run time without the union of sleeps, waits and backoffs, of
 * which counts as work again what attempts cover. All times are epoch milliseconds.
 *
 * <p>One pass over the moments at which something begins or ends, in order of time.
 */
final class ActiveTime {
  /** In the lowest bits of a moment, the time in all others. What is at the same time is equal. */
  private static final int KIND_BITS = 2;

  private static final int IDLE_BEGINS = 0;
  private static final int IDLE_ENDS = 1;
  private static final int ATTEMPT_BEGINS = 2;
  private static final int ATTEMPT_ENDS = 3;

  private final long start;
  private final long end;
  private long[] moments = new long[16];
  private int count;
  private boolean idles;

  private ActiveTime(long start, long end) {
    this.start = start;
    this.end = end;
  }

  /** Of a run from its start to its end, while nothing is known of its inside: all of it. */
  static ActiveTime between(long start, long end) {
    return new ActiveTime(start, end);
  }

  /**
   * Of the steps of a run that ended.
   *
   * @param steps what is unfinished is cut at the run's end
   */
  static ActiveTime of(Instant start, Instant end, List<StepFacts> steps) {
    ActiveTime active = between(start.toEpochMilli(), end.toEpochMilli());
    for (StepFacts step : steps) {
      active.step(step.stepRun());
      active.attempts(step);
    }
    return active;
  }

  private void step(StepRun step) {
    boolean waits =
        step.getType().equals(StepDerivation.SLEEP)
            || step.getType().equals(StepDerivation.WAIT_FOR_EVENT);
    if (waits) {
      idle(step.getStartedAt(), step.getEndedAt());
    }
  }

  private void attempts(StepFacts step) {
    boolean backsOff = step.stepRun().getType().equals(StepDerivation.STEP);
    Instant previousEnd = null;
    for (StepAttempt attempt : step.attempts()) {
      if (backsOff) {
        idle(previousEnd, attempt.getStartedAt());
      }
      add(ATTEMPT_BEGINS, ATTEMPT_ENDS, attempt.getStartedAt(), attempt.getEndedAt());
      previousEnd = attempt.getEndedAt();
    }
    if (backsOff && step.stepRun().getOutcome().equals(StepDerivation.UNFINISHED)) {
      // The run ended while the step waited for its next attempt. One that ended itself did so
      // within a millisecond or two of its last attempt, which is no backoff.
      idle(previousEnd, step.stepRun().getEndedAt());
    }
  }

  private void idle(Instant from, Instant to) {
    add(IDLE_BEGINS, IDLE_ENDS, from, to);
  }

  private void add(int begins, int ends, Instant from, Instant to) {
    if (from != null && to != null) {
      add(begins, ends, from.toEpochMilli(), to.toEpochMilli());
    }
  }

  /** A sleep, a wait or a backoff; what is outside of the run is left out. */
  ActiveTime idle(long from, long to) {
    add(IDLE_BEGINS, IDLE_ENDS, from, to);
    return this;
  }

  /** An attempt; what is outside of the run is left out. */
  ActiveTime attempt(long from, long to) {
    add(ATTEMPT_BEGINS, ATTEMPT_ENDS, from, to);
    return this;
  }

  private void add(int begins, int ends, long from, long to) {
    long first = Math.max(from, start);
    long last = Math.min(to, end);
    if (first >= last) {
      return;
    }
    if (count + 2 > moments.length) {
      moments = Arrays.copyOf(moments, 2 * moments.length);
    }
    moments[count++] = first << KIND_BITS | begins;
    moments[count++] = last << KIND_BITS | ends;
    idles |= begins == IDLE_BEGINS;
  }

  /** From 0 to the run time. */
  long ms() {
    long active = end - start;
    if (!idles) {
      return active;
    }
    Arrays.sort(moments, 0, count);
    int idle = 0;
    int attempts = 0;
    long since = start;
    for (int i = 0; i < count; i++) {
      long now = moments[i] >> KIND_BITS;
      if (idle > 0 && attempts == 0) {
        active -= now - since;
      }
      since = now;
      switch ((int) (moments[i] & (1 << KIND_BITS) - 1)) {
        case IDLE_BEGINS -> idle++;
        case IDLE_ENDS -> idle--;
        case ATTEMPT_BEGINS -> attempts++;
        default -> attempts--;
      }
    }
    return active;
  }
}
