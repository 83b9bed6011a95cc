package io.flowmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.cli.console.Console;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlowmeterTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final ByteArrayOutputStream complained = new ByteArrayOutputStream();
  private PrintStream standardError;

  @BeforeEach
  void listen() {
    standardError = System.err;
    System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void listenNoMore() {
    System.setErr(standardError);
  }

  private int run(String line) {
    return Flowmeter.run(
        line.split(" "),
        Map.of(),
        Console.plain(new PrintStream(said, true, StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "settings --topics.partitions 8",
        "top --range 0s",
        "top --every 999999999999999d",
        "top --sort age",
        "replay --since T",
      })
  void aMistakeOnTheCommandLineIsToldInALineWithExitCode2(String line) {
    assertThat(run(line)).isEqualTo(2);

    assertThat(complained.toString(StandardCharsets.UTF_8).lines())
        .singleElement()
        .asString()
        .startsWith("flowmeter: ")
        .containsAnyOf("expected", "must");
    assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"up --for 10s", "simulate --port 0", "verify", "torture", "bench parse"})
  void aCommandOfTheToolsSaysWhereTheyAre(String line) {
    assertThat(run(line)).isEqualTo(1);

    assertThat(complained.toString(StandardCharsets.UTF_8))
        .startsWith("flowmeter: `" + line.split(" ")[0] + "` is in the folder tools")
        .contains("unpack the whole archive");
  }
}
