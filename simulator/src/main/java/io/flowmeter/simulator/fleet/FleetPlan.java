package io.flowmeter.simulator.fleet;

import java.time.Duration;
import java.time.Instant;

/**
 * All that a fleet depends on, beside the time.
 *
 * @param epoch when live traffic sets in; before it lies the backlog of history
 * @param history about how many instances were created before the epoch
 * @param rate new instances per second over all workflows, after the epoch, on the average of a
 *     day; those created by a schedule come on top
 * @param retention how long an ended instance stays known
 * @param lifetime how long instances live
 * @param events whether there are bad deploys, outages and backlogs; without them, days are calm
 */
public record FleetPlan(
    long seed,
    Instant epoch,
    int history,
    double rate,
    Duration retention,
    LifetimeProfile lifetime,
    boolean events) {
  /** Created by schedules each day, whatever the rate. */
  private static final int SCHEDULED_A_DAY = 720;

  /** Of the history of a fleet of long lives, what is still live at the epoch. */
  private static final double SLEEPING = 0.8;

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

  /** 400 instances of history, 1.5 new ones a second, 7 days of retention, eventful days. */
  public static FleetPlan of(long seed, Instant epoch) {
    return new FleetPlan(seed, epoch, 400, 1.5, Duration.ofDays(7), LifetimeProfile.MIXED, true);
  }

  /**
   * An eventful day of about so many instances, more of them by day (UTC) than by night. What ended
   * is known for half a day. From 2,000 instances on, everything that can happen happens.
   */
  public static FleetPlan day(long seed, Instant epoch, int instances) {
    double byChance = Math.max(instances - SCHEDULED_A_DAY, instances / 4);
    return of(seed, epoch)
        .withHistory(instances / 10)
        .withRate(byChance / Duration.ofDays(1).toSeconds())
        .withRetention(Duration.ofHours(12));
  }

  /** So many finish in each second, on the average of a day; they live for a minute or two. */
  public static FleetPlan brisk(long seed, Instant epoch, double finishing) {
    return of(seed, epoch).withRate(finishing).withLifetimes(LifetimeProfile.BRISK);
  }

  /** About so many are live at the epoch, most of which sleep for a week; few are new. */
  public static FleetPlan sleepers(long seed, Instant epoch, int live) {
    return of(seed, epoch)
        .withHistory((int) (live / SLEEPING))
        .withRate(0.05)
        .withLifetimes(LifetimeProfile.LONG);
  }

  /** The same with about so many instances created before the epoch. */
  public FleetPlan withHistory(int instances) {
    return new FleetPlan(seed, epoch, instances, rate, retention, lifetime, events);
  }

  /** The same with so many new instances per second. */
  public FleetPlan withRate(double perSecond) {
    return new FleetPlan(seed, epoch, history, perSecond, retention, lifetime, events);
  }

  /** The same with another retention. */
  public FleetPlan withRetention(Duration ended) {
    return new FleetPlan(seed, epoch, history, rate, ended, lifetime, events);
  }

  /** The same with longer or shorter lives. */
  public FleetPlan withLifetimes(LifetimeProfile length) {
    return new FleetPlan(seed, epoch, history, rate, retention, length, events);
  }

  /** The same with eventful days, or calm ones. */
  public FleetPlan withEvents(boolean eventful) {
    return new FleetPlan(seed, epoch, history, rate, retention, lifetime, eventful);
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
