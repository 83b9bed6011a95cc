package io.flowmeter.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flowmeter.verify.Comparison;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/**
 * What an operator does, and what befalls a machine, loses nothing. It takes minutes, which the
 * build has not got: {@code mvn verify -Pnightly} runs it. With {@code -Dprevious.classpath=F},
 * where F is a file with the class path of an earlier build, all begins as that one, and each
 * process is restarted as this one.
 */
@Tag("nightly")
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class OperationsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Path DIRECTORY =
      Path.of(System.getProperty("flowmeter.home"), "e2e", "target", "operations");
  private static final int INSTANCES = 2_000;

  private LedgerDay day;
  private OperatorBackends place;

  @BeforeEach
  void aDay(TestInfo test) throws Exception {
    Path home = DIRECTORY.resolve(test.getTestMethod().orElseThrow().getName());
    FreshDirectory.at(home);
    day = LedgerDay.begin(home, INSTANCES, previousBuild().orElse(LedgerDay.THIS_BUILD));
    place = day.place();
  }

  @AfterEach
  void itsEnd() {
    day.close();
  }

  private static Optional<String> previousBuild() throws IOException {
    String file = System.getProperty("previous.classpath", "");
    return file.isEmpty() ? Optional.empty() : Optional.of(Files.readString(Path.of(file)).strip());
  }

  private void awaitRows() {
    await("rows")
        .atMost(PATIENCE)
        .until(() -> !place.reader().query("SELECT 1 AS one FROM step_runs LIMIT 1").isEmpty());
  }

  /** As Kubernetes does it: the next one is stopped when the one before is ready again. */
  private Service restart(Service service, String name, String command) throws Exception {
    Service.End end = service.stop();
    assertThat(end.code()).as(service.said()).isZero();
    Service again = place.start(name, command);
    again.awaitReady();
    System.out.printf(
        "rolling: %s stopped within %,d ms, then started anew and ready%n",
        name, end.took().toMillis());
    return again;
  }

  @Test
  void aRollingRestartLosesNothingAndTellsNothingLate() throws Exception {
    Service ingest1 = place.start("ingest-1", "ingest");
    Service stream1 = place.start("stream-1", "stream");
    ingest1.awaitEvent("leadership_acquired");
    Service ingest2 = place.start("ingest-2", "ingest");
    Service stream2 = place.start("stream-2", "stream");
    try {
      awaitRows();
      for (Service each : List.of(ingest1, ingest2, stream1, stream2)) {
        each.awaitReady();
      }
      Instant startedAt = day.now();
      if (previousBuild().isPresent()) {
        place.use(LedgerDay.THIS_BUILD);
        place.migrate();
      }
      ingest1 = restart(ingest1, "ingest-1", "ingest");
      ingest2 = restart(ingest2, "ingest-2", "ingest");
      stream1 = restart(stream1, "stream-1", "stream");
      stream2 = restart(stream2, "stream-2", "stream");
      Comparison comparison = day.end(ingest1, ingest2);
      List<Double> fresh = day.freshness(startedAt);
      System.out.printf(
          "rolling: from a run's end to its row %.1f s (median), %.1f s (longest), in real time%n",
          fresh.get(0), fresh.get(1));

      assertThat(comparison.differences()).isEmpty();
    } finally {
      List.of(ingest1, ingest2, stream1, stream2).forEach(Service::close);
    }
  }

  @Test
  @DisabledIfSystemProperty(
      named = "previous.classpath",
      matches = ".+",
      disabledReason = "it tries this build alone, an earlier one is only rolled over")
  void aFullDiskIsToldAndWithRoomItGoesOn() throws Exception {
    try (Service ingest = place.start("ingest-1", "ingest")) {
      ingest.awaitEvent("leadership_acquired");
      // No file may grow beyond 96 KiB, which stores and logs alike run into.
      try (Service full =
          place.startWith("stream-1", List.of(), limited("ulimit -f 96"), "stream")) {
        await("the topology to fail")
            .atMost(PATIENCE)
            .until(() -> !full.isAlive() || !full.events("topology_failed").isEmpty());
        System.out.println("full: alive " + full.isAlive());
        full.events("topology_failed").stream()
            .limit(1)
            .forEach(
                event ->
                    System.out.println(
                        "full: " + event.path("error").asText().lines().limit(12).toList()));
        if (full.isAlive()) {
          System.out.println("full: /ready " + full.ask("/ready").body());
          System.out.println("full: stop " + full.stop());
        }
      }
      try (Service again = place.start("stream-1", "stream")) {
        again.awaitReady();
        assertThat(day.end(ingest).differences()).isEmpty();
      }
    }
  }

  @Test
  @DisabledIfSystemProperty(
      named = "previous.classpath",
      matches = ".+",
      disabledReason = "it tries this build alone, an earlier one is only rolled over")
  void memoryThatRunsOutIsToldAndWithMoreItGoesOn() throws Exception {
    try (Service ingest = place.start("ingest-1", "ingest")) {
      ingest.awaitEvent("leadership_acquired");
      List<String> small =
          List.of(
              "-Xmx24m",
              "-XX:+ExitOnOutOfMemoryError",
              "-XX:OnOutOfMemoryError=echo flowmeter: memory ran out >&2");
      try (Service narrow = place.startWith("stream-1", small, List.of(), "stream")) {
        Service.End end = narrow.awaitEnd(System.nanoTime());
        System.out.printf("memory: exit code %d after %,d ms%n", end.code(), end.took().toMillis());
        assertThat(narrow.said()).contains("flowmeter: memory ran out", "Terminating due to");
        assertThat(end.code()).isEqualTo(3);
      }
      try (Service again = place.start("stream-1", "stream")) {
        again.awaitReady();
        assertThat(day.end(ingest).differences()).isEmpty();
      }
    }
  }

  private static List<String> limited(String limit) {
    return List.of("bash", "-c", limit + "; exec \"$@\"", "bash");
  }
}
