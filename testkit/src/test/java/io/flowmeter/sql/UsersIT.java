package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.testkit.ClickHouseServer;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The users for a server of one's own: the embedded one can parse them, but not create users. */
class UsersIT {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  private static final List<String> STATEMENTS = SqlScript.resource("users.sql").statements();

  @Test
  void everyStatementIsParsedByARealServer() throws SQLException {
    server.startAfresh();
    for (String statement : STATEMENTS) {
      assertThat(server.texts("EXPLAIN AST " + statement)).as(statement).isNotEmpty();
    }
  }

  @Test
  void theReaderIsGrantedNothingButReading() {
    assertThat(STATEMENTS)
        .filteredOn(statement -> statement.contains("TO flowmeter_reader"))
        .isNotEmpty()
        .allSatisfy(statement -> assertThat(statement).contains("GRANT SELECT ON "));
  }
}
