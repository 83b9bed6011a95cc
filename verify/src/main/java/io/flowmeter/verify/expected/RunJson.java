package io.flowmeter.verify.expected;

import com.fasterxml.jackson.databind.JsonNode;
import io.flowmeter.verify.expected.ReportedStep.ToldAttempt;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads lives from the API's raw JSON. */
public final class RunJson {

  private RunJson() {}

  /**
   * The lives of an instance, oldest first. The list row's {@code created_on} names the first, its
   * own {@code queued} a later one.
   *
   * @param row the entry of the list of instances
   * @param details the last result of the instance's GET in each life, oldest first
   */
  public static List<ReportedRun> runs(String workflow, JsonNode row, List<JsonNode> details) {
    List<Long> runs = new ArrayList<>();
    for (JsonNode detail : details) {
      JsonNode name = runs.isEmpty() ? row.path("created_on") : detail.path("queued");
      runs.add(ExpectedDurations.time(name).orElseThrow());
    }
    List<ReportedRun> reportedRuns = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      Optional<Long> next = runs.stream().skip(i + 1L).findFirst();
      reportedRuns.add(run(workflow, row.get("id").asText(), runs.get(i), next, details.get(i)));
    }
    return reportedRuns;
  }

  static ReportedRun run(
      String workflow, String instanceId, long run, Optional<Long> next, JsonNode detail) {
    Optional<Long> end = ExpectedDurations.time(detail.path("end"));
    List<ReportedStep> steps = new ArrayList<>();
    for (JsonNode step : detail.path("steps")) {
      steps.add(step(steps.size(), step));
    }
    int stepCount = detail.path("step_count").asInt(steps.size());
    return new ReportedRun(
        workflow,
        instanceId,
        run,
        next,
        detail.get("status").asText(),
        ExpectedDurations.time(detail.path("queued")).orElseThrow(),
        ExpectedDurations.time(detail.path("start")),
        end,
        detail.path("versionId").asText(""),
        detail.at("/trigger/source").asText("unknown"),
        end.isPresent() ? 1 : 0,
        Optional.of(
            new ReportedRun.Detail(end.isPresent(), stepCount, steps, error(detail.path("error")))),
        Optional.empty());
  }

  private static ReportedStep step(int index, JsonNode json) {
    List<ToldAttempt> attempts = new ArrayList<>();
    for (JsonNode attempt : json.path("attempts")) {
      attempts.add(
          new ToldAttempt(
              ExpectedDurations.time(attempt.path("start")).orElseThrow(),
              ExpectedDurations.time(attempt.path("end")),
              flag(attempt.path("success")),
              error(attempt.path("error"))));
    }
    JsonNode limit = json.at("/config/retries/limit");
    return new ReportedStep(
        index,
        json.path("type").asText(""),
        json.path("name").asText(""),
        ExpectedDurations.time(json.path("start")),
        ExpectedDurations.time(json.path("end")),
        flag(json.path("success")),
        json.path("finished").asBoolean(false),
        error(json.path("error")),
        attempts,
        limit.isNumber() ? Optional.of(limit.asLong()) : Optional.empty(),
        json.at("/config/retries/backoff").asText(""),
        ExpectedDurations.milliseconds(json.at("/config/timeout")));
  }

  private static Optional<Boolean> flag(JsonNode json) {
    return json.isBoolean() ? Optional.of(json.asBoolean()) : Optional.empty();
  }

  private static Optional<ReportedError> error(JsonNode json) {
    return ReportedError.of(json.path("name").asText(""), json.path("message").asText(""));
  }
}
