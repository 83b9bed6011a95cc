package io.flowmeter.simulator.fleet;

import java.time.Duration;
import java.time.Instant;

/**
 * All that a fleet depends on, beside the time.
 *
 * @param epoch when live traffic sets in; before it lies the backlog of history
 * @param history about how many instances were created before the epoch
 * @param rate new instances per second over all workflows, after the epoch
 * @param retention how long an ended instance stays known
 */
public record FleetPlan(long seed, Instant epoch, int history, double rate, Duration retention) {

  public FleetPlan {
    if (history < 0) {
      throw new IllegalArgumentException("history must not be negative, came " + history);
    }
    if (!(rate >= 0 && rate <= 1000)) {
      throw new IllegalArgumentException(
          "rate must be 0 to 1000 instances per second, came " + rate);
    }
    if (retention.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("retention must be at least 1 s, came " + retention);
    }
  }

  /** How far back history reaches: an hour, or longer when so many instances need it. */
  Duration historySpan() {
    double busiest = Math.max(rate, 1.5);
    return Duration.ofSeconds(Math.max(3600, Math.round(history / busiest)));
  }

  /** When the first instance can have been created. */
  Instant beginning() {
    return epoch.minus(historySpan());
  }
}
