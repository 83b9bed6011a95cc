package io.flowmeter.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.flowmeter.simulator.http.LoopbackRequest;
import io.flowmeter.simulator.http.LoopbackResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What callers change is there at once, in all answers alike. */
class WritesIT {
  private static final String LIST = "/order-fulfilment/instances";
  private static final String CREATED = "id:NAME status:STATUS version_id:ID workflow_id:ID";

  private final MovingClock clock = Example.clock();
  private Simulator simulator;

  @BeforeEach
  void start() throws Exception {
    simulator = Simulator.start(Example.config(clock).withRate(0));
  }

  @AfterEach
  void stop() {
    simulator.close();
  }

  private JsonNode asked(String method, String path, String body, int status) throws Exception {
    LoopbackResponse response =
        simulator.respond(
            new LoopbackRequest(
                method,
                simulator.path() + path,
                Map.of("host", "localhost"),
                body.getBytes(StandardCharsets.UTF_8)));
    JsonNode envelope = ApiReader.json(new String(response.body().all(), StandardCharsets.UTF_8));
    assertThat(response.status()).as("%s %s: %s", method, path, envelope).isEqualTo(status);
    assertThat(envelope.path("success").booleanValue()).isEqualTo(status == 200);
    return status == 200 ? envelope.path("result") : envelope.at("/errors/0");
  }

  private JsonNode got(String path) throws Exception {
    return asked("GET", path, "", 200);
  }

  private JsonNode edited(String id, String action) throws Exception {
    return asked("PATCH", LIST + "/" + id + "/status", "{\"status\":\"" + action + "\"}", 200);
  }

  private String statusOf(String id) throws Exception {
    return got(LIST + "/" + id).path("status").asText();
  }

  private String created(String id) throws Exception {
    JsonNode created = asked("POST", LIST, "{\"instance_id\":\"" + id + "\",\"params\":{}}", 200);
    Kind.check(created, CREATED);
    return created.path("id").asText();
  }

  /** Moves the clock until an instance has this status. */
  private void reached(String id, String status) throws Exception {
    for (int i = 0; i < 20_000 && !statusOf(id).equals(status); i++) {
      clock.advance(Duration.ofMillis(20));
    }
    assertThat(statusOf(id)).isEqualTo(status);
  }

  private static List<String> texts(JsonNode rows, String field) {
    List<String> texts = new ArrayList<>();
    rows.forEach(row -> texts.add(row.path(field).asText()));
    return texts;
  }

  @Test
  void anInstanceIsCreatedQueuedAndLivesOn() throws Exception {
    JsonNode before = got("/order-fulfilment").path("instances");
    assertThat(created("mine")).isEqualTo("mine");
    assertThat(statusOf("mine")).isEqualTo("queued");
    assertThat(got(LIST).at("/0/id").asText()).isEqualTo("mine");
    assertThat(got(LIST + "?status=queued&direction=asc").findValuesAsText("id")).contains("mine");
    assertThat(got("/order-fulfilment").at("/instances/queued").intValue())
        .isEqualTo(before.path("queued").intValue() + 1);
    assertThat(got("/order-fulfilment").path("triggered_on").asText())
        .isEqualTo(got(LIST + "/mine").path("queued").asText());
    clock.advance(Duration.ofHours(6));
    assertThat(statusOf("mine")).isIn("complete", "errored");
    assertThat(got(LIST + "/mine").path("steps").size()).isPositive();
  }

  @Test
  void anIdIsTakenOnceAndMadeWhereNoneIsGiven() throws Exception {
    created("mine");
    JsonNode error = asked("POST", LIST, "{\"instance_id\":\"mine\"}", 500);
    assertThat(error.path("code").intValue()).isEqualTo(10001);
    assertThat(error.path("message").asText()).contains("(instance.already_exists)");
    String made = asked("POST", LIST, "", 200).path("id").asText();
    assertThat(got(LIST + "?per_page=2").findValuesAsText("id")).containsExactly(made, "mine");
    assertThat(asked("POST", LIST, "{\"instance_id\":\"no good\"}", 400).path("code").intValue())
        .isEqualTo(10002);
    assertThat(asked("POST", LIST, "not json", 400).path("code").intValue()).isEqualTo(10002);
  }

