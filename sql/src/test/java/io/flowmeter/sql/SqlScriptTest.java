package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SqlScriptTest {

  @Test
  void semicolonsInQuotesAndCommentsEndNoStatement() {
    SqlScript script =
        new SqlScript(
            """
            -- why; because
            SELECT 'a;b', "c;d", `e;f`, 'it''s; so', 'back\\';slash'; /* ; */
            SELECT 2;
            """);

    assertThat(script.statements())
        .containsExactly(
            "-- why; because\nSELECT 'a;b', \"c;d\", `e;f`, 'it''s; so', 'back\\';slash'",
            "/* ; */\nSELECT 2");
  }

  @Test
  void theLastStatementNeedsNoSemicolonAndBlanksAreNone() {
    assertThat(new SqlScript("SELECT 1;;\n ; -- nothing\n").statements())
        .containsExactly("SELECT 1");
    assertThat(new SqlScript("SELECT 1").statements()).containsExactly("SELECT 1");
    assertThat(new SqlScript("-- only this").statements()).isEmpty();
  }

  @Test
  void anUnclosedQuoteIsAnError() {
    assertThatThrownBy(() -> new SqlScript("SELECT 'a").statements())
        .hasMessage("Unclosed ' in: 'a");
  }

  @Test
  void placeholdersAreFilledAndAnUnknownOneIsAnError() {
    SqlScript script = new SqlScript("INTERVAL ${facts_retention}");

    assertThat(script.with(Map.of("facts_retention", "13 MONTH")).text())
        .isEqualTo("INTERVAL 13 MONTH");
    assertThatThrownBy(() -> script.with(Map.of("else", "1")))
        .hasMessage("No value for ${facts_retention}; there are values for [else]");
  }

  @Test
  void lineEndsDoNotChangeTheChecksum() {
    assertThat(new SqlScript("a\r\nb").checksum()).isEqualTo(new SqlScript("a\nb").checksum());
  }
}
