package io.flowmeter.simulator.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.flowmeter.simulator.ApiReader;
import io.flowmeter.simulator.Example;
import io.flowmeter.simulator.MovingClock;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.simulator.fault.InjectedFault;
import io.flowmeter.simulator.fleet.Fleet;
import io.flowmeter.simulator.fleet.FleetPlan;
import io.flowmeter.simulator.http.LoopbackRequest;
import io.flowmeter.simulator.http.LoopbackResponse;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.simulator.model.StatusChange;
import io.flowmeter.simulator.workflows.WorkflowCatalog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The ledger against a reader that knows nothing but the JSON it got. */
class LedgerIT {
  private static final FleetPlan PLAN =
      FleetPlan.of(11, Example.EPOCH).withHistory(120).withRate(0.1);

  private static final String DEPLOYED = "{\"class_name\":\"Relay\",\"script_name\":\"edge-2\"}";

  private final MovingClock clock = new MovingClock(Example.EPOCH);

  private Simulator start() throws IOException {
    return Simulator.start(
        SimulatorConfig.of(PLAN).withClock(clock).withRateLimit(Optional.empty()));
  }

  /** What a reader notes of one life: it learns of a new one when a detail tells another queued. */
  private static final class Noted {
    final Map<String, List<Instant>> statuses = new LinkedHashMap<>();
    final List<Instant> details = new ArrayList<>();
    Instant lastFinal;
    JsonNode lastDetail;

    void see(String status, Instant at) {
      statuses.computeIfAbsent(status, any -> new ArrayList<>()).add(at);
    }
  }

  /**
   * Without a socket: the JDK's client may ask again unseen when an answer is lost between its
   * threads (JDK-8338569), and then the ledger rightly knows of one answer more than the reader.
   */
  @Test
  void tellsWhatAReaderOfTheJsonSaw() throws Exception {
    Map<String, Noted> noted = new HashMap<>();
    Map<String, List<JsonNode>> counts = new HashMap<>();
    Set<String> versions = new TreeSet<>();
    try (Simulator simulator = start()) {
      for (int round = 0; round < 40; round++) {
        clock.advance(Duration.ofSeconds(97));
        for (JsonNode row : got(simulator, "")) {
          String workflow = row.path("name").asText();
          counts.computeIfAbsent(workflow, any -> new ArrayList<>()).add(row.path("instances"));
          for (JsonNode version : got(simulator, "/" + workflow + "/versions?per_page=100")) {
            versions.add(version.path("id").asText());
          }
          read(simulator, workflow, noted);
        }
      }
      Map<String, ServedRun> served =
          simulator.ledger().served().collect(Collectors.toMap(LedgerIT::key, run -> run));
      assertThat(served.keySet()).isEqualTo(noted.keySet()).hasSizeGreaterThan(400);
      noted.forEach((key, note) -> compare(served.get(key), note));
      counts.forEach(
          (workflow, told) ->
              assertThat(simulator.ledger().servedCounts(workflow))
                  .map(LedgerIT::byName)
                  .containsExactlyElementsOf(told.stream().map(LedgerIT::byName).toList()));
      assertThat(simulator.ledger().servedVersions())
          .extracting(version -> version.version().id())
          .containsExactlyInAnyOrderElementsOf(versions);
      assertThat(simulator.ledger().servedWorkflows())
          .extracting(ServedWorkflow::workflow)
          .containsExactlyElementsOf(Example.WORKFLOWS);
    }
  }

  /** Every row is followed by its detail, so that the reader knows of which life it tells. */
  private void read(Simulator simulator, String workflow, Map<String, Noted> noted)
      throws IOException {
    for (JsonNode row : got(simulator, "/" + workflow + "/instances?per_page=40")) {
      String id = row.path("id").asText();
      String path = "/" + workflow + "/instances/" + ApiReader.encoded(id);
      JsonNode detail = got(simulator, path);
      assertThat(detail.path("status")).isEqualTo(row.path("status"));
      String key = workflow + "/" + id + "/" + Instant.parse(detail.path("queued").asText());
      Noted note = noted.computeIfAbsent(key, any -> new Noted());
      note.see(detail.path("status").asText(), clock.instant());
      note.details.add(clock.instant());
      note.lastDetail = detail;
      if (!detail.path("end").isNull()) {
        note.lastFinal = clock.instant();
      }
    }
  }

