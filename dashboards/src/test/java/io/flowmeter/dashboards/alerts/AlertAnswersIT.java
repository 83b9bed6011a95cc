package io.flowmeter.dashboards.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.testkit.ClickHouseServer;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The form of every rule's answer, which Grafana must be able to take for labelled numbers. */
class AlertAnswersIT {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  static final List<AlertRule> RULES = AlertRules.ALL;

  @BeforeAll
  static void anEmptyDatabase() throws SQLException {
    server.startAfresh();
  }

  @ParameterizedTest
  @FieldSource("RULES")
  void anEmptyDatabaseIsNoError(AlertRule rule) throws SQLException {
    assertThat(server.query(rule.sql())).isEmpty();
  }

  /** Any other column, such as a time, and Grafana would take the answer for no number at all. */
  @ParameterizedTest
  @FieldSource("RULES")
  void anAnswerIsOneNumberARowBesideTexts(AlertRule rule) throws SQLException {
    Map<String, String> types = new LinkedHashMap<>();
    for (Map<String, Object> column : server.query("DESCRIBE (" + rule.sql() + ")")) {
      types.put(column.get("name").toString(), column.get("type").toString());
    }

    assertThat(types.remove("value")).isEqualTo("Float64");
    assertThat(types).containsKey("account_id");
    assertThat(types.values()).isSubsetOf("String", "LowCardinality(String)");
  }
}
