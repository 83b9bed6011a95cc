package io.flowmeter.simulator;

import static io.flowmeter.simulator.ApiReader.encoded;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every answer has the shape that the API's schema page gives, null where a thing is yet to come.
 */
class ShapesIT {
  private static final String WORKFLOW =
      "id:ID class_name:NAME created_on:TIME instances:OBJECT modified_on:TIME name:NAME"
          + " script_name:NAME triggered_on:TIME schedules:ARRAY*";
  private static final String COUNTS =
      "complete:COUNT errored:COUNT paused:COUNT queued:COUNT running:COUNT terminated:COUNT"
          + " waiting:COUNT waitingForPause:COUNT rollingBack:COUNT";
  private static final String ROW =
      "id:NAME created_on:TIME ended_on:TIME? modified_on:TIME started_on:TIME? status:STATUS"
          + " version_id:ID workflow_id:ID trigger_source:SOURCE*";
  private static final String DETAIL =
      "end:TIME? error:OBJECT? output:ANY params:ANY queued:TIME start:TIME? status:STATUS"
          + " step_count:COUNT steps:ARRAY success:BOOLEAN? trigger:OBJECT versionId:ID"
          + " rollback:OBJECT? schedule:OBJECT*";
  private static final String ERROR = "message:TEXT name:NAME";
  private static final String VERSION =
      "id:ID class_name:NAME created_on:TIME has_dag:BOOLEAN modified_on:TIME workflow_id:ID"
          + " limits:OBJECT* language:NAME default_retention:OBJECT*";

  private static Simulator simulator;
  private static ApiReader api;

  @BeforeAll
  static void start() throws Exception {
    simulator = Simulator.start(Example.config(Example.clock()));
    api = new ApiReader(simulator);
  }

  @AfterAll
  static void stop() {
    simulator.close();
  }

  @Test
  void envelopeTellsSuccessErrorsMessagesAndResult() throws Exception {
    Kind.check(
        api.envelope(""),
        "success:BOOLEAN errors:ARRAY messages:ARRAY result:ARRAY result_info:OBJECT");
    Kind.check(
        api.envelope("/webhook-relay"),
        "success:BOOLEAN errors:ARRAY messages:ARRAY result:OBJECT");
    Kind.check(
        api.envelope("/webhook-relay/instances?per_page=3").path("result_info"),
        "count:COUNT per_page:COUNT total_count:COUNT cursor:NAME");
    Kind.check(
        api.envelope("/webhook-relay/instances?page=2").path("result_info"),
        "count:COUNT per_page:COUNT total_count:COUNT page:COUNT total_pages:COUNT");
    assertThat(api.response("").headers().firstValue("content-type")).contains("application/json");
  }

  @Test
  void workflowsAndTheirCountsHaveEveryField() throws Exception {
    JsonNode rows = api.result("");
    assertThat(rows.findValuesAsText("name")).containsExactlyElementsOf(Example.WORKFLOWS);
    for (JsonNode row : rows) {
      Kind.check(row, WORKFLOW);
      Kind.check(row.path("instances"), COUNTS);
      assertThat(api.result("/" + row.path("name").asText())).isEqualTo(row);
    }
  }

  @Test
  void instanceRowsAndDetailsHaveEveryFieldAndTellTheSame() throws Exception {
    Set<String> stepTypes = new TreeSet<>();
    for (String workflow : Example.WORKFLOWS) {
      for (JsonNode row : api.allByCursor("/" + workflow + "/instances?per_page=100")) {
        Kind.check(row, ROW);
        JsonNode detail =
            api.result("/" + workflow + "/instances/" + encoded(row.path("id").asText()));
        checkDetail(detail, stepTypes);
        assertThat(detail.path("status")).isEqualTo(row.path("status"));
        assertThat(detail.path("versionId")).isEqualTo(row.path("version_id"));
        assertThat(detail.path("start")).isEqualTo(row.path("started_on"));
        assertThat(detail.path("end")).isEqualTo(row.path("ended_on"));
      }
    }
    assertThat(stepTypes)
        .containsExactly("rollback", "sleep", "step", "termination", "waitForEvent");
  }

