package io.flowmeter.e2e.source;

import com.fasterxml.jackson.databind.JsonNode;
import io.flowmeter.clock.Clock;
import io.flowmeter.e2e.lab.ExplorerApi;
import io.flowmeter.e2e.lab.LocalRuntime;
import io.flowmeter.ingest.privacy.ErrorPrivacy;
import io.flowmeter.ingest.privacy.InstanceIds;
import io.flowmeter.ingest.source.Source;
import io.flowmeter.ingest.source.SourceDetector;
import io.flowmeter.ingest.source.SourceSettings;
import io.flowmeter.ingest.telemetry.Telemetry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Cloudflare's own runtime: a few instances of each kind, and enough pings for a second page. */
class LocalRuntimeSourceIT extends SourceExpectations {
  private static final Path LAB = Path.of(System.getProperty("flowmeter.home"), "e2e", "lab");
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int PINGS = 101;
  private static final String PAYLOAD = "payload-that-must-not-be-kept";

  /** Those of the lab; some have no instance. */
  private static final Set<String> WORKFLOWS =
      Set.of(
          "checkout",
          "imports",
          "billing",
          "approval",
          "nightly",
          "vigil",
          "odd-names",
          "ping",
          "noop");

  private static final Map<String, Set<String>> CREATED = new TreeMap<>();

  @TempDir static Path directory;

  private static LocalRuntime runtime;
  private static Source source;

  @BeforeAll
  static void start() throws Exception {
    runtime = LocalRuntime.start(LAB, directory);
    source =
        SourceDetector.find(
            new SourceSettings(
                runtime.api().base(),
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                1_000_000,
                1,
                1,
                ErrorPrivacy.SCRUBBED,
                InstanceIds.KEPT),
            new Telemetry(Clock.system()),
            Clock.system());
    WORKFLOWS.forEach(workflow -> CREATED.put(workflow, new TreeSet<>()));
    createInstances();
  }

  private static void createInstances() {
    Map<Named, Predicate<JsonNode>> atRest = new HashMap<>();
    for (int ping = 0; ping < PINGS; ping++) {
      atRest.put(create("ping", "ping-" + ping, Map.of("n", PAYLOAD)), in("complete"));
    }
    atRest.put(create("checkout", "parcels", Map.of("parcels", 3)), in("complete"));
    atRest.put(create("imports", "retried", Map.of("fails", 1)), in("complete"));
    atRest.put(create("billing", "exhausted", Map.of("how", "exhausted")), in("errored"));
    atRest.put(create("billing", "refused", Map.of("how", "non-retryable")), in("errored"));
    atRest.put(create("billing", "thrown", Map.of("how", "outside of a step")), in("errored"));
    atRest.put(create("nightly", "asleep", Map.of()), LocalRuntimeSourceIT::isAtItsSecondStep);
    atRest.put(create("approval", "waiting", Map.of()), LocalRuntimeSourceIT::isAtItsSecondStep);
    for (String id : Set.of("stopped", "to-be-restarted")) {
      Named instance = create("nightly", id, Map.of());
      await(instance, LocalRuntimeSourceIT::isAtItsSecondStep);
      api().terminate(instance.workflow(), id);
      atRest.put(instance, in("terminated"));
    }
    atRest.forEach(LocalRuntimeSourceIT::await);
  }

  private static Named create(String workflow, String id, Map<String, ?> params) {
    api().create(workflow, id, params);
    CREATED.get(workflow).add(id);
    return new Named(workflow, id);
  }

  private static Predicate<JsonNode> in(String status) {
    return detail -> detail.path("status").asText().equals(status);
  }

  /** Where {@code nightly} sleeps and {@code approval} waits, for an hour. */
  private static boolean isAtItsSecondStep(JsonNode detail) {
    return detail.path("steps").size() == 2 && in("running").test(detail);
  }

  private static void await(Named instance, Predicate<JsonNode> reached) {
    Awaitility.await(instance.toString())
        .atMost(PATIENCE)
        .until(() -> reached.test(api().detail(instance.workflow(), instance.id())));
  }

  private static ExplorerApi api() {
    return runtime.api();
  }

  @AfterAll
  static void stop() {
    if (source != null) {
      source.close();
    }
    if (runtime != null) {
      runtime.close();
    }
  }

  @Override
  Source source() {
    return source;
  }

  @Override
  URI address() {
    return URI.create(api().base() + "/workflows");
  }

  /** It bears none, and runs on this machine. */
  @Override
  boolean bearsDates() {
    return false;
  }

  @Override
  Map<String, Set<String>> created() {
    return CREATED;
  }

  @Override
  Named neverRestarted() {
    return new Named("ping", "ping-7");
  }

  @Override
  String payload() {
    return PAYLOAD;
  }

  @Override
  Named toBeRestarted() {
    return new Named("nightly", "to-be-restarted");
  }

  @Override
  void restart(Named instance) {
    api().restart(instance.workflow(), instance.id());
    await(instance, LocalRuntimeSourceIT::isAtItsSecondStep);
  }
}
