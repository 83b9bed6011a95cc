package io.flowmeter.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConsoleTest {
  private long now = 1;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @Test
  void onATerminalTheLiveLineIsRewrittenAndOtherLinesStandAboveIt() {
    Console console = console(true, 80);
    console.live("10 rows");
    console.live("20 rows");
    console.onProgress("First row");
    console.endLive();

    assertThat(written()).isEqualTo("10 rows\r\u001b[K20 rows\r\u001b[KFirst row\n20 rows\n");
  }

  @Test
  void onATerminalTheLiveLineIsCutToItsWidth() {
    Console console = console(true, 40);
    console.live("x".repeat(60));

    assertThat(written()).isEqualTo("x".repeat(38) + "…");
  }

  @Test
  void elsewhereTheLiveLineIsALineEveryTenSeconds() {
    Console console = console(false, 80);
    console.live("10 rows");
    now += Duration.ofSeconds(10).toNanos();
    console.live("20 rows");
    console.live("30 rows");
    console.onProgress("First row");

    assertThat(written()).isEqualTo("20 rows\nFirst row\n");
  }

  @Test
  void coloursAreWrittenOnlyWhereTheyAreWanted() {
    assertThat(console(false, 80).red("wrong")).isEqualTo("wrong");
    assertThat(new Console(out(), true, true, 80, () -> now).red("wrong"))
        .isEqualTo("\u001b[31mwrong\u001b[0m");
  }

  private Console console(boolean terminal, int columns) {
    return new Console(out(), terminal, false, columns, () -> now);
  }

  private PrintStream out() {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private String written() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
