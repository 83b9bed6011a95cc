package io.flowmeter.cli.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.testkit.ClickHouseServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TextAnswerIT {
  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  private static final String SQL = "SELECT number AS n, 'a' AS text FROM numbers(2)";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @BeforeAll
  static void anEmptySchema() throws SQLException {
    server.startAfresh();
  }

  @Test
  void aTableHasNamesAndTypesAndIsCounted() throws IOException {
    assertThat(print(SQL, AnswerFormat.TABLE)).hasValue(2);

    assertThat(text().lines())
        .containsExactly(
            "     n  text", "UInt64  String", "──────  ──────", "     0  a", "     1  a");
  }

  @Test
  void theOtherFormatsAreALinePerRow() throws IOException {
    assertThat(print(SQL, AnswerFormat.TSV)).isEmpty();
    assertThat(print(SQL, AnswerFormat.JSON)).isEmpty();

    assertThat(text().lines())
        .hasSize(4)
        .contains("1\ta")
        .anySatisfy(line -> assertThat(line).startsWith("{\"n\":").endsWith("\"text\":\"a\"}"));
  }

  @Test
  void aFormatClauseComesFirst() throws IOException {
    assertThat(print(SQL + " FORMAT CSV", AnswerFormat.TABLE)).isEmpty();

    assertThat(text()).isEqualTo("0,\"a\"\n1,\"a\"\n");
  }

  private OptionalLong print(String sql, AnswerFormat format) throws IOException {
    AnswerTable table = new AnswerTable(80, false);
    return TextAnswer.print(server.reader(), sql, Map.of(), format, false, table, out);
  }

  private String text() {
    return out.toString(StandardCharsets.UTF_8);
  }
}
