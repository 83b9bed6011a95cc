package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.testkit.ClickHouseServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(600)
class MinuteSumsIT {
  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  private static final int HOURS = 400;

  private static final String MINUTES_BY_HOUR =
      "SELECT concat(toString(toStartOfHour(minute) AS hour), ' ', toString(sum(runs))) FROM step_minutes"
          + " GROUP BY hour ORDER BY hour";

  private static final String HOURS_STORED =
      "SELECT concat(toString(hour), ' ', toString(runs)) FROM step_hours_rows FINAL ORDER BY hour";

  private static final String MINUTES_BY_DAY =
      "SELECT concat(toString(toStartOfDay(minute) AS day), ' ', toString(sum(runs))) FROM step_minutes"
          + " GROUP BY day ORDER BY day";

  private static final String DAYS_STORED =
      "SELECT concat(toString(day), ' ', toString(runs)) FROM step_days_rows FINAL ORDER BY day";

  private static final String SUM =
      "SELECT sum(runs) FROM steps_between(since = now() - INTERVAL 30 DAY, until = now(), every = 0)";

  /** Minutes of many hours, which came in long ago and are not summed yet. */
  @BeforeEach
  void minutesThatAreNotSummed() throws SQLException {
    server.startAfresh();
    try (Connection connection = server.writer().connect()) {
      new MinuteSums(connection).stop();
    }
    server.execute(
        """
        INSERT INTO step_minutes_rows (account_id, workflow, version_id, step, type, minute, part, runs, revision, stored_at)
        SELECT 'local', 'billing', 'v', 'charge', 'step',
               toStartOfHour(now('UTC') - INTERVAL 1 DAY) - toIntervalMinute(30 * number), 1, 1 + number, 1,
               now('UTC') - INTERVAL 1 HOUR
        FROM numbers(%d)
        """
            .formatted(2 * HOURS));
    assertThat(server.texts(MINUTES_BY_HOUR)).hasSizeGreaterThanOrEqualTo(HOURS);
  }

  @Test
  void hoursOfARefreshThatDiedWithItsServerAreSummedByTheNext() throws SQLException {
    beginToSumHours();

    server.killAndStartAgain();

    hurry();
    sumsAreThoseOfMinutes();
  }

  @Test
  void hoursOfARefreshThatWasCancelledAreSummedByTheNext() throws SQLException {
    beginToSumHours();

    server.execute("SYSTEM CANCEL VIEW step_hours_summed");

    hurry();
    sumsAreThoseOfMinutes();
  }

  @Test
  void hoursAreReadFromMinutesUntilAllOfThemAreSummed() throws SQLException {
    List<String> before = server.texts(SUM);
    beginToSumHours();

    assertThat(server.texts(SUM)).isEqualTo(before);

    sumsAreThoseOfMinutes();
    assertThat(server.texts(SUM)).isEqualTo(before);
    assertThat(server.texts("SELECT count() > 0 FROM step_hours_rows")).containsExactly("1");
  }

  @Test
  void whatWasSummedIsNotSummedAgain() throws SQLException {
    startToSum();
    while (stepHoursAreWholeUntil() == 0) {
      sumUp();
    }
    server.execute("TRUNCATE TABLE step_hours_rows");

    sumUp();

    assertThat(server.texts(HOURS_STORED)).isEmpty();
  }

  @Test
  void aSumThatWasForgottenWhileItWasBeingMadeIsNotTakenForWhole() throws SQLException {
    beginToSumHours();
    long forgotten = Long.parseLong(server.texts("SELECT toUnixTimestamp(now())").get(0));
    try (Connection connection = server.writer().connect()) {
      new MinuteSums(connection).drop(List.of("step_hours"));
    }

    server.execute("SYSTEM WAIT VIEW step_hours_summed");
    refresh("sums_told");

    // Where a minute has begun meanwhile, all was summed once more, and that counts.
    assertThat(stepHoursAreWholeUntil())
        .satisfiesAnyOf(
            until -> assertThat(until).isZero(),
            until -> assertThat(until).isGreaterThan(forgotten));
  }

  @Test
  void aSumThatIsStillWrittenIsWaitedFor() throws SQLException {
    server.execute(
        "CREATE OR REPLACE MATERIALIZED VIEW workflow_days_summed REFRESH EVERY 1 MINUTE APPEND TO workflow_days_rows"
            + " AS SELECT 'local' AS account_id, 'slow' AS workflow, sleepEachRow(3) = 0 AS queued FROM numbers(100)"
            + " SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 10000000");
    server.execute("SYSTEM REFRESH VIEW workflow_days_summed");
    // It is begun by a task of the server's own, soon.
    while (server
        .texts(
            "SELECT view FROM system.view_refreshes WHERE view = 'workflow_days_summed' AND status = 'Running'")
        .isEmpty()) {
      Thread.onSpinWait();
    }
    try (Connection connection = server.writer().connect()) {
      MinuteSums sums = new MinuteSums(connection);

      assertThatThrownBy(() -> sums.waitUntilNothingIsSummed(Duration.ZERO))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("workflow_days_summed")
          .hasMessageContaining("nothing was swapped");
      sums.stop();
      sums.restart();

      assertThat(server.texts("SELECT count() FROM workflow_days_rows")).containsExactly("0");
    }
  }

  /** Returns when some hours are written, others not. The view is as it is, but in small blocks. */
  private static void beginToSumHours() throws SQLException {
    server.execute(
        "ALTER TABLE step_hours_rows ADD COLUMN IF NOT EXISTS slow UInt8 DEFAULT sleepEachRow(0.01)");
    String view =
        server
            .texts("SELECT create_table_query FROM system.tables WHERE name = 'step_hours_summed'")
            .get(0);
    server.execute(
        view.replaceFirst("^CREATE ", "CREATE OR REPLACE ")
            .replaceFirst(
                "SETTINGS ",
                "SETTINGS max_threads = 1, max_block_size = 10, min_insert_block_size_rows = 10, "));
    startToSum();
    int written = 0;
    while (written == 0) {
      written = server.texts("SELECT DISTINCT hour FROM step_hours_rows").size();
    }
    assertThat(written).isLessThan(HOURS);
  }

  /** From the next refresh on. */
  private static void hurry() throws SQLException {
    server.execute("ALTER TABLE step_hours_rows MODIFY COLUMN slow UInt8 DEFAULT 0");
  }

  private static void startToSum() throws SQLException {
    for (String view : MinuteSums.views()) {
      server.execute("SYSTEM START VIEW " + view);
    }
  }

  /** In epoch seconds; a refresh that began in the second of the last word does not count yet. */
  private static long stepHoursAreWholeUntil() throws SQLException {
    return Long.parseLong(
        server
            .texts(
                "SELECT toUnixTimestamp(max(whole_until)) FROM sums_rows FINAL WHERE sums = 'step_hours'")
            .get(0));
  }

  private static void sumsAreThoseOfMinutes() throws SQLException {
    sumUp();
    assertThat(server.texts(HOURS_STORED)).isEqualTo(server.texts(MINUTES_BY_HOUR));
    assertThat(server.texts(DAYS_STORED)).isEqualTo(server.texts(MINUTES_BY_DAY));
  }

  /** As happens every minute. */
  private static void sumUp() throws SQLException {
    for (String view : MinuteSums.views()) {
      refresh(view);
    }
  }

  private static void refresh(String view) throws SQLException {
    server.execute("SYSTEM REFRESH VIEW " + view);
    server.execute("SYSTEM WAIT VIEW " + view);
  }
}
