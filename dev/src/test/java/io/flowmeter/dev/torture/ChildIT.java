package io.flowmeter.dev.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flowmeter.cli.settings.Setting;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path home;

  /** A process that starts some, halts one of them, and lives until it is killed. */
  static final class Parent {
    public static void main(String[] args) throws InterruptedException {
      Path home = Path.of(args[0]);
      Child works = waiting(home, "works");
      Child paused = waiting(home, "paused");
      await("both processes to start")
          .atMost(PATIENCE)
          .until(() -> isUp(home.resolve("works")) && isUp(home.resolve("paused")));
      paused.pause();
      System.out.println(works.pid() + " " + paused.pid());
      new CountDownLatch(1).await();
    }

    static boolean isUp(Path directory) throws IOException {
      return Files.readString(directory.resolve("log")).contains("starts as process");
    }
  }

  /** A command that waits for a Kafka once it has come up. */
  private static Child waiting(Path home, String name) {
    return Child.start(
        home,
        name,
        List.of("ingest"),
        Map.of(
            Setting.SOURCE_URL.variable(), "http://127.0.0.1:1",
            Setting.KAFKA_BOOTSTRAP_SERVERS.variable(), "127.0.0.1:1",
            Setting.REGISTRY_URL.variable(), "http://127.0.0.1:1",
            Setting.METRICS_PORT.variable(), "off"),
        Optional.empty(),
        List.of());
  }

  @Test
  void whateverKillsTheirParentTheyEndWithItAlsoWhereTheyArePaused() throws Exception {
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Parent.class.getName(),
                home.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader said = parent.inputReader(StandardCharsets.UTF_8)) {
      List<ProcessHandle> children =
          List.of(said.readLine().split(" ")).stream()
              .map(pid -> ProcessHandle.of(Long.parseLong(pid)).orElseThrow())
              .toList();
      assertThat(children).hasSize(2).allMatch(ProcessHandle::isAlive);

      parent.destroyForcibly();

      await("the end of all children")
          .atMost(PATIENCE)
          .until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
    } finally {
      parent.destroyForcibly().onExit().join();
    }
  }

  @Test
  void askedToStopItStopsInOrderAndWhatWasPausedGoesOn() throws Exception {
    Child child = waiting(home, "ingest");
    await("the process to start").atMost(PATIENCE).until(() -> Parent.isUp(home.resolve("ingest")));
    child.pause();
    child.goOn();

    assertThat(child.stop()).isZero();
  }
}