  private static String key(ServedRun run) {
    return run.workflow() + "/" + run.instanceId() + "/" + run.run().queued();
  }

  private static void compare(ServedRun served, Noted note) {
    Map<String, List<Instant>> bounds = new HashMap<>();
    for (StatusInterval interval : served.intervals()) {
      assertThat(interval.since()).isBeforeOrEqualTo(interval.first());
      assertThat(interval.first()).isBeforeOrEqualTo(interval.last());
      List<Instant> ends =
          bounds.computeIfAbsent(interval.status().apiName(), any -> new ArrayList<>());
      ends.add(interval.first());
      ends.add(interval.last());
    }
    assertThat(bounds.keySet()).isEqualTo(note.statuses.keySet());
    note.statuses.forEach(
        (status, seen) -> {
          assertThat(seen).containsAll(bounds.get(status));
          assertThat(bounds.get(status))
              .startsWith(seen.get(0))
              .endsWith(seen.get(seen.size() - 1));
        });
    assertThat(served.rows()).isEqualTo(note.details.size());
    assertThat(served.details()).map(ServedDetail::at).isEqualTo(note.details);
    assertThat(served.finalDetailAt()).isEqualTo(Optional.ofNullable(note.lastFinal));
    SimulatedRun shown = served.run().asOf(served.lastSeen());
    assertThat(note.lastDetail.path("status").asText()).isEqualTo(shown.status().apiName());
    assertThat(note.lastDetail.path("steps")).hasSameSizeAs(shown.steps());
  }

  private static Map<String, Integer> byName(ServedCounts served) {
    return served.counts().entrySet().stream()
        .collect(Collectors.toMap(entry -> entry.getKey().apiName(), Map.Entry::getValue));
  }

  private static Map<String, Integer> byName(JsonNode counts) {
    Map<String, Integer> byName = new HashMap<>();
    counts.fields().forEachRemaining(each -> byName.put(each.getKey(), each.getValue().asInt()));
    return byName;
  }

  @Test
  void whatNobodyWasShownIsUnseen() throws Exception {
    clock.advance(Duration.ofMinutes(10));
    try (Simulator simulator = start()) {
      Ledger ledger = simulator.ledger();
      long all = ledger.groundTruth(clock.instant()).size();
      assertThat(ledger.unseen(clock.instant())).isEqualTo(all);
      int shown = new ApiReader(simulator).result("/webhook-relay/instances").size();
      assertThat(ledger.unseen(clock.instant())).isEqualTo(all - shown);
      assertThat(ledger.served()).hasSize(shown);
    }
  }

  @Test
  void whatWasCutOffOnItsWayWasNotServed() throws Exception {
    clock.advance(Duration.ofMinutes(10));
    try (Simulator simulator = start()) {
      simulator.faults().next(1, target -> true, InjectedFault.malformedJson());
      new ApiReader(simulator).response("/webhook-relay/instances");
      assertThat(simulator.ledger().served()).isEmpty();
    }
  }

  @Test
  void aDetailWithoutStepsIsNotTheFinalOne() throws Exception {
    clock.advance(Duration.ofMinutes(10));
    try (Simulator simulator = start()) {
      ApiReader api = new ApiReader(simulator);
      String id =
          api.result("/webhook-relay/instances?status=complete").path(0).path("id").asText();
      api.result("/webhook-relay/instances/" + id + "?simple=true");
      assertThat(life(simulator, id).finalDetailAt()).isEmpty();
      api.result("/webhook-relay/instances/" + id);
      assertThat(life(simulator, id).finalDetailAt()).contains(clock.instant());
    }
  }

