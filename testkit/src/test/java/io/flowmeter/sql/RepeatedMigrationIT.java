package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.testkit.ClickHouseServer;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Whoever is cut off after any statement of a migration is followed by one who begins that
 * migration anew.
 */
class RepeatedMigrationIT {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  private static final MigrationSettings SETTINGS = MigrationSettings.defaults();

  /** Later ones find rows in the tables. */
  private static final String LAST_OF_THE_FIRST_RELEASE = "V007__pipeline_health";

  private static final List<String> ROWS =
      List.of(
          """
          INSERT INTO step_runs_rows
              (account_id, workflow, instance_id, run, step_index, step, type, outcome, started_at, ended_at,
               wall_ms, attempt_ms, backoff_ms, attempts, retries, weight, inserted_at, revision)
          SELECT 'acme', 'orders', toString(number), 1795521600000, number % 7, 'charge', 'step', 'succeeded',
                 toDateTime64('2026-11-24 12:00:00', 3, 'UTC'),
                 if(number % 5 = 0, NULL, toDateTime64('2026-11-24 12:00:01', 3, 'UTC')),
                 if(number % 5 = 0, NULL, 1000 + number % 3), 900 + number, if(number % 5 = 0, NULL, 100), 2, 1, 1,
                 toDateTime64('2026-11-24 12:00:02', 3, 'UTC'), 1
          FROM numbers(100)
          """,
          """
          INSERT INTO step_attempts_rows
              (account_id, workflow, instance_id, run, step_index, attempt, step, type, started_at, ended_at,
               success, duration_ms, weight, revision)
          SELECT 'acme', 'orders', toString(number), 1795521600000, 0, 1, 'charge', 'step',
                 toDateTime64('2026-11-24 12:00:00', 3, 'UTC'),
                 if(number % 5 = 0, NULL, toDateTime64('2026-11-24 12:00:01', 3, 'UTC')),
                 number % 2, if(number % 5 = 0, NULL, 1000 + number % 3), 1, 1
          FROM numbers(100)
          """,
          """
          INSERT INTO step_minutes_rows
              (account_id, workflow, step, type, minute, part, runs, wall_ms_sum, attempt_ms_sum, backoff_ms_sum,
               wall_buckets, attempt_buckets, revision)
          SELECT 'acme', 'orders', toString(number % 4), 'step', toDateTime('2026-11-24 12:00:00', 'UTC') + 60 * number,
                 number, 2, 2000, 1500 + number, 500, map(350, 2), if(number % 2 = 0, map(350, 2), map(340, 1, 350, 1)), 1
          FROM numbers(100)
          """);

  private static final Map<String, String> TOLD =
      Map.of(
          "step_runs", "instance_id, step_index",
          "step_attempts", "instance_id, step_index, attempt",
          "step_minutes", "minute, step");

  @Test
  void whereverOneIsCutOffItBeginsAnewAndNothingIsOtherwise() throws SQLException {
    Map<String, List<Map<String, Object>>> whole = migrated(false);
    assertThat(whole.get("step_runs")).hasSize(100);
    assertThat(whole.get("step_minutes")).hasSize(100);

    Map<String, List<Map<String, Object>>> cutOff = migrated(true);

    assertThat(cutOff.keySet()).isEqualTo(whole.keySet());
    whole.forEach((what, rows) -> assertThat(cutOff.get(what)).as(what).isEqualTo(rows));
  }

  /** Which tables there are, how each was made, and what the relations tell. */
  private static Map<String, List<Map<String, Object>>> migrated(boolean cutOff)
      throws SQLException {
    server.dropDatabase();
    Migrator.apply(server.writer(), SETTINGS, List.of());
    for (Migration migration : Migration.ALL) {
      List<String> statements = migration.statements(SETTINGS);
      for (int done = cutOff ? 1 : statements.size(); done <= statements.size(); done++) {
        for (String statement : statements.subList(0, done)) {
          server.execute(statement);
        }
      }
      if (migration.name().equals(LAST_OF_THE_FIRST_RELEASE)) {
        for (String rows : ROWS) {
          server.execute(rows);
        }
      }
    }
    Map<String, List<Map<String, Object>>> found = new TreeMap<>();
    for (String table :
        server.texts(
            "SELECT name FROM system.tables WHERE database = currentDatabase() AND name NOT LIKE"
                + " 'schema_%' AND name NOT LIKE '.%'")) {
      found.put(
          "table " + table,
          List.of(Map.of("made", server.texts("SHOW CREATE TABLE `" + table + "`").get(0))));
    }
    for (Map.Entry<String, String> relation : TOLD.entrySet()) {
      found.put(
          relation.getKey(),
          server.query("SELECT * FROM " + relation.getKey() + " ORDER BY " + relation.getValue()));
    }
    return found;
  }
}
