package io.flowmeter.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flowmeter.simulator.fault.InjectedFault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/**
 * What is asked to stop ends within 10 s with exit code 0, whatever is away just then. It takes
 * some minutes, which the build has not got: {@code mvn verify -Pnightly} runs it.
 */
@Tag("nightly")
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class StopIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Path DIRECTORY =
      Path.of(System.getProperty("flowmeter.home"), "e2e", "target", "stop");

  private Path home;
  private OperatorBackends place;

  @BeforeEach
  void parts(TestInfo test) throws Exception {
    home = DIRECTORY.resolve(test.getTestMethod().orElseThrow().getName());
    FreshDirectory.at(home);
    place = OperatorBackends.startQuietly(home);
    place.migrate();
  }

  @AfterEach
  void noParts() {
    place.close();
  }

  private static void stops(String what, Service service) throws InterruptedException {
    Service.End end = service.stop();
    System.out.printf(
        "stop: %-55s exit code %d after %,6d ms%n", what, end.code(), end.took().toMillis());
    assertThat(end.code()).as(what + "\n" + service.said()).isZero();
    assertThat(service.events("stopped")).hasSize(1);
  }

  private void awaitRows() {
    await("rows")
        .atMost(PATIENCE)
        .until(() -> !place.reader().query("SELECT 1 AS one FROM step_runs LIMIT 1").isEmpty());
  }

  @Test
  void whoLeadsHandsTheLeadOverAndWhoStreamsKeepsItsState() throws Exception {
    try (Service first = place.start("ingest-1", "ingest");
        Service stream = place.start("stream-1", "stream")) {
      first.awaitEvent("leadership_acquired");
      try (Service second = place.start("ingest-2", "ingest")) {
        second.awaitEvent("standby");
        awaitRows();
        long asked = System.nanoTime();
        stops("ingest that leads", first);
        second.awaitEvent("polling_started");
        Duration took = Duration.ofNanos(System.nanoTime() - asked);
        System.out.printf("stop: the other polls after %,d ms%n", took.toMillis());
        stops("stream", stream);
        try (Service again = place.start("stream-1", "stream")) {
          // Those in memory are read anew at every start, those on disk must not be.
          assertThat(again.awaitEvent("running").path("restored_stores").asText().split(" "))
              .doesNotContain("live", "ended", "instances", "dictionary", "detail_parts");
          stops("stream, just started again", again);
        }
        stops("ingest that leads since then", second);
      }
    }
  }

  @Test
  void withoutClickHouse() throws Exception {
    try (Service ingest = place.start("ingest-1", "ingest");
        Service stream = place.start("stream-1", "stream")) {
      awaitRows();
      place.stopClickHouse();
      stream.awaitEvent("writes_failing");
      stops("stream without ClickHouse", stream);
      stops("ingest", ingest);
    }
  }

  @Test
  void withoutKafka() throws Exception {
    try (Service ingest = place.start("ingest-1", "ingest");
        Service standby = place.start("ingest-2", "ingest");
        Service stream = place.start("stream-1", "stream")) {
      awaitRows();
      standby.awaitEvent("started");
      place.stopKafka();
      stops("stream without Kafka", stream);
      stops("ingest that leads, without Kafka", ingest);
      stops("ingest that stands by, without Kafka", standby);
      place.startKafka();
    }
  }

  @Test
  void withAnApiThatIsSilent() throws Exception {
    try (Service ingest = place.start("ingest-1", "ingest")) {
      ingest.awaitEvent("polling_started");
      place.simulator().faults().every(any -> true, InjectedFault.hang());
      await("a request without an answer")
          .atMost(PATIENCE)
          .until(
              () ->
                  place.simulator().requestsByMinute().values().stream()
                      .anyMatch(minute -> minute.unanswered() > 0));
      stops("ingest whose requests hang", ingest);
    }
  }

  @Test
  void duringTheStart() throws Exception {
    try (Service ingest = place.start("ingest-1", "ingest")) {
      ingest.awaitEvent("starting");
      stops("ingest that just starts", ingest);
    }
    try (Service stream = place.start("stream-1", "stream")) {
      stream.awaitEvent("starting");
      stops("stream that just starts", stream);
    }
    place.stopKafka();
    try (Service stream = place.start("stream-1", "stream")) {
      stream.awaitEvent("starting");
      stops("stream that starts without Kafka", stream);
    }
    try (Service stream = place.start("stream-1", "stream");
        Service ingest = place.start("ingest-1", "ingest")) {
      stream.awaitEvent("backend_unavailable");
      ingest.awaitEvent("backend_unavailable");
      stops("stream that waits for Kafka", stream);
      stops("ingest that waits for Kafka", ingest);
    }
    place.startKafka();
  }

  /** With its own parts; what it says is in a file, for people see its standard output. */
  @Test
  void upWithItsOwnParts() throws Exception {
    stopsWhen("just starts", up -> !up.events("starting").isEmpty());
    stopsWhen("starts its broker", up -> Files.exists(home.resolve("up/kafka/cluster.id")));
    stopsWhen("starts its registry", up -> Files.exists(home.resolve("up/registry/registry.log")));
    stopsWhen("starts its topology", up -> !up.events("rebalancing").isEmpty());
    stopsWhen("works", up -> !up.events("running").isEmpty() && !up.events("started").isEmpty());
  }

  /** A start from nothing, for else it is soon over. */
  private void stopsWhen(String what, Predicate<Service> moment) throws Exception {
    FreshDirectory.at(home.resolve("up"));
    try (Service up = startUp(Map.of())) {
      await("the moment to stop").atMost(PATIENCE).until(() -> moment.test(up));
      stops("up that " + what, up);
    }
  }

  @Test
  void upWithPartsOfOnesOwn() throws Exception {
    try (Service up = startUp(place.settings())) {
      up.awaitEvent("started");
      awaitRows();
      stops("up with configured parts, at work", up);
    }
    try (Service up = startUp(place.settings())) {
      up.awaitEvent("started");
      place.stopClickHouse();
      up.awaitEvent("writes_failing");
      stops("up at work without ClickHouse", up);
    }
    try (Service up = startUp(place.settings())) {
      up.awaitEvent("backend_unavailable");
      stops("up that waits for ClickHouse", up);
    }
    place.startClickHouse();
    try (Service up = startUp(place.settings())) {
      up.awaitEvent("started");
      place.stopKafka();
      up.awaitEvent("leadership_resigned");
      stops("up at work without Kafka", up);
    }
    try (Service up = startUp(place.settings())) {
      up.awaitEvent("backend_unavailable");
      stops("up that waits for Kafka", up);
    }
    place.startKafka();
  }

  private Service startUp(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("FLOWMETER_METRICS_PORT", "0");
    all.put("FLOWMETER_PREVIEW_PORT", "0");
    all.put("FLOWMETER_EMBEDDED_KAFKA_PORT", "0");
    all.put("FLOWMETER_EMBEDDED_REGISTRY_PORT", "0");
    all.put("FLOWMETER_EMBEDDED_CLICKHOUSE_PORT", "0");
    return Service.startLoggingTo(
        "logs/flowmeter.log",
        home,
        "up",
        all,
        LedgerDay.THIS_BUILD,
        List.of("-Xmx512m"),
        List.of(),
        "up");
  }

  @Test
  void aRebuildAndAMigration() throws Exception {
    try (Service ingest = place.start("ingest-1", "ingest");
        Service stream = place.start("stream-1", "stream")) {
      awaitRows();
      stops("stream", stream);
      stops("ingest", ingest);
    }
    try (Service rebuild = place.start("rebuild", "rebuild")) {
      await("the first output of rebuild").atMost(PATIENCE).until(() -> !rebuild.said().isEmpty());
      Service.End end = rebuild.stop();
      System.out.printf(
          "stop: %-55s exit code %d after %,6d ms%n", "rebuild", end.code(), end.took().toMillis());
    }
    try (Service migrate = place.start("migrate", "migrate")) {
      await("migrate to run").atMost(PATIENCE).until(() -> migrate.isAlive());
      Service.End end = migrate.stop();
      System.out.printf(
          "stop: %-55s exit code %d after %,6d ms%n", "migrate", end.code(), end.took().toMillis());
    }
    place.migrate();
    try (Service rebuild = place.start("rebuild", "rebuild")) {
      assertThat(rebuild.awaitEnd(System.nanoTime()).code()).as(rebuild.said()).isZero();
    }
  }
}
