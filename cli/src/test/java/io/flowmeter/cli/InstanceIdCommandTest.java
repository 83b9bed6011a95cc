package io.flowmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.cli.console.Console;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InstanceIdCommandTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  private String told(Map<String, String> environment) {
    Console console = Console.plain(new PrintStream(said, true, StandardCharsets.UTF_8));
    assertThat(Flowmeter.run(new String[] {"instance-id", "order-1001"}, environment, console))
        .isZero();
    return said.toString(StandardCharsets.UTF_8).strip();
  }

  @Test
  void anIdIsToldAsItIs() {
    assertThat(told(Map.of())).isEqualTo("order-1001");
  }

  /** {@code printf order-1001 | openssl dgst -sha256 -hmac 'sixteen letters!'}, its beginning. */
  @Test
  void withAKeyItIsToldAsItIsStored() {
    assertThat(told(Map.of("FLOWMETER_PRIVACY_IDS_KEY", "sixteen letters!")))
        .isEqualTo("70ef3324533fa709df68e172f175bcf6");
  }
}
