package io.flowmeter.clock;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;

/** The present. This is the only place of the product that reads the system's time. */
enum SystemClock implements Clock {
  INSTANCE;

  @Override
  public Instant instant() {
    return Instant.now();
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public void sleep(Duration time) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(time.toNanos());
  }

  @Override
  @SuppressWarnings("WaitNotInLoop") // The caller checks again.
  public void await(Condition condition, Duration atMost) throws InterruptedException {
    condition.awaitNanos(atMost.toNanos());
  }

  @Override
  public Duration real(Duration time) {
    return time;
  }
}
