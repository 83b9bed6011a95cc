package io.flowmeter.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiTokenTest {
  private static final String SECRET = "s3cr3t-token";

  @Test
  void printedItIsMasked() {
    assertThat(ApiToken.of(SECRET)).hasToString("********");
    assertThat(String.valueOf(java.util.Optional.of(ApiToken.of(SECRET)))).doesNotContain(SECRET);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "two words", "line\r\nX-Evil: 1", "ünicode"})
  void whatIsNoTokenIsRefusedWithoutBeingQuoted(String text) {
    assertThatThrownBy(() -> ApiToken.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("expected an API token")
        .hasMessageNotContaining("Evil");
  }
}
