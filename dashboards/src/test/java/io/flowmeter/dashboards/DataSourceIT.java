package io.flowmeter.dashboards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.testkit.ClickHouseServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The time limits of Grafana's data source against those of the reader. The plugin gives a query
 * the data source's timeout ({@code sqlds}: {@code context.WithTimeout}), and its driver sets
 * {@code max_execution_time} to what is left of it and 5 s more (clickhouse-go: {@code
 * conn_http.go}). ClickHouse refuses the query if the reader may not set that much.
 */
class DataSourceIT {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  private static final Path FILE =
      Path.of(
          System.getProperty("flowmeter.home"),
          "dashboards/provisioning/datasources/flowmeter.yaml");
  private static final Pattern TIMEOUT = Pattern.compile("queryTimeout: \"(\\d+)\"");

  /** Seconds that the driver adds. */
  private static final int ADDED = 5;

  @Test
  void theProvisionedTimeoutIsAccepted() throws Exception {
    Matcher timeout = TIMEOUT.matcher(Files.readString(FILE));
    assertThat(timeout.find()).isTrue();

    assertThat(read(Integer.parseInt(timeout.group(1)) + ADDED)).isEqualTo(1);
  }

  /** 60 s is the default of a data source that is added by hand. */
  @ParameterizedTest
  @ValueSource(ints = {60, 70})
  void theTimeoutOfADataSourceAddedByHandIsAccepted(int timeout) throws Exception {
    assertThat(read(timeout + ADDED)).isEqualTo(1);
  }

  @Test
  void moreThanTheLimitIsRefused() {
    assertThatThrownBy(() -> read(76)).hasMessageContaining("shouldn't be greater than 75");
  }

  private static long read(int maxExecutionTime) throws SQLException, IOException {
    server.startAfresh();
    return (Long)
        server
            .query("SELECT toInt64(1) AS one SETTINGS max_execution_time = " + maxExecutionTime)
            .get(0)
            .get("one");
  }
}
