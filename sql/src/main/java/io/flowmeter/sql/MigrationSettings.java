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
 * @param cluster the ClickHouse cluster whose nodes all get the schema; empty for a single server
 * @param lockWait how long to wait for another migrator before giving up
 * @param lockExpiry a migrator that gave no sign of life for this long is taken for dead
 */
public record MigrationSettings(
    Period factsRetention,
    Period rollupsRetention,
    Optional<String> cluster,
    Duration lockWait,
    Duration lockExpiry) {

  public MigrationSettings {
    requireRetention("factsRetention", factsRetention);
    requireRetention("rollupsRetention", rollupsRetention);
    cluster.ifPresent(Cluster::new);
    Objects.requireNonNull(lockWait, "lockWait");
    if (lockExpiry.compareTo(Duration.ofSeconds(3)) < 0) {
      throw new IllegalArgumentException(
          "lockExpiry must be at least 3 s, since a sign of life is dated in whole seconds, but is "
              + lockExpiry);
    }
  }

  /** Facts 13 months, rollups 3 years, a single server. */
  public static MigrationSettings defaults() {
    return new MigrationSettings(
        Period.ofMonths(13),
        Period.ofYears(3),
        Optional.empty(),
        Duration.ofMinutes(2),
        Duration.ofSeconds(60));
  }

  /** The same with other retention. */
  public MigrationSettings withRetention(Period facts, Period rollups) {
    return new MigrationSettings(facts, rollups, cluster, lockWait, lockExpiry);
  }

  /** The same for all nodes of a cluster, or for a single server. */
  public MigrationSettings withCluster(Optional<String> name) {
    return new MigrationSettings(factsRetention, rollupsRetention, name, lockWait, lockExpiry);
  }

  /**
   * The same with other patience: how long to wait for another migrator, and when it is taken for
   * dead.
   */
  public MigrationSettings withLock(Duration wait, Duration expiry) {
    return new MigrationSettings(factsRetention, rollupsRetention, cluster, wait, expiry);
  }

  /** The values of the migrations' placeholders. */
  Map<String, String> placeholders() {
    return Map.of(
        "facts_retention", interval(factsRetention),
        "rollups_retention", interval(rollupsRetention));
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
