package io.flowmeter.clock;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.Condition;

/**
 * A clock that starts at another clock's time and then advances only by that clock's {@link
 * #nanos}. It does not follow later corrections of the other clock, so what is planned by it
 * happens on time. It is as thread-safe as the other clock.
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
