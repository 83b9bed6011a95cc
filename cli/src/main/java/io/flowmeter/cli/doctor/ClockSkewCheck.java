package io.flowmeter.cli.doctor;

import static io.flowmeter.cli.doctor.Finding.fine;
import static io.flowmeter.cli.doctor.Finding.wrong;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Clocks of others beside ours. */
final class ClockSkewCheck {
  private static final Duration TOLERATED = Duration.ofSeconds(30);

  private final InstantSource ours;

  ClockSkewCheck(InstantSource ours) {
    this.ours = ours;
  }

  /** ClickHouse's, which says what is recent, and what is kept no longer. */
  Finding ofClickHouse(Connection connection) throws SQLException {
    Instant before = ours.instant();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT toUnixTimestamp64Milli(now64(3))")) {
      row.next();
      Instant theirs = Instant.ofEpochMilli(row.getLong(1));
      Instant between = before.plus(Duration.between(before, ours.instant()).dividedBy(2));
      return of("ClickHouse", Duration.between(between, theirs));
    }
  }

  /**
   * What is to be said of a clock.
   *
   * @param ahead how far it is ahead of ours; negative where it is behind
   */
  static Finding of(String whose, Duration ahead) {
    String subject = "clock of " + whose;
    if (ahead.abs().compareTo(TOLERATED) <= 0) {
      return fine(subject, "agrees with this machine's within " + TOLERATED.toSeconds() + " s");
    }
    return wrong(
        subject,
        "%d s %s this machine's"
            .formatted(ahead.abs().toSeconds(), ahead.isNegative() ? "behind" : "ahead of"),
        "See which is wrong and let it follow NTP. Facts bear the API's times whatever clocks say; freshness and what is retained depend on the others");
  }
}
