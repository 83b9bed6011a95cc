package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The answers of ready queries, each against what counting the rows of {@code counted_by_hand.sql}
 * gives.
 */
class CountedByHandTest {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  @BeforeAll
  static void anotherAccountBesideTheFleet() throws SQLException {
    server.startWithSampleFleet();
    for (String statement : SqlScript.resource("counted_by_hand.sql").statements()) {
      server.execute(statement);
    }
  }

  @Test
  void inFlightIsWhoWasQueuedAndHadNotEndedVanishedOrBeenSuperseded() throws SQLException {
    assertThat(of("imports", "in_flight_at"))
        .as(
            "the one that still runs and the one superseded since; not the one that ended nobody"
                + " knows when")
        .singleElement()
        .satisfies(row -> assertThat(row).containsEntry("in_flight", 2L));
  }

  private static List<Map<String, Object>> of(String workflow, String query) throws SQLException {
    return server.query(sql(query)).stream()
        .filter(row -> row.get("workflow").equals(workflow))
        .toList();
  }

  private static String sql(String query) {
    return ReadyQuery.all().stream()
        .filter(ready -> ready.name().equals(query))
        .findFirst()
        .orElseThrow()
        .sql();
  }
}
