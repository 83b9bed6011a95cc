package io.flowmeter.dashboards.alerts;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.sql.SqlScript;
import io.flowmeter.testkit.ClickHouseServer;
import io.flowmeter.testkit.PastQueries;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Every rule on the quiet week of quiet_week.sql, at moments of six of its days: none fires. Rows
 * of error spikes and of live runs are not made up here. docs/spikes.md has the spikes of calm
 * weeks, and {@link AlertQueriesIT} a live run that is not stuck.
 */
class QuietWeekIT {

  /** No divisor of an hour or a day, so that moments are of all hours. */
  private static final Duration STRIDE = Duration.ofMinutes(617);

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  @BeforeAll
  static void aQuietWeek() throws SQLException, IOException {
    server.startAfresh();
    try (InputStream in = QuietWeekIT.class.getResourceAsStream("quiet_week.sql")) {
      for (String statement :
          new SqlScript(new String(in.readAllBytes(), StandardCharsets.UTF_8)).statements()) {
        server.execute(statement);
      }
    }
  }

  @Test
  void noRuleFiresInAQuietWeek() throws SQLException {
    PastQueries past =
        PastQueries.of(
            server.query(PastQueries.VIEWS).stream()
                .collect(
                    toMap(
                        view -> view.get("name").toString(),
                        view -> view.get("as_select").toString())));
    Instant now = Instant.now().truncatedTo(ChronoUnit.MINUTES);
    Map<String, Integer> rows = new HashMap<>();
    // The first day has no version before it.
    for (Instant moment = now.minus(Duration.ofDays(6)).plus(STRIDE);
        moment.isBefore(now);
        moment = moment.plus(STRIDE)) {
      for (AlertRule rule : AlertRules.ALL) {
        String sql = past.knowing(knownAt(moment)).at(moment, rule.sql());
        for (Map<String, Object> row : server.query(sql)) {
          assertThat((Double) row.get("value"))
              .as("%s at %s: %s", rule.name(), moment, row)
              .isLessThanOrEqualTo(rule.above());
          rows.merge(rule.name(), 1, Integer::sum);
        }
      }
    }
    assertThat(rows.keySet())
        .as("rules that had something to judge")
        .contains(
            "error_budget_burns_slow",
            "collector_silent",
            "backlog_not_draining",
            "near_limit",
            "pipeline_delayed",
            "drift");
  }

  /** What had happened by then. The last sweep was at the moment, with the counts of its minute. */
  private static Map<String, String> knownAt(Instant moment) {
    String at = PastQueries.literal(moment);
    Map<String, String> known = new HashMap<>();
    for (String minutes :
        List.of("workflow_minute_parts", "step_minute_parts", "collector_minutes")) {
      known.put(minutes, "SELECT * FROM %s WHERE minute < %s".formatted(minutes, at));
    }
    known.put("versions", "SELECT * FROM versions WHERE created_at < " + at);
    known.put(
        "status_counts_now",
        """
        SELECT account_id, workflow, status, count, drift, drift AS drift_sweeps, minute AS as_of
        FROM status_counts WHERE minute = %s - INTERVAL 1 MINUTE"""
            .formatted(at));
    known.put("instances", "SELECT * FROM instances WHERE ended_at < " + at);
    return known;
  }
}
