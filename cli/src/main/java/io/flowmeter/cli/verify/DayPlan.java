package io.flowmeter.cli.verify;

import java.time.Duration;

/**
 * A simulated day.
 *
 * @param instances created in it, about
 * @param seed another seed, another day
 * @param length of the day
 * @param speed virtual seconds for a real one
 */
public record DayPlan(int instances, long seed, Duration length, double speed) {

  public DayPlan {
    if (instances < 1) {
      throw new IllegalArgumentException("expected at least 1 instance, came " + instances);
    }
    if (!(speed >= 1)) {
      throw new IllegalArgumentException("expected a speed of at least 1, came " + speed);
    }
  }

  /** New instances per second. */
  double rate() {
    return (double) instances / length.toSeconds();
  }
}
