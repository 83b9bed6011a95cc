package io.flowmeter.embedded;

import static io.flowmeter.embedded.ClickHouseClient.USERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.embedded.EmbeddedStack.Phase;
import io.flowmeter.embedded.EmbeddedStack.Progress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedStackIT {

  @TempDir Path directory;

  private final List<Progress> progress = new CopyOnWriteArrayList<>();

  @Test
  void allThreeServicesStartAndReportProgress() {
    EmbeddedStack stack =
        EmbeddedStack.in(directory)
            .withKafka(0)
            .withRegistry(0)
            .withClickHouse(0, USERS)
            .onProgress(progress::add)
            .start();
    try (stack) {
      assertThat(stack.services()).hasSize(3).allMatch(EmbeddedService::isAlive);
      assertThat(stack.kafka().directory()).isEqualTo(directory.resolve("kafka"));
      assertThat(stack.registry().directory()).isEqualTo(directory.resolve("registry"));
      assertThat(stack.clickHouse().directory()).isEqualTo(directory.resolve("clickhouse"));
    }
    assertThat(stack.services()).noneMatch(EmbeddedService::isAlive);
    for (Phase phase : List.of(Phase.STARTING, Phase.SERVING, Phase.STOPPED)) {
      assertThat(progress)
          .filteredOn(step -> step.phase() == phase)
          .extracting(Progress::part)
          .containsExactlyInAnyOrder("kafka", "registry", "clickhouse");
    }
  }

  @Test
  void serviceNotRequestedIsAbsent() {
    try (EmbeddedStack stack = EmbeddedStack.in(directory).withClickHouse(0, USERS).start()) {
      assertThat(stack.clickHouse().isAlive()).isTrue();
      assertThatThrownBy(stack::kafka).hasMessage("The stack was started without kafka");
    }
  }

  @Test
  void failedStartStopsOtherServices() {
    try (EmbeddedClickHouse owner =
        EmbeddedClickHouse.start(directory.resolve("clickhouse"), 0, USERS)) {
      assertThatThrownBy(
              () ->
                  EmbeddedStack.in(directory)
                      .withKafka(0)
                      .withClickHouse(0, USERS)
                      .onProgress(progress::add)
                      .start())
          .isInstanceOf(EmbeddedServiceException.class)
          .hasMessageContaining("clickhouse requires exclusive use of the data directory");
      assertThat(owner.isAlive()).isTrue();
    }
    assertThat(progress)
        .filteredOn(step -> step.phase() == Phase.FAILED)
        .extracting(Progress::part)
        .containsExactly("clickhouse");
    EmbeddedKafka.start(directory.resolve("kafka"), 0).close();
  }

  @Test
  void deathOfServiceIsReported() {
    try (EmbeddedStack stack = EmbeddedStack.in(directory).withClickHouse(0, USERS).start()) {
      ProcessHandle.of(stack.clickHouse().pid()).orElseThrow().destroyForcibly();
      assertThat(stack.death().toCompletableFuture().join())
          .hasMessageContaining("The embedded clickhouse ended unexpectedly")
          .hasMessageContaining("clickhouse.log");
    }
  }
}
