package io.flowmeter.dashboards.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.testkit.ClickHouseServer;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Rules are asked every minute, so they must not look through facts: of 30 days of 400,000 runs,
 * which lie in 49 grains or more, no rule's indexes leave more than those of a day or of the live
 * runs. What FINAL has to read beside them, since keys may meet, is not counted.
 */
class AlertReadPathIT {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  static final List<AlertRule> RULES = AlertRules.ALL;

  private static final Set<String> FACTS =
      Set.of("instances_rows", "step_runs_rows", "step_attempts_rows", "transitions_rows");

  /** A read of a table in a plan; the grains that its indexes leave, one by one, follow. */
  private static final Pattern READ = Pattern.compile("ReadFromMergeTree \\(flowmeter\\.(\\w+)\\)");

  private static final Pattern GRAINS = Pattern.compile("Granules: (\\d+)/(\\d+)");

  @BeforeAll
  static void thirtyDays() throws SQLException {
    server.startAfresh();
    server.execute(
        """
        INSERT INTO instances_rows
            (account_id, workflow, instance_id, run, version_id, status, queued_at, ended_at, end_kind, error_group,
             current_step, weight, revision)
        SELECT 'acme', concat('w', toString(number % 2)), toString(number), toUnixTimestamp64Milli(queued),
               if(queued < now64(3) - INTERVAL 2 HOUR, 'v1', 'v2'), if(live, 'running', 'errored'), queued,
               if(live, NULL, queued + INTERVAL 1 SECOND), if(live, '', 'api'),
               multiIf(live, NULL, number >= 399000, 'new', concat('group ', toString(intDiv(number, 8192)))), if(live, 'step', NULL), NOT live, 1
        FROM (
            SELECT number, number >= 399900 AS live,
                   now64(3, 'UTC') - toIntervalMillisecond((400000 - number) * 6480) AS queued
            FROM numbers(400000)
        )
        """);
    server.execute(
        """
        INSERT INTO versions_rows (account_id, workflow, version_id, created_at, revision)
        SELECT 'acme', arrayJoin(['w0', 'w1']), arrayJoin(['v1', 'v2']) AS version,
               now64(3) - if(version = 'v1', toIntervalDay(50), toIntervalHour(2)), 1
        """);
    server.execute("OPTIMIZE TABLE instances_rows FINAL");
  }

  @ParameterizedTest
  @FieldSource("RULES")
  void aRuleReadsNoFactsOfMoreThanADay(AlertRule rule) throws SQLException {
    String plan =
        server.query("EXPLAIN indexes = 1 " + rule.sql()).stream()
            .map(row -> row.values().iterator().next().toString())
            .collect(Collectors.joining("\n"));

    for (String read : plan.split("(?=ReadFromMergeTree)")) {
      Matcher table = READ.matcher(read);
      if (table.lookingAt() && FACTS.contains(table.group(1))) {
        assertThat(GRAINS.matcher(read).results().mapToInt(left -> Integer.parseInt(left.group(1))))
            .as(read)
            .anyMatch(left -> left <= 4);
      }
    }
  }
}