  private static void checkDetail(JsonNode detail, Set<String> stepTypes) {
    Kind.check(detail, DETAIL);
    Kind.check(detail.path("trigger"), "source:SOURCE");
    if (detail.path("error").isObject()) {
      Kind.check(detail.path("error"), ERROR);
    }
    if (detail.path("rollback").isObject()) {
      assertThat(detail.path("status").asText()).isEqualTo("errored");
      Kind.check(detail.path("rollback"), "outcome:OUTCOME error:OBJECT?");
    }
    if (detail.has("schedule")) {
      assertThat(detail.at("/trigger/source").asText()).isEqualTo("cron");
      Kind.check(detail.path("schedule"), "cron:NAME scheduledTime:NUMBER");
    }
    assertThat(detail.path("steps")).hasSize(detail.path("step_count").intValue());
    for (JsonNode step : detail.path("steps")) {
      String type = step.path("type").asText();
      stepTypes.add(type);
      checkStep(step, type);
    }
  }

  private static void checkStep(JsonNode step, String type) {
    switch (type) {
      case "step", "rollback" -> {
        Kind.check(
            step,
            "attempts:ARRAY config:OBJECT end:TIME? name:STEP_NAME output:ANY start:TIME"
                + " success:BOOLEAN? type:NAME");
        JsonNode config = step.path("config");
        Kind.check(config, "retries:OBJECT timeout:TEXT_OR_NUMBER sensitive:NAME*");
        Kind.check(config.path("retries"), "delay:TEXT_OR_NUMBER limit:COUNT backoff:BACKOFF");
        for (JsonNode attempt : step.path("attempts")) {
          Kind.check(attempt, "start:TIME end:TIME? error:OBJECT? success:BOOLEAN?");
        }
      }
      case "sleep" ->
          Kind.check(
              step, "end:TIME? error:OBJECT? finished:BOOLEAN name:STEP_NAME start:TIME type:NAME");
      case "waitForEvent" ->
          Kind.check(
              step,
              "end:TIME? error:OBJECT? finished:BOOLEAN name:STEP_NAME output:ANY start:TIME"
                  + " type:NAME event_type:NAME");
      case "termination" -> {
        Kind.check(step, "trigger:OBJECT type:NAME");
        Kind.check(step.path("trigger"), "source:SOURCE");
      }
      default -> throw new AssertionError("a step of unknown type: " + step);
    }
  }

  @Test
  void versionsHaveEveryFieldAndHoldTheInstancesVersions() throws Exception {
    for (String workflow : Example.WORKFLOWS) {
      JsonNode versions = api.result("/" + workflow + "/versions?per_page=100");
      for (JsonNode version : versions) {
        Kind.check(version, VERSION);
        if (version.has("default_retention")) {
          Kind.check(
              version.path("default_retention"), "error_retention:COUNT success_retention:COUNT");
        }
        assertThat(api.result("/" + workflow + "/versions/" + version.path("id").asText()))
            .isEqualTo(version);
      }
      assertThat(versions.findValuesAsText("id"))
          .containsAll(api.result("/" + workflow + "/instances").findValuesAsText("version_id"));
    }
  }

  @Test
  void orderTurnsTheStepsAroundAndSimpleLeavesThemOut() throws Exception {
    String id = api.result("/order-fulfilment/instances?status=complete").at("/0/id").asText();
    String path = "/order-fulfilment/instances/" + id;
    JsonNode ascending = api.result(path + "?order=asc");
    JsonNode descending = api.result(path + "?order=desc");
    int last = ascending.path("steps").size() - 1;
    assertThat(last).isPositive();
    assertThat(api.result(path)).isEqualTo(ascending);
    for (int i = 0; i <= last; i++) {
      assertThat(descending.path("steps").get(last - i)).isEqualTo(ascending.path("steps").get(i));
    }
    JsonNode simple = api.result(path + "?simple=true");
    assertThat(simple.has("steps")).isFalse();
    assertThat(simple.path("step_count").intValue()).isEqualTo(last + 1);
  }
}
