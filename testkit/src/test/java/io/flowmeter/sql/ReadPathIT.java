package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.testkit.ClickHouseServer;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Conditions on a relation reach the storage under it, although it is read with FINAL or summed:
 * 400,000 steps of two workflows lie there in two parts, in 49 grains of 8,192 rows.
 */
class ReadPathIT {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  private static final Pattern GRANULES = Pattern.compile("Parts: \\d+ \\| Granules: (\\d+)");

  @BeforeAll
  static void fill() throws SQLException {
    server.startAfresh();
    for (int half = 0; half < 2; half++) {
      server.execute(
          """
          INSERT INTO step_runs_rows
              (account_id, workflow, instance_id, run, step_index, step, started_at, ended_at, wall_ms, revision)
          SELECT 'a', concat('w', toString(n %% 2)), concat('i', toString(n)),
                 toUnixTimestamp(toStartOfMonth(now('UTC'))) * 1000 + n * 1000 AS run, number %% 10, 's',
                 fromUnixTimestamp64Milli(run, 'UTC') AS started_at, addSeconds(started_at, 5), 5000, 1
          FROM (SELECT number, intDiv(number, 10) + %d AS n FROM numbers(200000))
          """
              .formatted(half * 20000));
      server.execute(
          """
          INSERT INTO step_minutes_rows (account_id, workflow, step, minute, part, runs, wall_buckets, revision, stored_at)
          SELECT 'a', concat('w', toString(number %% 2)), 's',
                 toStartOfMonth(now('UTC')) + toIntervalMinute(intDiv(number, 2)), %d, 1, map(1, 1), 1,
                 now('UTC') - INTERVAL 1 DAY
          FROM numbers(200000)
          """
              .formatted(half));
    }
  }

  @Test
  void aRangeOfAWorkflowsRunsReadsFewGrains() throws SQLException {
    assertThat(
            granules(
                "SELECT count() FROM step_runs WHERE account_id = 'a' AND workflow = 'w1'"
                    + " AND run < toUnixTimestamp(toStartOfMonth(now('UTC'))) * 1000 + 1000000"))
        .isBetween(1, 8);
  }

  @Test
  void aRangeOfTimeReadsFewGrainsOfAWorkflow() throws SQLException {
    assertThat(
            granules(
                "SELECT count() FROM step_runs WHERE account_id = 'a' AND workflow = 'w1'"
                    + " AND ended_at < toStartOfMonth(now('UTC')) + INTERVAL 1 HOUR"))
        .isBetween(1, 8);
  }

  @Test
  void aRangeOfTimeSkipsGrainsOfAllWorkflows() throws SQLException {
    assertThat(
            granules(
                "SELECT count() FROM step_runs WHERE ended_at < toStartOfMonth(now('UTC')) + INTERVAL 1 HOUR"))
        .isLessThan(35);
  }

  @Test
  void anInstanceIsFoundByItsIdAlone() throws SQLException {
    assertThat(granules("SELECT * FROM step_runs WHERE instance_id = 'i12345'")).isBetween(1, 8);
    assertThat(server.query("SELECT step_index FROM step_runs WHERE instance_id = 'i12345'"))
        .hasSize(10);
  }

  @Test
  void aRangeOfAWorkflowsMinutesReadsFewGrains() throws SQLException {
    assertThat(
            granules(
                "SELECT sum(runs) FROM step_minutes WHERE account_id = 'a' AND workflow = 'w1'"
                    + " AND minute < toStartOfMonth(now('UTC')) + INTERVAL 1 HOUR"))
        .isBetween(1, 8);
  }

  /** As the views ask that sum minutes to hours, each minute. */
  @Test
  void whatCameInLatelyIsFoundInFewGrains() throws SQLException {
    server.execute(
        "INSERT INTO step_minutes_rows (account_id, workflow, step, minute, part, runs, revision)"
            + " SELECT 'a', 'w1', 's', toStartOfMonth(now('UTC')), 9, 1, 1");

    String plan =
        plan(
            "SELECT account_id, workflow, toStartOfHour(minute) FROM step_minutes_rows"
                + " WHERE stored_at >= now('UTC') - INTERVAL 10 MINUTE");

    assertThat(granulesOf(plan)).as(plan).isBetween(1, 4);
  }

  /** What the storage table's indexes leave to be read. */
  private static int granules(String query) throws SQLException {
    String plan = plan(query);
    assertThat(plan).contains("FINAL: 1");
    return granulesOf(plan);
  }

  private static String plan(String query) throws SQLException {
    return String.join("\n", server.texts("EXPLAIN indexes = 1 " + query));
  }

  private static int granulesOf(String plan) {
    Matcher found = GRANULES.matcher(plan);
    assertThat(found.find()).as(plan).isTrue();
    return Integer.parseInt(found.group(1));
  }
}
