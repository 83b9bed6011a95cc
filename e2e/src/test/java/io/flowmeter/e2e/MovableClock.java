package io.flowmeter.e2e;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/** A clock that stands still, or runs several times as fast as others. */
final class MovableClock implements InstantSource {

  private Instant base;
  private long sinceNanos = System.nanoTime();
  private int speed;

  /** It stands at this moment. */
  MovableClock(Instant at) {
    this.base = at;
  }

  @Override
  public synchronized Instant instant() {
    long passedNanos = System.nanoTime() - sinceNanos;
    return base.plusMillis(TimeUnit.NANOSECONDS.toMillis(passedNanos) * speed);
  }

  /** Lets it run on, so many times as fast as others. */
  synchronized void run(int times) {
    move(instant(), times);
  }

  /** Stops it. Answers the moment at which it stands from now on. */
  synchronized Instant freeze() {
    set(instant());
    return base;
  }

  /** Sets it to a moment, at which it stands. */
  synchronized void set(Instant at) {
    move(at, 0);
  }

  private void move(Instant at, int times) {
    base = at;
    sinceNanos = System.nanoTime();
    speed = times;
  }
}
