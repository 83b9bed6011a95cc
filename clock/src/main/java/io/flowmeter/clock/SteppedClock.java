package io.flowmeter.clock;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.Condition;

/**
 * Time that passes only while somebody waits: whoever sleeps moves it on, at once. A simulation on
 * one thread takes as long as its work and is the same every time. For one thread at a time.
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

  /** Nobody else could signal: the time passes. */
  @Override
  public void await(Condition condition, Duration atMost) {
    sleep(atMost);
  }

  @Override
  public Duration real(Duration time) {
    return Duration.ZERO;
  }
}
