package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClickHouseEndpointTest {

  @Test
  void aPasswordIsNeverPrinted() {
    assertThat(new ClickHouseEndpoint("https://clickhouse.example:8443", "writer", "s3cret"))
        .hasToString("ClickHouse at https://clickhouse.example:8443 as writer");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1:8123",
        "jdbc:clickhouse://127.0.0.1:8123",
        "http://127.0.0.1:8123/flowmeter",
        "http://me:s3cret@127.0.0.1:8123"
      })
  void anythingButABareHttpAddressIsRefused(String url) {
    assertThatThrownBy(() -> new ClickHouseEndpoint(url, "writer", ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("such as http://127.0.0.1:8123")
        .hasMessageNotContaining("s3cret");
  }
}
