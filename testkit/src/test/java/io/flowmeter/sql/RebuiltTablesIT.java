package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.sql.RebuiltTables.Difference;
import io.flowmeter.testkit.ClickHouseServer;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RebuiltTablesIT {
  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  private static final MigrationSettings SETTINGS = MigrationSettings.defaults();
  private static final long BOUNDARY = Instant.parse("2026-11-10T12:00:30Z").toEpochMilli();

  /** Runs of three months, two of them on the boundary's day. */
  @BeforeEach
  void threeMonthsOfRuns() throws SQLException {
    server.startAfresh();
    run("i-1", "2026-09-05 10:00:00.000", "2026-09-05 10:00:05.000");
    run("i-2", "2026-10-31 23:59:59.000", "2026-11-01 00:00:01.000");
    run("i-3", "2026-11-10 12:00:29.999", "2026-11-10 12:03:00.000");
    run("i-4", "2026-11-10 12:00:30.000", "2026-11-10 12:04:00.000");
    for (String minute :
        List.of("2026-09-05 10:00:00", "2026-10-31 23:59:00", "2026-11-10 12:00:00")) {
      server.execute(
          "INSERT INTO workflow_minutes_rows (account_id, workflow, minute, queued, part) VALUES"
              + " ('local', 'billing', '"
              + minute
              + "', 7, 1)");
    }
  }

  private static void run(String id, String queued, String ended) throws SQLException {
    server.execute(
        """
        INSERT INTO instances_rows (account_id, workflow, instance_id, run, status, queued_at, started_at, ended_at,
                                    end_kind, run_ms, attempts, retries, lost_ms, weight, observed_at, revision, deleted)
        SELECT 'local', 'billing', '%s', toUnixTimestamp64Milli(queued_at), 'complete',
               toDateTime64('%s', 3, 'UTC') AS queued_at, queued_at, toDateTime64('%s', 3, 'UTC'), 'api', 1000, 3, 1, 10,
               2, now64(3), 1, false
        """
            .formatted(id, queued, ended));
  }

  @Test
  void runsBeforeTheBoundaryAreCarriedOverWhateverTheirMonth() throws SQLException {
    try (RebuiltTables tables = RebuiltTables.lock(server.writer(), SETTINGS)) {
      tables.make();

      assertThat(tables.carry(BOUNDARY)).isEqualTo(3);

      assertThat(server.texts("SELECT instance_id FROM instances_rows_rebuild ORDER BY run"))
          .containsExactly("i-1", "i-2", "i-3");
      // Earlier minutes as they were, the boundary's recounted from i-3 alone.
      assertThat(
              server.texts(
                  "SELECT concat(toString(minute), ' ', toString(queued), ' ', toString(completed), ' ',"
                      + " toString(attempts), ' ', toString(run_buckets)) FROM workflow_minutes_rows_rebuild"
                      + " ORDER BY minute"))
          .containsExactly(
              "2026-09-05 10:00:00 7 0 0 {}",
              "2026-10-31 23:59:00 7 0 0 {}",
              "2026-11-10 12:00:00 1 0 0 {}",
              "2026-11-10 12:03:00 0 1 6 {349:2}");
      assertThat(server.texts("SELECT count() FROM instances_rows")).containsExactly("4");
    }
  }

  @Test
  void minutesThatWereLostAreRecountedFromWhatFactsThereAre() throws SQLException {
    server.execute("TRUNCATE TABLE workflow_minutes_rows");
    try (RebuiltTables tables = RebuiltTables.lock(server.writer(), SETTINGS)) {
      tables.make();
      tables.carry(BOUNDARY);

      assertThat(
              server.texts(
                  "SELECT concat(toString(minute), ' ', toString(queued), ' ', toString(completed))"
                      + " FROM workflow_minutes_rows_rebuild ORDER BY minute"))
          .containsExactly(
              "2026-09-05 10:00:00 1 1",
              "2026-10-31 23:59:00 1 0",
              "2026-11-01 00:00:00 0 1",
              "2026-11-10 12:00:00 1 0",
              "2026-11-10 12:03:00 0 1");
    }
  }

  @Test
  void whatIsNewOtherAndGoneIsTold() throws SQLException {
    try (RebuiltTables tables = RebuiltTables.lock(server.writer(), SETTINGS)) {
      tables.make();
      server.execute(
          "INSERT INTO instances_rows_rebuild SELECT * REPLACE (now64(3) AS inserted_at, 9 AS revision,"
              + " if(instance_id = 'i-2', 7, run_ms) AS run_ms) FROM instances_rows WHERE instance_id != 'i-1'");
      server.execute(
          "INSERT INTO instances_rows_rebuild SELECT * REPLACE ('new' AS instance_id) FROM instances_rows"
              + " ORDER BY run DESC LIMIT 1");

      assertThat(tables.differences(Optional.empty()))
          .contains(
              new Difference("instances", 4, 1, 1, 1),
              new Difference("workflow_minutes", 0, 0, 0, 3));
    }
  }

  @Test
  void aSwapThatStoppedHalfwayGoesOn() throws SQLException {
    try (RebuiltTables tables = RebuiltTables.lock(server.writer(), SETTINGS)) {
      tables.make();
      Map<String, String> identities = tables.identities();
      server.execute("EXCHANGE TABLES instances_rows AND instances_rows_rebuild");

      tables.swap(identities);
      tables.swap(identities);

      assertThat(server.texts("SELECT count() FROM instances_rows")).containsExactly("0");
      assertThat(server.texts("SELECT count() FROM workflow_minutes_rows")).containsExactly("0");
      assertThat(server.texts("SELECT count() FROM instances_rows_rebuild")).containsExactly("4");
      tables.drop();
      tables.swap(identities);
    }
  }

  @Test
  void hoursAndDaysAreThoseOfTheMinutesThatCameIntoUse() throws SQLException {
    sumUp();
    assertThat(server.texts("SELECT sum(queued) FROM workflow_hours_rows")).containsExactly("21");
    assertThat(server.texts("SELECT sum(queued) FROM workflow_days_rows")).containsExactly("21");
    try (RebuiltTables tables = RebuiltTables.lock(server.writer(), SETTINGS)) {
      tables.make();
      server.execute(
          "INSERT INTO workflow_minutes_rows_rebuild SELECT * REPLACE (8 AS queued) FROM workflow_minutes_rows"
              + " ORDER BY minute LIMIT 1");

      tables.swap(tables.identities());

      assertThat(queued("workflow_hours")).isEqualTo("8");
      assertThat(queued(ALL_RUNS)).isEqualTo("8");
      sumUp();
      assertThat(queued("workflow_hours_rows FINAL")).isEqualTo("8");
      assertThat(queued("workflow_days_rows FINAL")).isEqualTo("8");
      assertThat(queued("workflow_hours")).isEqualTo("8");
      assertThat(queued(ALL_RUNS)).isEqualTo("8");
    }
  }

  @Test
  void sumsWhoseTablesWereDroppedAreMadeAnewFromTheMinutes() throws SQLException {
    String before = server.texts("SHOW CREATE TABLE step_hours_rows").get(0);
    server.execute("DROP TABLE step_hours_rows SYNC");
    server.execute("DROP TABLE workflow_hours_rows SYNC");
    server.execute("DROP TABLE workflow_days_rows SYNC");
    List<String> missing = RebuiltTables.missing(server.writer(), RebuiltTables.relations());
    assertThat(missing)
        .containsExactly("workflow_hours_rows", "step_hours_rows", "workflow_days_rows");

    Migrator.remake(server.writer(), SETTINGS, missing);
    sumUp();

    assertThat(server.texts("SHOW CREATE TABLE step_hours_rows")).containsExactly(before);
    assertThat(queued("workflow_hours_rows FINAL")).isEqualTo("21");
    assertThat(queued("workflow_days_rows FINAL")).isEqualTo("21");
    assertThat(queued(ALL_RUNS)).isEqualTo("21");
  }

  private static final String ALL_RUNS =
      "runs_between(since = now() - INTERVAL 1 YEAR, until = now(), every = 0)";

  private static String queued(String relation) throws SQLException {
    return server.texts("SELECT sum(queued) FROM " + relation).get(0);
  }

  /** As happens every minute. */
  private static void sumUp() throws SQLException {
    for (String sums : List.of("workflow_hours_summed", "workflow_days_summed", "sums_told")) {
      server.execute("SYSTEM REFRESH VIEW " + sums);
      server.execute("SYSTEM WAIT VIEW " + sums);
    }
  }

  @Test
  void aTableThatIsGoneIsNotSwapped() throws SQLException {
    try (RebuiltTables tables = RebuiltTables.lock(server.writer(), SETTINGS)) {
      tables.make();
      Map<String, String> identities = tables.identities();
      tables.drop();

      assertThatThrownBy(() -> tables.swap(identities))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("it was removed or made anew by hand");
    }
  }

  @Test
  void aTableThatWasDroppedIsMadeAsMigrationsLeftIt() throws SQLException {
    String before = server.texts("SHOW CREATE TABLE step_runs_rows").get(0);
    server.execute("DROP TABLE step_runs_rows SYNC");
    assertThat(RebuiltTables.missing(server.writer(), RebuiltTables.relations()))
        .containsExactly("step_runs_rows");

    Migrator.remake(server.writer(), SETTINGS, List.of("step_runs_rows"));

    assertThat(server.texts("SHOW CREATE TABLE step_runs_rows")).containsExactly(before);
    assertThat(Migrator.pending(server.writer(), SETTINGS)).isEmpty();
  }

  @Test
  void whatIsNotAppliedIsPending() throws SQLException {
    server.execute(
        "ALTER TABLE schema_migrations DELETE WHERE name = 'V004__statuses' SETTINGS mutations_sync = 2");

    assertThat(Migrator.pending(server.writer(), SETTINGS)).containsExactly("V004__statuses");

    server.dropDatabase();
    assertThat(Migrator.pending(server.writer(), SETTINGS)).hasSameSizeAs(Migration.ALL);
  }
}
