package io.flowmeter.clock;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.Condition;

/**
 * The time that another clock had at first, and since then only what passed by that one's {@link
 * #nanos}: nobody sets it. What is planned by it comes, however the other is put right meanwhile.
 * As safe as the other.
 */
public final class SteadyClock implements Clock {
  private final Clock clock;
  private final Instant begun;
  private final long begunNanos;

  public SteadyClock(Clock clock) {
    this.clock = clock;
    this.begun = clock.instant();
    this.begunNanos = clock.nanos();
  }

  @Override
  public Instant instant() {
    return begun.plusNanos(clock.nanos() - begunNanos);
  }

  @Override
  public long nanos() {
    return clock.nanos();
  }

  @Override
  public void sleep(Duration time) throws InterruptedException {
    clock.sleep(time);
  }

  @Override
  public void await(Condition condition, Duration atMost) throws InterruptedException {
    clock.await(condition, atMost);
  }

  @Override
  public Duration real(Duration time) {
    return clock.real(time);
  }
}
