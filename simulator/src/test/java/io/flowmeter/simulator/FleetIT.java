package io.flowmeter.simulator;

import static io.flowmeter.simulator.ApiReader.encoded;
import static io.flowmeter.simulator.ApiReader.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.flowmeter.simulator.ledger.LedgerEntry;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.simulator.model.TriggerSource;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** How the fleet moves as its clock does. */
class FleetIT {
  private static final Duration HOUR = Duration.ofHours(1);

  @Test
  void aRestartedSimulatorGoesOnWithTheSameFleet() throws Exception {
    MovingClock clock = Example.clock();
    List<String> before = new ArrayList<>();
    try (Simulator simulator = Simulator.start(Example.config(clock))) {
      ApiReader api = new ApiReader(simulator);
      before.add(api.envelope("").toString());
      clock.advance(Duration.ofMinutes(7));
      for (String workflow : Example.WORKFLOWS) {
        before.add(api.allByCursor("/" + workflow + "/instances?per_page=100").toString());
      }
      before.add(api.envelope("").toString());
    }
    List<String> after = new ArrayList<>();
    clock.moveTo(Example.clock().instant());
    try (Simulator simulator = Simulator.start(Example.config(clock))) {
      after.add(new ApiReader(simulator).envelope("").toString());
    }
    clock.advance(Duration.ofMinutes(7));
    try (Simulator simulator = Simulator.start(Example.config(clock))) {
      ApiReader api = new ApiReader(simulator);
      for (String workflow : Example.WORKFLOWS) {
        after.add(api.allByCursor("/" + workflow + "/instances?per_page=100").toString());
      }
      after.add(api.envelope("").toString());
    }
    assertThat(after).isEqualTo(before);
  }

  @Test
  void aClockThatGoesBackShowsThePastAgain() throws Exception {
    MovingClock clock = Example.clock();
    try (Simulator simulator = Simulator.start(Example.config(clock))) {
      ApiReader api = new ApiReader(simulator);
      JsonNode before = api.result("");
      clock.advance(HOUR);
      assertThat(api.result("")).isNotEqualTo(before);
      clock.moveTo(Example.clock().instant());
      assertThat(api.result("")).isEqualTo(before);
    }
  }

  @Test
  void thePastNeverChanges() throws Exception {
    MovingClock clock = Example.clock();
    Instant then = clock.instant();
    try (Simulator simulator = Simulator.start(Example.config(clock))) {
      List<LedgerEntry> early = simulator.ledger(then);
      Map<String, LedgerEntry> late = new HashMap<>();
      for (LedgerEntry entry : simulator.ledger(then.plus(HOUR))) {
        late.put(key(entry), entry);
      }
      assertThat(early).hasSizeGreaterThan(1000);
      for (LedgerEntry entry : early) {
        assertThat(late.get(key(entry)).run().asOf(then)).isEqualTo(entry.run());
      }
    }
  }

  private static String key(LedgerEntry entry) {
    return entry.workflow() + "/" + entry.instanceId() + "/" + entry.run().queued();
  }

  @Test
  void aBacklogOfHistoryLiesBeforeTheEpochAndLifeSetsInAtOnce() throws Exception {
    try (Simulator simulator = Simulator.start(Example.config(Example.clock()))) {
      List<LedgerEntry> atEpoch = simulator.ledger(Example.EPOCH);
      assertThat(atEpoch.stream().filter(LedgerEntry::newest)).hasSizeBetween(480, 720);
      assertThat(atEpoch.stream().filter(entry -> entry.run().end().isPresent()))
          .hasSizeGreaterThan(400);
      assertThat(atEpoch.stream().filter(entry -> !entry.run().status().isTerminal()))
          .hasSizeGreaterThan(10);
      assertThat(simulator.ledger(Example.EPOCH.plusSeconds(20)))
          .hasSizeBetween(atEpoch.size() + 15, atEpoch.size() + 60);
    }
  }

  @Test
  void everyStatusAndEveryTriggerShowsUpInTheLists() throws Exception {
    MovingClock clock = new MovingClock(Example.EPOCH);
    Set<String> statuses = new TreeSet<>();
    Set<String> triggers = new TreeSet<>();
    try (Simulator simulator = Simulator.start(Example.config(clock))) {
      ApiReader api = new ApiReader(simulator);
      for (int second = 0;
          second < 1800 && statuses.size() < SimulatedStatus.values().length;
          second += 3) {
        for (JsonNode workflow : api.result("")) {
          workflow
              .path("instances")
              .fields()
              .forEachRemaining(
                  count -> {
                    if (count.getValue().intValue() > 0) {
                      statuses.add(count.getKey());
                    }
                  });
        }
        clock.advance(Duration.ofSeconds(3));
      }
      for (LedgerEntry entry : simulator.ledger(Example.EPOCH.plus(HOUR))) {
        triggers.add(entry.run().trigger().apiName());
      }
    }
    EnumSet<SimulatedStatus> all = EnumSet.allOf(SimulatedStatus.class);
    assertThat(statuses)
        .containsExactlyInAnyOrderElementsOf(all.stream().map(SimulatedStatus::apiName).toList());
    assertThat(triggers)
        .containsExactlyInAnyOrderElementsOf(
            EnumSet.allOf(TriggerSource.class).stream().map(TriggerSource::apiName).toList());
  }

