package io.flowmeter.e2e.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flowmeter.cli.settings.Settings;
import io.flowmeter.dev.up.Up;
import io.flowmeter.e2e.RecordedProgress;
import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedClickHouse;
import io.flowmeter.embedded.EmbeddedKafka;
import io.flowmeter.embedded.EmbeddedSchemaRegistry;
import io.flowmeter.testkit.ReservedPort;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code up} with parts of one's own that come later than it. */
class UpBeforeBackendsIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final ClickHouseUsers USERS = ClickHouseUsers.of("writes", "reads");
  private static final Pattern METRICS = Pattern.compile("Metrics +(http://\\S+)/metrics");

  private final List<String> said = new CopyOnWriteArrayList<>();
  private final AtomicBoolean cancelled = new AtomicBoolean();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ReservedPort kafkaPort = new ReservedPort();
  private final ReservedPort registryPort = new ReservedPort();
  private final ReservedPort clickHousePort = new ReservedPort();

  @TempDir Path temp;

  @AfterEach
  void stop() {
    threads.shutdownNow();
    kafkaPort.close();
    registryPort.close();
    clickHousePort.close();
  }

  private Settings settings() {
    return Settings.read(
        Map.of(
            "data.dir",
            temp.resolve("data").toString(),
            "metrics.port",
            "0",
            "preview.port",
            "off",
            "kafka.bootstrap.servers",
            "127.0.0.1:" + kafkaPort.number(),
            "registry.url",
            "http://127.0.0.1:" + registryPort.number() + "/apis/ccompat/v7",
            "clickhouse.url",
            "http://127.0.0.1:" + clickHousePort.number()),
        Map.of(
            "FLOWMETER_CLICKHOUSE_PASSWORD", "writes",
            "FLOWMETER_CLICKHOUSE_READER_PASSWORD", "reads"),
        Optional.empty());
  }

  private CompletableFuture<Up> start() {
    return CompletableFuture.supplyAsync(
        () -> Up.start(settings(), new RecordedProgress(said), cancelled::get), threads);
  }

  private void awaitSaid(String text) {
    await("the output to contain: " + text)
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(said).anyMatch(line -> line.contains(text)));
  }

  private HttpResponse<String> ask(String path) throws Exception {
    Matcher metrics = METRICS.matcher(String.join("\n", said));
    assertThat(metrics.find()).isTrue();
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(metrics.group(1) + path)).build(),
            BodyHandlers.ofString());
  }

  @Test
  void eachIsWaitedForAndSaidAndThenItGoesOn() throws Exception {
    CompletableFuture<Up> starting = start();
    awaitSaid("waiting for Kafka, see kafka.bootstrap.servers");
    awaitSaid("waiting for ClickHouse, see clickhouse.url");
    assertThat(ask("/live").statusCode()).isEqualTo(200);
    assertThat(ask("/ready").statusCode()).isEqualTo(503);
    assertThat(ask("/ready").body())
        .contains("FAIL start: waits for Kafka", "FAIL start: waits for ClickHouse");

    try (EmbeddedKafka kafka = EmbeddedKafka.start(temp.resolve("kafka"), kafkaPort.release())) {
      awaitSaid("Kafka is there.");
      awaitSaid("waiting for the Schema Registry, see registry.url");
      assertThat(starting).isNotDone();
      try (EmbeddedSchemaRegistry registry =
              EmbeddedSchemaRegistry.start(temp.resolve("registry"), registryPort.release());
          EmbeddedClickHouse clickHouse =
              EmbeddedClickHouse.start(
                  temp.resolve("clickhouse"), clickHousePort.release(), USERS);
          Up up = starting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        awaitSaid("The Schema Registry is there.");
        awaitSaid("ClickHouse is there.");
        await("/ready to answer 200")
            .atMost(PATIENCE)
            .until(() -> ask("/ready").statusCode() == 200);
        assertThat(up.failure()).isEmpty();
      }
    }
  }

  @Test
  void aStopEndsTheWait() {
    CompletableFuture<Up> starting = start();
    awaitSaid("waiting for Kafka");
    awaitSaid("waiting for ClickHouse");
    cancelled.set(true);
    await("the start to be cancelled").atMost(PATIENCE).until(starting::isDone);
    assertThat(starting).isCompletedExceptionally();
  }
}