  @Test
  void aBatchCreatesAtMostAHundredAndPassesOverThoseThatExist() throws Exception {
    created("b1");
    JsonNode created =
        asked(
            "POST",
            LIST + "/batch",
            "[{\"instance_id\":\"b1\"},{\"instance_id\":\"b2\"},{\"instance_id\":\"b2\"},{}]",
            200);
    assertThat(created).hasSize(2);
    created.forEach(each -> Kind.check(each, CREATED));
    assertThat(created.at("/0/id").asText()).isEqualTo("b2");
    String tooMany = "[" + "{},".repeat(100) + "{}]";
    assertThat(asked("POST", LIST + "/batch", tooMany, 400).path("code").intValue())
        .isEqualTo(10002);
  }

  @Test
  void terminateEndsALiveInstanceAndNoOther() throws Exception {
    created("mine");
    reached("mine", "running");
    JsonNode result = edited("mine", "terminate");
    Kind.check(result, "status:STATUS timestamp:TIME");
    assertThat(result.path("status").asText()).isEqualTo("terminated");
    JsonNode detail = got(LIST + "/mine");
    assertThat(detail.path("end").asText()).isEqualTo(result.path("timestamp").asText());
    assertThat(texts(detail.path("steps"), "type")).endsWith("termination");
    assertThat(got(LIST + "?status=terminated").findValuesAsText("id")).contains("mine");
    JsonNode error = asked("PATCH", LIST + "/mine/status", "{\"status\":\"terminate\"}", 500);
    assertThat(error.path("message").asText()).contains("(instance.cannot_terminate)");
  }

  @Test
  void aPauseWaitsForTheStepAtWorkAndResumeGoesOnWhereItStopped() throws Exception {
    created("mine");
    reached("mine", "running");
    assertThat(edited("mine", "pause").path("status").asText()).isIn("waitingForPause", "paused");
    reached("mine", "paused");
    int steps = got(LIST + "/mine").path("step_count").intValue();
    clock.advance(Duration.ofHours(5));
    assertThat(statusOf("mine")).isEqualTo("paused");
    assertThat(got(LIST + "/mine").path("step_count").intValue()).isEqualTo(steps);
    assertThat(edited("mine", "pause").path("status").asText()).isEqualTo("paused");

    assertThat(edited("mine", "resume").path("status").asText()).isIn("running", "waiting");
    Instant resumed = clock.instant();
    clock.advance(Duration.ofHours(5));
    JsonNode ended = got(LIST + "/mine");
    assertThat(ended.path("status").asText()).isIn("complete", "errored");
    assertThat(ended.path("step_count").intValue()).isGreaterThanOrEqualTo(steps);
    assertThat(Instant.parse(ended.path("end").asText())).isAfter(resumed);
    assertThat(edited("mine", "resume").path("status")).isEqualTo(ended.path("status"));
    assertThat(edited("mine", "pause").path("status")).isEqualTo(ended.path("status"));
    assertThat(got(LIST + "/mine")).isEqualTo(ended);
  }

  @Test
  void aRestartBeginsANewLifeOfTheSameId() throws Exception {
    created("mine");
    clock.advance(Duration.ofHours(6));
    JsonNode first = got(LIST + "/mine");
    String createdOn = got(LIST).at("/0/created_on").asText();
    assertThat(edited("mine", "restart").path("status").asText()).isEqualTo("queued");
    JsonNode second = got(LIST + "/mine");
    assertThat(Instant.parse(second.path("queued").asText())).isEqualTo(clock.instant());
    assertThat(second.path("queued")).isNotEqualTo(first.path("queued"));
    assertThat(second.path("steps")).isEmpty();
    assertThat(got(LIST).at("/0/created_on").asText()).isEqualTo(createdOn);
    assertThat(got(LIST).at("/0/status").asText()).isEqualTo("queued");
    clock.advance(Duration.ofHours(6));
    assertThat(statusOf("mine")).isIn("complete", "errored");
  }

