package io.flowmeter.simulator;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that a test moves by hand. */
public final class MovingClock implements InstantSource {
  private volatile Instant now;

  public MovingClock(Instant now) {
    this.now = now;
  }

  @Override
  public Instant instant() {
    return now;
  }

  public void moveTo(Instant moment) {
    now = moment;
  }

  public void advance(Duration by) {
    now = now.plus(by);
  }
}
