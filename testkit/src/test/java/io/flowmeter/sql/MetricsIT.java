package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.testkit.ClickHouseServer;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every metric over every relation that it names, on a day of two workflows. */
class MetricsIT {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  private static final String LAST_DAY =
      "(since = now('UTC') - INTERVAL 1 DAY, until = now('UTC'), every = 0)";

  @BeforeAll
  static void aDayOfTwoWorkflows() throws SQLException {
    server.startWithSampleFleet();
  }

  static Stream<Arguments> metrics() {
    return Stream.of(Metric.values())
        .flatMap(
            metric -> metric.relations().stream().map(relation -> Arguments.of(metric, relation)));
  }

  @ParameterizedTest
  @MethodSource("metrics")
  void isANumber(Metric metric, String relation) throws SQLException {
    String rows = relation.endsWith("_between") ? relation + LAST_DAY : relation;
    String sql = "SELECT %s AS value FROM %s".formatted(metric.sql(relation), rows);

    assertThat(server.query(sql).get(0).get("value"))
        .as(sql)
        .isInstanceOfSatisfying(
            Number.class, value -> assertThat(value.doubleValue()).isNotNegative());
  }
}
