package io.flowmeter.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.testkit.ClickHouseServer;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A month is read from rollups: what a panel reads of facts does not grow with its time range. */
class LongRangesIT {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  private static final Set<String> FACTS =
      Set.of("instances_rows", "transitions_rows", "step_runs_rows", "step_attempts_rows");

  private static final Selected SELECTED = new Selected(server);
  private static final Instant NOW = Instant.now();
  private static final TimeRange DAY = lastDays(1);
  private static final TimeRange MONTH = lastDays(30);

  /**
   * The day of two workflows thirty times, and each time so often that days lie in grains of their
   * own.
   */
  @BeforeAll
  static void aMonthOfTwoWorkflows() throws SQLException {
    server.startWithSampleFleet();
    server.execute(
        """
        INSERT INTO instances_rows
            (account_id, workflow, instance_id, run, is_newest, version_id, status, queued_at, started_at, ended_at,
             end_kind, weight, observed_at, error_group, error_pattern, failed_step, error_name, error_message, revision)
        SELECT account_id, workflow, concat(instance_id, '-', toString(d), '-', toString(copy)),
               run - d * 86400000, true, version_id, status, queued_at - INTERVAL d DAY, started_at - INTERVAL d DAY,
               ended_at - INTERVAL d DAY, end_kind, weight, observed_at - INTERVAL d DAY, error_group, 'pattern',
               failed_step, error_name, error_message, 1
        FROM instances CROSS JOIN (SELECT number % 30 AS d, intDiv(number, 30) AS copy FROM numbers(360)) AS copies
        WHERE end_kind != ''
        """);
    server.execute(
        """
        INSERT INTO step_runs_rows
            (account_id, workflow, instance_id, run, step_index, step, step_name, type, outcome, started_at, ended_at,
             wall_ms, attempt_ms, backoff_ms, attempts, retries, retry_limit, version_id, weight, revision)
        SELECT account_id, workflow, concat(instance_id, '-', toString(d), '-', toString(copy)),
               run - d * 86400000, step_index, step, step_name, type, outcome, started_at - INTERVAL d DAY,
               ended_at - INTERVAL d DAY, wall_ms, attempt_ms, backoff_ms, attempts, retries, retry_limit, version_id,
               weight, 1
        FROM step_runs CROSS JOIN (SELECT number % 30 AS d, intDiv(number, 30) AS copy FROM numbers(360)) AS copies
        """);
  }

  static List<DashboardsIT.Named> panels() throws IOException {
    return DashboardsIT.panels();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("panels")
  void noPanelReadsMoreFactsForAMonthThanForADay(DashboardsIT.Named named) throws SQLException {
    Map<String, Long> day = read(named, DAY);
    read(named, MONTH)
        .forEach(
            (facts, rows) ->
                assertThat(rows).as(facts).isLessThanOrEqualTo(3 * day.getOrDefault(facts, 0L)));
  }

  /** Rows of each table of facts that would be read, after its indexes have been asked. */
  private static Map<String, Long> read(DashboardsIT.Named named, TimeRange range)
      throws SQLException {
    List<Selection> selections = SELECTED.of(named.dashboard(), DAY, true);
    String sql =
        Selected.expander(named.panel(), range, selections)
            .expand(named.panel().targets().get(0).rawSql());
    return server.query("EXPLAIN ESTIMATE " + sql).stream()
        .filter(row -> FACTS.contains(row.get("table").toString()))
        .collect(
            Collectors.groupingBy(
                row -> row.get("table").toString(),
                Collectors.summingLong(row -> Long.parseLong(row.get("rows").toString()))));
  }

  private static TimeRange lastDays(int days) {
    return new TimeRange(NOW.minus(Duration.ofDays(days)), NOW.plusSeconds(60));
  }
}
