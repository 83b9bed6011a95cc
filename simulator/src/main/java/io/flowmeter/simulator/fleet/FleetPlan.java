package io.flowmeter.simulator.fleet;

import java.time.Duration;
import java.time.Instant;

/**
 * All that a fleet depends on, beside the time.
 *
 * @param epoch when live traffic sets in; before it lies the backlog of history
 * @param history about how many instances were created before the epoch
 * @param rate new instances per second over all workflows, after the epoch, on the average of a day
 * @param retention how long an ended instance stays known
 * @param lives how long instances live
 * @param events whether there are bad deploys, outages and backlogs; without them, days are calm
 */
public record FleetPlan(
    long seed,
    Instant epoch,
    int history,
    double rate,
    Duration retention,
    Lives lives,
    boolean events) {

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

  /** Mixed lives and eventful days. */
  public FleetPlan(long seed, Instant epoch, int history, double rate, Duration retention) {
    this(seed, epoch, history, rate, retention, Lives.MIXED, true);
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
