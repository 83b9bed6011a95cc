package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.testkit.ClickHouseServer;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No index that helps with a condition takes a row away, whichever way it is written. */
class DisjunctionsIT {
  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  @BeforeAll
  static void fillTwice() throws SQLException {
    server.startWithSampleFleet();
    for (String table :
        new String[] {
          "instances_rows", "transitions_rows", "step_runs_rows", "step_attempts_rows"
        }) {
      server.execute(
          "INSERT INTO %1$s SELECT * REPLACE (revision + 1 AS revision) FROM %1$s"
              .formatted(table));
    }
  }

  /** As where a chart's variable stands for all: {@code ('$step' = '' OR step = '$step')}. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          instances     | toString(queued_at) > '2000' AND ('x' = 'y' OR instance_id != '')
          instances     | toString(started_at) > '2000' AND ('x' = 'y' OR ended_at > now() - INTERVAL 1 YEAR)
          instances     | queued_at > now() - INTERVAL 1 YEAR AND (started_at < now() - INTERVAL 2 YEAR OR ended_at <= now())
          instances     | queued_at <= now() AND (end_kind = '' OR ended_at > now() - INTERVAL 1 HOUR)
          transitions   | toString(at) > '2000' AND ('x' = 'y' OR instance_id != '')
          step_runs     | toString(started_at) > '2000' AND ('x' = 'y' OR ended_at > now() - INTERVAL 1 YEAR)
          step_attempts | toString(started_at) > '2000' AND ('x' = 'y' OR instance_id != '')
          error_groups  | toString(first_seen) > '2000' AND ('x' = 'y' OR last_seen > now() - INTERVAL 1 YEAR)
          """)
  void aConditionWithAnOrLosesNoRow(String relation, String condition) throws SQLException {
    String query = "SELECT count() AS n FROM %s WHERE %s".formatted(relation, condition);

    assertThat(server.texts(query))
        .isEqualTo(server.texts(query + " SETTINGS use_skip_indexes = 0"))
        .doesNotContain("0");
    assertThat(server.query(query)).singleElement().asString().doesNotContain("n=0");
  }
}
