package io.flowmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.migrate.BackendMigration;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedClickHouse;
import io.flowmeter.embedded.EmbeddedStack;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code flowmeter stream} in a process of its own, between real parts. */
class StreamCommandIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final ClickHouseUsers USERS = ClickHouseUsers.of("writes", "reads");
  private static final Pattern METRICS = Pattern.compile("Metrics at (http://\\S+)/metrics");

  @TempDir Path home;

  @Test
  void startedWhileClickHouseIsAwayItSaysSoAndGoesOnWhenItIsThere() throws Exception {
    Path directory = home.resolve("clickhouse");
    try (EmbeddedStack stack =
        EmbeddedStack.in(home.resolve("parts")).withKafka(0).withRegistry(0).start()) {
      EmbeddedClickHouse server = EmbeddedClickHouse.start(directory, 0, USERS);
      Map<Setting<?>, String> settings =
          Map.of(
              Setting.KAFKA_BOOTSTRAP_SERVERS, stack.kafka().bootstrapServers(),
              Setting.REGISTRY_URL, stack.registry().url().toString(),
              Setting.CLICKHOUSE_URL, server.httpUrl().toString(),
              Setting.CLICKHOUSE_PASSWORD, "writes",
              Setting.DATA_DIR, home.resolve("data").toString(),
              Setting.METRICS_PORT, "0");
      BackendMigration.topicsAndSchemas(parts(settings));
      BackendMigration.tables(parts(settings));
      int port = server.port();
      server.close();
      Path log = home.resolve("stream.log");
      Process stream = start(settings, log);
      try {
        await("the metrics address in the log")
            .atMost(PATIENCE)
            .until(() -> METRICS.matcher(Files.readString(log)).find());
        await("the message that ClickHouse cannot be reached")
            .atMost(PATIENCE)
            .until(() -> Files.readString(log).contains("is not to be reached"));
        assertThat(Files.readString(log)).contains("flowmeter doctor");
        await("/live to answer 200").atMost(PATIENCE).until(() -> status(log, "/live") == 200);
        await("the message that ClickHouse cannot be written to")
            .atMost(PATIENCE)
            .until(() -> Files.readString(log).contains("ClickHouse cannot be written to"));
        assertThat(status(log, "/ready")).isEqualTo(503);

        try (EmbeddedClickHouse back = EmbeddedClickHouse.start(directory, port, USERS)) {
          assertThat(back.port()).isEqualTo(port);
          await("/ready to answer 200").atMost(PATIENCE).until(() -> status(log, "/ready") == 200);
          assertThat(Files.readString(log)).contains("the writer gets on again");
          requireRefused(settings);
          stream.destroy();
          assertThat(stream.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
              .as("stream has ended")
              .isTrue();
          assertThat(stream.exitValue()).isZero();
        }
      } finally {
        stream.destroyForcibly().onExit().join();
      }
    }
  }

  /** Another one in the same directory. */
  private void requireRefused(Map<Setting<?>, String> settings) throws Exception {
    Path log = home.resolve("another.log");
    Process another = start(settings, log);
    try {
      assertThat(another.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
          .as("the other has ended")
          .isTrue();
    } finally {
      another.destroyForcibly().onExit().join();
    }
    assertThat(another.exitValue()).isEqualTo(1);
    assertThat(Files.readString(log))
        .contains("flowmeter: the stores in", "are in use by another", "--data DIR")
        .doesNotContain("\tat ");
  }

  private static Backends parts(Map<Setting<?>, String> settings) {
    Settings all = Settings.defaults();
    for (Map.Entry<Setting<?>, String> each : settings.entrySet()) {
      all = all.with(each.getKey(), each.getValue(), "test");
    }
    return Backends.find(all);
  }

  private static Process start(Map<Setting<?>, String> settings, Path log) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Flowmeter.class.getName(),
                    "stream"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    settings.forEach((setting, value) -> builder.environment().put(setting.variable(), value));
    return builder.start();
  }

  private static int status(Path log, String path) throws Exception {
    Matcher metrics = METRICS.matcher(Files.readString(log));
    assertThat(metrics.find()).isTrue();
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(metrics.group(1) + path)).build(),
            BodyHandlers.discarding())
        .statusCode();
  }
}
