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
  private final Instant startedAt;
  private final long startNanos;

  public SteadyClock(Clock clock) {
    this.clock = clock;
    this.startedAt = clock.instant();
    this.startNanos = clock.nanos();
  }

  @Override
  public Instant instant() {
    return startedAt.plusNanos(clock.nanos() - startNanos);
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