  @Test
  void aRestartKeepsIdAndCreationAndWipesTheSteps() throws Exception {
    MovingClock clock = Example.clock();
    try (Simulator simulator = Simulator.start(Example.config(clock))) {
      ApiReader api = new ApiReader(simulator);
      Instant until = clock.instant().plus(HOUR);
      List<LedgerEntry> ledger = simulator.ledger(until);
      assertThat(ledger.stream().filter(entry -> entry.run().supersededAt().isPresent()))
          .as("lives cut by a restart")
          .isNotEmpty();
      int restarts = 0;
      for (int i = 1; i < ledger.size(); i++) {
        LedgerEntry first = ledger.get(i - 1);
        LedgerEntry second = ledger.get(i);
        boolean queues = !second.run().start().equals(Optional.of(second.run().queued()));
        if (second.instanceId().equals(first.instanceId()) && queues && restarts < 20) {
          restarts++;
          String path = "/" + first.workflow() + "/instances/" + encoded(first.instanceId());
          clock.moveTo(second.run().queued().minusMillis(1));
          JsonNode before = api.result(path);
          clock.moveTo(second.run().queued());
          JsonNode after = api.result(path);
          assertThat(Instant.parse(before.path("queued").asText())).isEqualTo(first.run().queued());
          assertThat(Instant.parse(after.path("queued").asText())).isEqualTo(second.run().queued());
          assertThat(after.path("status").asText()).isEqualTo("queued");
          assertThat(after.path("steps")).isEmpty();
          assertThat(after.path("start").isNull()).isTrue();
          assertThat(second.createdOn()).isEqualTo(first.createdOn());
        }
      }
      assertThat(restarts).isGreaterThan(5);
    }
  }

  @Test
  void endedInstancesVanishAfterTheirRetention() throws Exception {
    MovingClock clock = Example.clock();
    Duration retention = Duration.ofMinutes(5);
    try (Simulator simulator = Simulator.start(Example.config(clock).withRetention(retention))) {
      ApiReader api = new ApiReader(simulator);
      JsonNode row = api.result("/webhook-relay/instances?status=complete&direction=asc").path(0);
      String path = "/webhook-relay/instances/" + row.path("id").asText();
      Instant end = Instant.parse(row.path("ended_on").asText());
      clock.moveTo(end.plus(retention).minusMillis(1));
      assertThat(api.response(path).statusCode()).isEqualTo(200);
      clock.moveTo(end.plus(retention));
      HttpResponse<String> gone = api.response(path);
      assertThat(gone.statusCode()).isEqualTo(404);
      assertThat(json(gone.body()).at("/errors/0/code").intValue()).isEqualTo(10400);

      List<JsonNode> rows = new ArrayList<>();
      for (String workflow : Example.WORKFLOWS) {
        rows.addAll(api.allByCursor("/" + workflow + "/instances?per_page=100"));
      }
      List<LedgerEntry> known =
          simulator.ledger(clock.instant()).stream()
              .filter(entry -> entry.newest() && !entry.vanished())
              .toList();
      assertThat(rows.stream().map(each -> each.path("id").asText()))
          .containsExactlyInAnyOrderElementsOf(
              known.stream().map(LedgerEntry::instanceId).toList());
    }
  }

  @Test
  void idsOf271CharactersSurviveUrlEncoding() throws Exception {
    try (Simulator simulator = Simulator.start(Example.config(Example.clock()))) {
      ApiReader api = new ApiReader(simulator);
      int longest = 0;
      for (JsonNode row : api.result("/nightly-report/instances?per_page=100")) {
        String id = row.path("id").asText();
        longest = Math.max(longest, id.length());
        assertThat(id).contains(" ", "*", "/", "#", ",");
        JsonNode detail = api.result("/nightly-report/instances/" + encoded(id));
        assertThat(detail.at("/params/key").asText()).isEqualTo(id);
        assertThat(detail.at("/trigger/source").asText()).isIn("cron", "unknown");
      }
      assertThat(longest).isEqualTo(271);
    }
  }

  @Test
  void theDateHeaderFollowsTheClock() throws Exception {
    MovingClock clock = new MovingClock(Instant.parse("2026-03-02T09:40:07.999Z"));
    try (Simulator simulator = Simulator.start(Example.config(clock))) {
      HttpResponse<String> response = new ApiReader(simulator).response("");
      assertThat(response.headers().allValues("date"))
          .containsExactly("Mon, 02 Mar 2026 09:40:07 GMT");
    }
  }

  @Test
  void speedMovesTheClockFasterFromTheEpochOn() {
    MovingClock clock = new MovingClock(Example.EPOCH.plusSeconds(10));
    SimulatorConfig fast = Example.config(clock).withSpeed(60);
    assertThat(fast.clock().instant()).isEqualTo(Example.EPOCH.plusSeconds(600));
  }

  @Test
  void manyReadersAtOnceSeeEveryRowAsOfItsOwnMoment() throws Exception {
    InstantSource clock = InstantSource.system();
    Instant epoch = clock.instant().minusSeconds(5);
    try (Simulator simulator =
        Simulator.start(SimulatorConfig.of(42, epoch).withRate(200).withClock(clock))) {
      ApiReader api = new ApiReader(simulator);
      ExecutorService readers = Executors.newFixedThreadPool(4);
      try {
        List<Future<JsonNode>> answers = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
          answers.add(readers.submit(() -> api.result("/webhook-relay/instances?status=running")));
        }
        for (Future<JsonNode> result : answers) {
          assertThat(result.get()).allMatch(row -> row.path("status").asText().equals("running"));
        }
      } finally {
        readers.shutdownNow();
      }
    }
  }
}
