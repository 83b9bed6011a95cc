package io.flowmeter.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.cli.Flowmeter;
import io.flowmeter.cli.console.Console;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DevCommandsTest {
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
        "simulate --port 65536",
        "simulate --rate -1",
        "simulate --instances -1",
        "simulate --speed 0",
        "simulate --limit -1",
        "simulate --faults nonsense=1",
        "simulate --topics.partitions 8",
        "bench parse --rounds 0",
        "bench rest --seconds 0",
        "bench polling --hours 25",
        "bench polling --rate 0",
        "bench parse --stream.threads 2",
        "verify --instances 0",
        "verify --speed 0",
        "verify --faults nonsense=1",
        "verify --kafka.bootstrap.servers k:9092",
        "torture --minutes 0",
        "torture --brokers 2",
        "torture --faults nonsense=1",
        "torture --stream.threads 2",
        "up --for 10",
        "up --ingest.interval 5",
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

  @Test
  void aDataDirectoryThatCannotBeMadeIsReportedBeforeAnythingStarts() {
    assertThat(run("up --data /dev/null/data")).isEqualTo(1);

    assertThat(complained.toString(StandardCharsets.UTF_8).lines())
        .singleElement()
        .asString()
        .startsWith("flowmeter: expected a directory that can be written at /dev/null/data")
        .endsWith("Choose another --data.");
  }
}
