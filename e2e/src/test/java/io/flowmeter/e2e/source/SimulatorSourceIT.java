package io.flowmeter.e2e.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.clock.SteppedClock;
import io.flowmeter.ingest.privacy.ErrorPrivacy;
import io.flowmeter.ingest.privacy.InstanceIds;
import io.flowmeter.ingest.source.ApiToken;
import io.flowmeter.ingest.source.Source;
import io.flowmeter.ingest.source.SourceDetector;
import io.flowmeter.ingest.source.SourceSettings;
import io.flowmeter.ingest.telemetry.Telemetry;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.simulator.fleet.FleetPlan;
import io.flowmeter.simulator.http.LoopbackRequest;
import io.flowmeter.simulator.ledger.LedgerEntry;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The simulator: a fleet of some hundred instances at a moment at which time stands still. */
class SimulatorSourceIT extends SourceExpectations {
  private static final String WORKFLOW = "order-fulfilment";

  /** Shared by both sides; it moves only where a test lets time pass. */
  private static final SteppedClock CLOCK =
      new SteppedClock(Instant.parse("2026-03-02T09:30:00.250Z"));

  private static Simulator simulator;
  private static Source source;

  @BeforeAll
  static void start() throws Exception {
    FleetPlan fleet = FleetPlan.of(42, CLOCK.instant()).withHistory(600).withRate(0);
    simulator =
        Simulator.start(SimulatorConfig.of(fleet).withClock(CLOCK).withRateLimit(Optional.empty()));
    CLOCK.sleep(Duration.ofMinutes(10));
    source =
        SourceDetector.find(
            new SourceSettings(
                simulator.baseUri(),
                Optional.of(simulator.account()),
                Optional.of(ApiToken.of("any")),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                1_000_000,
                1,
                1,
                ErrorPrivacy.SCRUBBED,
                InstanceIds.KEPT),
            new Telemetry(CLOCK),
            CLOCK);
  }

  @AfterAll
  static void stop() {
    source.close();
    simulator.close();
  }

  @Override
  Source source() {
    return source;
  }

  @Override
  URI address() {
    return simulator.baseUri().resolve(simulator.path());
  }

  @Override
  boolean bearsDates() {
    return true;
  }

  @Override
  Map<String, Set<String>> created() {
    return simulator.ledger(simulator.now()).stream()
        .collect(
            Collectors.groupingBy(
                LedgerEntry::workflow,
                TreeMap::new,
                Collectors.mapping(LedgerEntry::instanceId, Collectors.toSet())));
  }

  @Override
  Named neverRestarted() {
    Map<String, Long> runs =
        simulator.ledger(simulator.now()).stream()
            .filter(entry -> entry.workflow().equals(WORKFLOW))
            .collect(Collectors.groupingBy(LedgerEntry::instanceId, Collectors.counting()));
    return first("complete", entry -> runs.get(entry.instanceId()) == 1);
  }

  @Override
  String payload() {
    return Simulator.PAYLOAD_CANARY;
  }

  @Override
  Named toBeRestarted() {
    return first("terminated", LedgerEntry::newest);
  }

  private static Named first(String status, Predicate<LedgerEntry> wanted) {
    return simulator.ledger(simulator.now()).stream()
        .filter(entry -> entry.workflow().equals(WORKFLOW))
        .filter(entry -> entry.run().status().apiName().equals(status))
        .filter(entry -> entry.run().reopened().isEmpty())
        .filter(wanted)
        .map(entry -> new Named(WORKFLOW, entry.instanceId()))
        .findFirst()
        .orElseThrow();
  }

  @Override
  void restart(Named instance) {
    CLOCK.sleep(Duration.ofSeconds(1));
    String target = "/" + instance.workflow() + "/instances/" + instance.id() + "/status";
    int status =
        simulator
            .respond(
                new LoopbackRequest(
                    "PATCH",
                    simulator.path() + target,
                    Map.of("host", "localhost"),
                    "{\"status\":\"restart\"}".getBytes(StandardCharsets.UTF_8)))
            .status();
    assertThat(status).isEqualTo(200);
  }
}