  @Test
  void aRestartFromAStepKeepsWhatWasBefore() throws Exception {
    created("mine");
    clock.advance(Duration.ofHours(6));
    JsonNode before = got(LIST + "/mine");
    String restarted = before.at("/steps/1/name").asText();
    String name = restarted.substring(0, restarted.lastIndexOf('-'));
    String body =
        "{\"status\":\"restart\",\"from\":{\"name\":\"%s\",\"count\":1,\"type\":\"%s\"}}"
            .formatted(name, before.at("/steps/1/type").asText().replaceFirst("^step$", "do"));
    assertThat(asked("PATCH", LIST + "/mine/status", body, 200).path("status").asText())
        .isEqualTo("running");
    clock.advance(Duration.ofHours(6));
    JsonNode after = got(LIST + "/mine");
    assertThat(after.path("queued")).isEqualTo(before.path("queued"));
    assertThat(after.path("start")).isEqualTo(before.path("start"));
    assertThat(after.at("/steps/0")).isEqualTo(before.at("/steps/0"));
    assertThat(after.at("/steps/1/start")).isNotEqualTo(before.at("/steps/1/start"));
    assertThat(after.path("end").asText()).isGreaterThan(before.path("end").asText());
    String unknown = "{\"status\":\"restart\",\"from\":{\"name\":\"nope\"}}";
    assertThat(asked("PATCH", LIST + "/mine/status", unknown, 500).toString())
        .contains("instance.step_not_found");
  }

  /** As often as it is restarted: what its code chose once, stays chosen. */
  @Test
  void aRestartFromAStepTakesTheSameWayAgain() throws Exception {
    String list = "/inventory-sync/instances";
    String id = asked("POST", list, "{\"instance_id\":\"sync\"}", 200).path("id").asText();
    clock.advance(Duration.ofHours(12));
    JsonNode before = got(list + "/" + id);
    List<String> names = texts(before.path("steps"), "name");
    assertThat(names).contains("fetch page-2").endsWith("reconcile-1");
    String body = "{\"status\":\"restart\",\"from\":{\"name\":\"fetch page\",\"count\":2}}";
    for (int i = 0; i < 3; i++) {
      asked("PATCH", list + "/" + id + "/status", body, 200);
      clock.advance(Duration.ofHours(12));
      JsonNode after = got(list + "/" + id);
      List<String> again = texts(after.path("steps"), "name");
      assertThat(names.subList(0, Math.min(again.size(), names.size()))).isEqualTo(again);
      assertThat(after.at("/steps/1")).isEqualTo(before.at("/steps/1"));
      assertThat(after.at("/steps/2/start")).isNotEqualTo(before.at("/steps/2/start"));
    }
  }

  @Test
  void aLiveInstanceCanBeRestartedFromAStep() throws Exception {
    created("mine");
    for (int i = 0; i < 20_000 && got(LIST + "/mine").path("step_count").intValue() < 4; i++) {
      clock.advance(Duration.ofMillis(20));
    }
    JsonNode before = got(LIST + "/mine");
    String body = "{\"status\":\"restart\",\"from\":{\"name\":\"charge card\"}}";
    asked("PATCH", LIST + "/mine/status", body, 200);
    JsonNode after = got(LIST + "/mine");
    assertThat(after.path("queued")).isEqualTo(before.path("queued"));
    assertThat(texts(after.path("steps"), "name")).startsWith("validate order-1");
    assertThat(after.path("step_count").intValue()).isLessThan(4);
    clock.advance(Duration.ofHours(6));
    assertThat(statusOf("mine")).isIn("complete", "errored");
  }

  @Test
  void anEventThatNobodyWaitsForYetEndsTheNextWaitAtOnce() throws Exception {
    created("mine");
    String events = LIST + "/mine/events/carrier-picked-up";
    assertThat(asked("POST", events, "{}", 200)).isNotNull();
    assertThat(statusOf("mine")).isEqualTo("queued");
    clock.advance(Duration.ofHours(6));
    JsonNode wait = wait(LIST, "mine");
    assertThat(wait.path("error").isNull()).isTrue();
    assertThat(wait.path("end")).isEqualTo(wait.path("start"));
    assertThat(statusOf("mine")).isEqualTo("complete");
  }

