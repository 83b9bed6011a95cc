package io.flowmeter.dev.verify;

import io.flowmeter.simulator.fault.FaultPlan;
import java.time.Duration;

/**
 * A simulated day.
 *
 * @param instances created in it, about
 * @param seed another seed, another day
 * @param faults what goes wrong by itself
 * @param speed virtual seconds for a real one
 */
public record DayPlan(int instances, long seed, FaultPlan faults, double speed) {
  public static final Duration LENGTH = Duration.ofDays(1);

  public DayPlan {
    if (instances < 1) {
      throw new IllegalArgumentException("expected at least 1 instance, came " + instances);
    }
    if (!(speed >= 1)) {
      throw new IllegalArgumentException("expected a speed of at least 1, came " + speed);
    }
  }

  /**
   * The same day on a slower machine.
   *
   * @param times how much longer it takes; at least 1
   */
  DayPlan slower(double times) {
    return new DayPlan(instances, seed, faults, Math.max(1, speed / times));
  }
}
