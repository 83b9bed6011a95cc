package io.flowmeter.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.cli.CommandException;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.clock.Clock;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.simulator.fault.InjectedFault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirstSourceIT {
  private static final String TOKEN = "the-token-of-a-test";

  @TempDir static Path data;

  private static Simulator simulator;

  @BeforeAll
  static void serve() throws IOException {
    simulator = Simulator.start(SimulatorConfig.of(1, Clock.system().instant()).withToken(TOKEN));
  }

  @AfterAll
  static void serveNoMore() {
    simulator.close();
  }

  /** An address with the API's path, so that it is taken for the production API. */
  private static Settings settings(Map<String, String> other) {
    Map<String, String> flags =
        new HashMap<>(
            Map.of(
                "data.dir",
                data.toString(),
                "source.url",
                simulator.baseUri().toString(),
                "account.id",
                simulator.account()));
    Map<String, String> environment = new HashMap<>(Map.of("CLOUDFLARE_API_TOKEN", TOKEN));
    other.forEach((name, value) -> (name.contains(".") ? flags : environment).put(name, value));
    return Settings.read(flags, environment, Optional.empty());
  }

  @Test
  void oneThatLetsThisOneInIsTaken() {
    assertThatCode(() -> FirstSource.require(settings(Map.of()))).doesNotThrowAnyException();
  }

  @Test
  void aWrongTokenOrAccountIsToldWithWhatToDoBeforeAnythingBelongsToIt() {
    assertThatThrownBy(
            () -> FirstSource.require(settings(Map.of("CLOUDFLARE_API_TOKEN", "another-token"))))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("does not let the token in")
        .hasMessageContaining("may read Workers Scripts")
        .hasMessageNotContaining("another-token");
    assertThatThrownBy(() -> FirstSource.require(settings(Map.of("account.id", "0123"))))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("account 0123");
    assertThat(data).isEmptyDirectory();
  }

  @Test
  void whatCannotBeAskedIsToldAsWell() {
    assertThatThrownBy(
            () -> FirstSource.require(settings(Map.of("source.url", "http://127.0.0.1:1"))))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("nothing listens there");
    assertThatThrownBy(
            () -> FirstSource.require(settings(Map.of("source.url", "http://api.example/v4"))))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("expected https")
        .hasMessageNotContaining(TOKEN);
  }

  @Test
  void troubleOfItsOwnIsForThePollerToWaitFor() {
    simulator.faults().every(any -> true, InjectedFault.serverError(503));
    try {
      assertThatCode(() -> FirstSource.require(settings(Map.of()))).doesNotThrowAnyException();
    } finally {
      simulator.faults().clear();
    }
  }
}