  @Test
  void anEventThatComesDuringAPauseIsThereWhenItGoesOn() throws Exception {
    created("mine");
    for (int i = 0; i < 20_000 && !isWaiting(LIST, "mine"); i++) {
      clock.advance(Duration.ofMillis(20));
    }
    edited("mine", "pause");
    clock.advance(Duration.ofMinutes(30));
    asked("POST", LIST + "/mine/events/carrier-picked-up", "{}", 200);
    assertThat(isWaiting(LIST, "mine")).isTrue();
    clock.advance(Duration.ofMinutes(30));
    Instant resumed = clock.instant();
    edited("mine", "resume");
    clock.advance(Duration.ofMinutes(1));
    assertThat(Instant.parse(wait(LIST, "mine").path("end").asText()))
        .isBetween(resumed, resumed.plusMillis(5));
    assertThat(statusOf("mine")).isEqualTo("complete");
  }

  /** Who would never have confirmed is awaited for half an hour; the event changes what follows. */
  @Test
  void anEventThatWouldNeverHaveComeLetsTheCodeGoOn() throws Exception {
    String list = "/user-onboarding/instances";
    String late = "";
    for (int i = 0; i < 200 && late.isEmpty(); i++) {
      String id = asked("POST", list, "", 200).path("id").asText();
      clock.advance(Duration.ofSeconds(40));
      late = id;
      Instant now = clock.instant();
      clock.advance(Duration.ofHours(3));
      JsonNode wait = wait(list, id);
      late = wait.path("error").isObject() ? id : "";
      clock.moveTo(now);
    }
    assertThat(isWaiting(list, late)).isTrue();
    asked("POST", list + "/" + late + "/events/mail-confirmed", "{}", 200);
    Instant confirmed = clock.instant();
    clock.advance(Duration.ofDays(3));
    JsonNode ended = got(list + "/" + late);
    assertThat(wait(list, late).path("end").asText()).isEqualTo(confirmed.toString());
    assertThat(texts(ended.path("steps"), "name")).contains("grant starter plan-1");
    assertThat(ended.path("status").asText()).isEqualTo("complete");
  }

  @Test
  void anEventWakesTheWaitForItAtOnce() throws Exception {
    String list = "/user-onboarding/instances";
    String id = asked("POST", list, "", 200).path("id").asText();
    for (int i = 0; i < 10_000 && !isWaiting(list, id); i++) {
      clock.advance(Duration.ofMillis(20));
    }
    assertThat(asked("POST", list + "/" + id + "/events/other", "{}", 200)).isNotNull();
    assertThat(isWaiting(list, id)).isTrue();
    asked("POST", list + "/" + id + "/events/mail-confirmed", "{\"by\":\"me\"}", 200);
    JsonNode wait = wait(list, id);
    assertThat(Instant.parse(wait.path("end").asText())).isEqualTo(clock.instant());
    assertThat(wait.path("finished").booleanValue()).isTrue();
    clock.advance(Duration.ofDays(3));
    assertThat(got(list + "/" + id).path("end").isNull()).isFalse();
    assertThat(asked("POST", list + "/" + id + "/events/mail-confirmed", "", 500).toString())
        .contains("instance.cannot_receive_event");
  }

  private boolean isWaiting(String list, String id) throws Exception {
    JsonNode wait = wait(list, id);
    return !wait.isMissingNode() && !wait.path("finished").booleanValue();
  }

  private JsonNode wait(String list, String id) throws Exception {
    JsonNode found = com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    for (JsonNode step : got(list + "/" + id).path("steps")) {
      found = step.path("type").asText().equals("waitForEvent") ? step : found;
    }
    return found;
  }

