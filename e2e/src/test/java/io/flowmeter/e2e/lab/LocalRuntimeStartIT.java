package io.flowmeter.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalRuntimeStartIT {

  private static final Path LAB = Path.of(System.getProperty("flowmeter.home"), "e2e", "lab");

  @TempDir Path directory;

  @Test
  void runsAWorkflowKeepsItAcrossARestartAndLeavesNoProcess() {
    LocalRuntime first = LocalRuntime.start(LAB, directory);
    try {
      first.api().create("ping", "ping-1", Map.of("n", 7));
      await("the instance to be complete")
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(
              () ->
                  assertThat(first.api().detail("ping", "ping-1").get("status").asText())
                      .isEqualTo("complete"));
    } finally {
      List<ProcessHandle> processes = first.processes();
      first.close();
      assertThat(processes).hasSizeGreaterThan(3).noneMatch(ProcessHandle::isAlive);
    }

    LocalRuntime second = LocalRuntime.start(LAB, directory);
    try (second) {
      assertThat(second.api().rows("ping"))
          .extracting(row -> row.get("id").asText())
          .containsExactly("ping-1");
      JsonNode detail = second.api().detail("ping", "ping-1");
      assertThat(detail.get("output").asInt()).isEqualTo(7);
    }
  }

  @Test
  void saysWhatToDoWhereTheRuntimeIsNotInstalled() {
    assertThatThrownBy(() -> LocalRuntime.start(directory, directory))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is not installed")
        .hasMessageContaining("npm ci");
  }
}
