package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ServerVersionTest {

  @Test
  void versionsAreComparedByYearAndRelease() {
    assertThat(ServerVersion.of("26.7.2.1")).hasValue(new ServerVersion(26, 7));
    assertThat(new ServerVersion(25, 12)).isGreaterThan(new ServerVersion(25, 8));
    assertThat(new ServerVersion(26, 1)).isGreaterThan(new ServerVersion(25, 12));
  }

  @Test
  void aServerThatIsTooOldIsNamedWithWhatToDo() {
    assertThatThrownBy(() -> ServerVersion.requireOf("25.8.4.13", "http://127.0.0.1:8123"))
        .isInstanceOf(MigrationException.class)
        .hasMessage(
            "http://127.0.0.1:8123 is ClickHouse 25.8.4.13. Flowmeter needs 25.12 or newer: upgrade the server");
    assertThatCode(() -> ServerVersion.requireOf("25.12.1.1", "any")).doesNotThrowAnyException();
  }

  @Test
  void aVersionOfAFormOfItsOwnIsLetPass() {
    assertThat(ServerVersion.of("head")).isEmpty();
    assertThatCode(() -> ServerVersion.requireOf("head", "any")).doesNotThrowAnyException();
  }
}