  @Test
  void aWorkflowIsPutDeletedAndMadeAnew() throws Exception {
    String body = "{\"class_name\":\"Relay\",\"script_name\":\"edge-2\"}";
    String id = got("/webhook-relay").path("id").asText();
    JsonNode modified = asked("PUT", "/webhook-relay", body, 200);
    Kind.check(
        modified,
        "id:ID class_name:NAME created_on:TIME is_deleted:COUNT modified_on:TIME name:NAME"
            + " script_name:NAME terminator_running:COUNT triggered_on:TIME? version_id:ID");
    assertThat(modified.path("id").asText()).isEqualTo(id);
    assertThat(got("/webhook-relay/versions").at("/0/id")).isEqualTo(modified.path("version_id"));
    assertThat(got("/webhook-relay").path("class_name").asText()).isEqualTo("Relay");

    JsonNode deleted = asked("DELETE", "/webhook-relay", "", 200);
    Kind.check(deleted, "status:NAME success:BOOLEAN");
    assertThat(asked("GET", "/webhook-relay", "", 404).path("code").intValue()).isEqualTo(10200);
    assertThat(asked("GET", "/webhook-relay/instances", "", 404).path("code").intValue())
        .isEqualTo(10200);
    assertThat(got("").findValuesAsText("name")).doesNotContain("webhook-relay");

    clock.advance(Duration.ofMinutes(1));
    JsonNode anew = asked("PUT", "/webhook-relay", body, 200);
    assertThat(anew.path("id").asText()).isNotEqualTo(id);
    assertThat(Instant.parse(anew.path("created_on").asText())).isEqualTo(clock.instant());
    assertThat(got("/webhook-relay/instances")).isEmpty();
    assertThat(got("/webhook-relay/versions")).hasSize(1);
    assertThat(got("/webhook-relay").path("triggered_on").isNull()).isTrue();
    asked("POST", "/webhook-relay/instances", "", 200);
    assertThat(got("/webhook-relay/instances")).hasSize(1);
  }

  @Test
  void aNewWorkflowBeginsWithoutInstances() throws Exception {
    String body = "{\"class_name\":\"Fresh\",\"script_name\":\"lab\"}";
    asked("PUT", "/fresh", body, 200);
    assertThat(got("").findValuesAsText("name")).contains("fresh");
    assertThat(got("/fresh/instances")).isEmpty();
    String id = asked("POST", "/fresh/instances", "", 200).path("id").asText();
    clock.advance(Duration.ofMinutes(1));
    assertThat(got("/fresh/instances/" + id).path("status").asText()).isEqualTo("complete");
    assertThat(got("/fresh/versions").at("/0/id"))
        .isEqualTo(got("/fresh/instances/" + id).path("versionId"));
  }

  @ParameterizedTest
  @CsvSource({
    "POST,'',405",
    "PATCH,/webhook-relay,405",
    "DELETE,/webhook-relay/instances,405",
    "PUT,/webhook-relay/versions,405",
    "POST,/webhook-relay/instances/some,404",
    "PATCH,/webhook-relay/instances/some/thing,404",
    "POST,/nope/instances,404",
    "PUT,/no%20good,400",
    "PUT,/webhook-relay,400",
    "PATCH,/webhook-relay/instances/nope/status,404"
  })
  void whatTheApiDoesNotOfferIsRefused(String method, String path, int status) throws Exception {
    assertThat(asked(method, path, "{}", status).path("code").intValue()).isPositive();
  }

  @Test
  void whatWasChangedIsStillSoWhenTheClockGoesBackAndForth() throws Exception {
    created("mine");
    clock.advance(Duration.ofSeconds(2));
    edited("mine", "terminate");
    Instant then = clock.instant();
    clock.advance(Duration.ofSeconds(-1));
    assertThat(statusOf("mine")).isNotEqualTo("terminated");
    clock.moveTo(then);
    assertThat(statusOf("mine")).isEqualTo("terminated");
    clock.advance(Duration.ofDays(7));
    assertThat(asked("GET", LIST + "/mine", "", 404).path("code").intValue()).isEqualTo(10400);
  }
}
