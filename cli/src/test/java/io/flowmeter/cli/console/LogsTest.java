package io.flowmeter.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LogsTest {
  @TempDir Path temp;
  private final List<String> output = new ArrayList<>();
  private final ProgressListener progress =
      new ProgressListener() {
        @Override
        public void onProgress(String line) {
          output.add(line);
        }

        @Override
        public void warn(String line) {
          output.add("! " + line);
        }
      };

  @AfterEach
  void silence() {
    Logs.toNarrator(ProgressListener.SILENT);
  }

  @Test
  void theFileTakesAllAndThePersonHearsOurWarningsOnly() throws IOException {
    Path file = temp.resolve("flowmeter.log");
    Logs.toFile(file, progress, LogFormat.TEXT, List.of());
    Logger ours = LoggerFactory.getLogger("io.flowmeter.somewhere");
    Logger theirs = LoggerFactory.getLogger("org.example");
    ours.info("ours, information");
    ours.warn("ours, {}", "warning");
    theirs.warn("theirs, warning");
    ours.atError().addKeyValue("event", "failed").log("up ends, as its last line says");

    assertThat(output).containsExactly("! ours, warning");
    assertThat(Files.readString(file))
        .contains("ours, information", "ours, warning", "theirs, warning", "up ends")
        .containsPattern("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z WARN");
  }

  @Test
  void aMachineReadsAnEventWithItsFields() throws IOException {
    Path file = temp.resolve("flowmeter.log");
    Logs.toFile(file, progress, LogFormat.JSON, List.of("s3\"cret"));
    LoggerFactory.getLogger("io.flowmeter.somewhere")
        .atWarn()
        .addKeyValue("event", "leadership_lost")
        .addKeyValue("account", "s3\"cret")
        .addKeyValue("took_ms", 7L)
        .setCause(new IllegalStateException("line\nbreak s3\"cret"))
        .log("lost {}", "s3\"cret");

    assertThat(Files.readAllLines(file)).hasSize(1);
    assertThat(Files.readString(file))
        .matches("(?s)\\{\"time\":\"\\d{4}-\\d\\d-\\d\\dT[^\"]*Z\",\"level\":\"WARN\",.*\\}\n")
        .contains(
            "\"event\":\"leadership_lost\"",
            "\"account\":\"********\"",
            "\"took_ms\":7,",
            "\"message\":\"lost ********\"",
            "\"error\":\"java.lang.IllegalStateException: line\\nbreak ********")
        .doesNotContain("cret");
    assertThat(output).containsExactly("! lost ********");
  }

  @Test
  void aSecretIsMaskedWhoeverWritesIt() throws IOException {
    Path file = temp.resolve("flowmeter.log");
    Logs.toFile(file, progress, LogFormat.TEXT, List.of("s3cret"));
    LoggerFactory.getLogger("org.example")
        .error("Bearer s3cret refused", new IllegalStateException("token s3cret"));

    assertThat(Files.readString(file))
        .doesNotContain("s3cret")
        .contains("Bearer ******** refused", "token ********");
  }
}
