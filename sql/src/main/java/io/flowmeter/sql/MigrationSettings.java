package io.flowmeter.sql;

import java.time.Duration;
import java.time.Period;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What an operator can choose about the schema, and how the migrator waits.
 *
 * @param factsRetention how long runs, transitions, steps and attempts are kept, counted from the
 *     run's name, its start
 * @param rollupsRetention how long minutes and status counts are kept
 * @param runningLimit how many instances of an account may run at once, by its plan
 * @param successObjective the share of runs that should complete, over 0 and under 1
 * @param cluster the ClickHouse cluster whose nodes all get the schema; empty for a single server
 * @param lockWait how long to wait for another migrator before giving up
 * @param lockExpiry a migrator that gave no sign of life for this long is taken for dead
 */
public record MigrationSettings(
    Period factsRetention,
    Period rollupsRetention,
    int runningLimit,
    double successObjective,
    Optional<String> cluster,
    Duration lockWait,
    Duration lockExpiry) {

  public MigrationSettings {
    requireRetention("factsRetention", factsRetention);
    requireRetention("rollupsRetention", rollupsRetention);
    if (runningLimit < 1) {
      throw new IllegalArgumentException(
          "runningLimit must be at least 1 instance, but is " + runningLimit);
    }
    if (!(successObjective > 0 && successObjective < 1)) {
      throw new IllegalArgumentException(
          "successObjective must be over 0 and under 1, such as 0.99, but is " + successObjective);
    }
    cluster.ifPresent(Cluster::new);
    Objects.requireNonNull(lockWait, "lockWait");
    if (lockExpiry.compareTo(Duration.ofSeconds(3)) < 0) {
      throw new IllegalArgumentException(
          "lockExpiry must be at least 3 s, since a sign of life is dated in whole seconds, but is "
              + lockExpiry);
    }
  }

  /** Facts 13 months, rollups 3 years, 50,000 running instances, 99 % success, a single server. */
  public static MigrationSettings defaults() {
    return new MigrationSettings(
        Period.ofMonths(13),
        Period.ofYears(3),
        50_000,
        0.99,
        Optional.empty(),
        Duration.ofMinutes(2),
        Duration.ofSeconds(60));
  }

  /** The same with other retention. */
  public MigrationSettings withRetention(Period facts, Period rollups) {
    return new MigrationSettings(
        facts, rollups, runningLimit, successObjective, cluster, lockWait, lockExpiry);
  }

  /** The same with another plan and another objective. */
  public MigrationSettings withServiceLevels(int running, double objective) {
    return new MigrationSettings(
        factsRetention, rollupsRetention, running, objective, cluster, lockWait, lockExpiry);
  }

  /** The same for all nodes of a cluster, or for a single server. */
  public MigrationSettings withCluster(Optional<String> name) {
    return new MigrationSettings(
        factsRetention,
        rollupsRetention,
        runningLimit,
        successObjective,
        name,
        lockWait,
        lockExpiry);
  }

  /**
   * The same with other patience: how long to wait for another migrator, and when it is taken for
   * dead.
   */
  public MigrationSettings withLock(Duration wait, Duration expiry) {
    return new MigrationSettings(
        factsRetention, rollupsRetention, runningLimit, successObjective, cluster, wait, expiry);
  }

  /** The values of the migrations' placeholders. */
  Map<String, String> placeholders() {
    return Map.of(
        "facts_retention", interval(factsRetention),
        "rollups_retention", interval(rollupsRetention),
        "running_limit", Integer.toString(runningLimit),
        "success_objective", Double.toString(successObjective));
  }

  /** As ClickHouse writes it after INTERVAL; years are twelve months. */
  private static String interval(Period period) {
    return period.getDays() > 0 ? period.getDays() + " DAY" : period.toTotalMonths() + " MONTH";
  }

  private static void requireRetention(String name, Period period) {
    boolean mixed = period.getDays() != 0 && period.toTotalMonths() != 0;
    boolean tooLong = period.toTotalMonths() > 1200 || period.getDays() > 36500;
    if (period.isZero() || period.isNegative() || mixed || tooLong) {
      throw new IllegalArgumentException(
          name
              + " must be a number of months or a number of days, above 0 and at most 100 years, but is "
              + period);
    }
  }
}