  private static ServedRun life(Simulator simulator, String id) {
    return simulator
        .ledger()
        .served()
        .filter(run -> run.instanceId().equals(id))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aLifeThatIsOpenedAgainHasSeveralEndsAndTellsWhichOneWasServed() throws Exception {
    try (Simulator simulator = start()) {
      LedgerEntry entry =
          simulator.ledger(Example.EPOCH.plus(Duration.ofHours(12))).stream()
              .filter(each -> each.run().ends().size() > 1 && each.newest())
              .filter(each -> each.run().queued().isAfter(Example.EPOCH))
              .findFirst()
              .orElseThrow();
      SimulatedRun run = entry.run();
      Instant first = run.ends().get(0);
      Instant last = run.ends().get(1);
      String path = "/" + entry.workflow() + "/instances/" + ApiReader.encoded(entry.instanceId());
      ApiReader api = new ApiReader(simulator);

      clock.moveTo(first);
      JsonNode before = api.result(path);
      assertThat(life(simulator, entry.instanceId()).finalDetailAt()).contains(first);
      clock.moveTo(run.reopened().orElseThrow().at());
      JsonNode again = api.result(path);
      assertThat(again.path("queued")).isEqualTo(before.path("queued"));
      assertThat(again.path("end").isNull()).isTrue();
      clock.moveTo(last);
      JsonNode after = api.result(path);
      assertThat(Instant.parse(after.path("end").asText())).isEqualTo(last);
      ServedRun served = life(simulator, entry.instanceId());
      assertThat(served.finalDetailAt()).contains(last);
      assertThat(served.liveDetailAt()).contains(run.reopened().orElseThrow().at());
      assertThat(served.intervals()).hasSize(3);
    }
  }

  /** What was shown before is owed all the same. */
  @Test
  void livesOfADeletedWorkflowRemainAsTheyWereShown() throws Exception {
    clock.advance(Duration.ofMinutes(10));
    try (Simulator simulator = start()) {
      String list = "/webhook-relay/instances";
      asked(simulator, "PUT", "/webhook-relay", DEPLOYED);
      asked(simulator, "POST", list, "{\"instance_id\":\"mine\"}");
      asked(simulator, "GET", list + "/mine", "");
      clock.advance(Duration.ofMinutes(1));
      asked(simulator, "PATCH", list + "/mine/status", "{\"status\":\"restart\"}");
      asked(simulator, "GET", list, "");
      List<ServedRun> before = simulator.ledger().served().toList();
      int truly = simulator.ledger(clock.instant()).size();

      asked(simulator, "DELETE", "/webhook-relay", "");
      assertThat(simulator.ledger().served().toList().equals(before)).isTrue();
      asked(simulator, "PUT", "/webhook-relay", DEPLOYED);
      asked(simulator, "POST", list, "{\"instance_id\":\"mine\"}");
      asked(simulator, "GET", list, "");
      List<ServedRun> after = simulator.ledger().served().toList();
      assertThat(after.subList(0, before.size()).equals(before)).isTrue();
      assertThat(after.subList(before.size(), after.size()))
          .extracting(ServedRun::instanceId)
          .containsExactly("mine");
      assertThat(simulator.ledger(clock.instant())).hasSize(truly + 1);
    }
  }

  private static JsonNode got(Simulator simulator, String path) throws IOException {
    return ApiReader.json(asked(simulator, "GET", path, "")).path("result");
  }

  private static String asked(Simulator simulator, String method, String path, String body) {
    LoopbackResponse response =
        simulator.respond(
            new LoopbackRequest(
                method,
                simulator.path() + path,
                Map.of("host", "localhost"),
                body.getBytes(StandardCharsets.UTF_8)));
    assertThat(response.status()).as("%s %s", method, path).isEqualTo(200);
    return new String(response.body().all(), StandardCharsets.UTF_8);
  }

  @Test
  void repetitionsTakeNoRoom() {
    SimulatedRun run =
        new Fleet(PLAN, WorkflowCatalog.all())
            .instances(0, Example.EPOCH.plus(Duration.ofHours(2)))
            .map(instance -> instance.runs().get(0))
            .filter(each -> each.statuses().size() > 4)
            .findFirst()
            .orElseThrow();
    ServedStatuses statuses = new ServedStatuses();
    for (StatusChange change : run.statuses()) {
      for (int i = 0; i < 1_000; i++) {
        statuses.row(run.asOf(change.at()), change.at().plusMillis(i));
      }
    }
    assertThat(statuses.rows()).isEqualTo(run.statuses().size() * 1_000);
    assertThat(statuses.intervals()).hasSizeLessThanOrEqualTo(run.statuses().size());
    assertThat(statuses.intervals()).map(StatusInterval::status).contains(SimulatedStatus.RUNNING);
  }
}
