package io.flowmeter.clock;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.Condition;

/**
 * Time that advances only when a thread sleeps, and then at once. A simulation on one thread takes
 * only the time of its work and gives the same result every time. Only one thread may use it at a
 * time.
 */
public final class SteppedClock implements Clock {
  private final Instant epoch;
  private long nanos;

  public SteppedClock(Instant epoch) {
    this.epoch = epoch;
  }

  @Override
  public synchronized Instant instant() {
    return epoch.plusNanos(nanos);
  }

  @Override
  public synchronized long nanos() {
    return nanos;
  }

  @Override
  public synchronized void sleep(Duration time) {
    nanos += Math.max(0, time.toNanos());
  }

  /** Advances the time, because no other thread could signal. */
  @Override
  public void await(Condition condition, Duration atMost) {
    sleep(atMost);
  }

  @Override
  public Duration real(Duration time) {
    return Duration.ZERO;
  }
}
