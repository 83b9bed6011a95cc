package io.flowmeter.simulator.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.flowmeter.simulator.life.Attempt;
import io.flowmeter.simulator.life.DurationSetting;
import io.flowmeter.simulator.life.Failure;
import io.flowmeter.simulator.life.Instance;
import io.flowmeter.simulator.life.Life;
import io.flowmeter.simulator.life.Status;
import io.flowmeter.simulator.life.Step;
import io.flowmeter.simulator.life.StepConfig;
import io.flowmeter.simulator.life.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Writes instances, steps and versions in the shapes of the schema page. */
final class Shapes {
  /** Stands in every parameter and event payload and in most outputs. */
  static final String PAYLOAD_CANARY = "payload-canary";

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private Shapes() {}

  /** A row of the list of instances. */
  static ObjectNode row(Instance instance, Life life, String workflowId, boolean tellsTrigger) {
    ObjectNode row = JSON.objectNode();
    row.put("id", instance.id());
    row.put("created_on", Times.json(instance.createdOn()));
    row.put("modified_on", Times.json(life.statuses().get(life.statuses().size() - 1).at()));
    putTime(row, "started_on", life.start());
    putTime(row, "ended_on", life.end());
    row.put("status", life.status().apiName());
    row.put("version_id", life.version().id());
    row.put("workflow_id", workflowId);
    if (tellsTrigger) {
      row.put("trigger_source", life.trigger().apiName());
    }
    return row;
  }

  /** The detail of an instance. */
  static ObjectNode detail(Instance instance, Life life, boolean newestFirst, boolean withSteps) {
    ObjectNode detail = JSON.objectNode();
    detail.put("status", life.status().apiName());
    detail.putObject("params").put("mark", PAYLOAD_CANARY).put("key", instance.id());
    detail.putObject("trigger").put("source", life.trigger().apiName());
    detail.put("versionId", life.version().id());
    detail.put("queued", Times.json(life.queued()));
    putTime(detail, "start", life.start());
    putTime(detail, "end", life.end());
    if (life.end().isPresent()) {
      detail.put("success", life.status() == Status.COMPLETE);
    } else {
      detail.putNull("success");
    }
    putError(detail, life.error());
    putOutput(detail, life.status() == Status.COMPLETE, instance.number());
    detail.put("step_count", life.steps().size());
    if (withSteps) {
      List<Step> steps = new ArrayList<>(life.steps());
      if (newestFirst) {
        Collections.reverse(steps);
      }
      var array = detail.putArray("steps");
      steps.forEach(step -> array.add(step(step)));
    }
    return detail;
  }

  private static ObjectNode step(Step step) {
    ObjectNode json = JSON.objectNode();
    if (step instanceof Step.Do work) {
      json.put("name", work.name());
      json.put("start", Times.json(work.start()));
      putTime(json, "end", work.end());
      putBoolean(json, "success", work.success());
      json.put("type", "step");
      if (work.hasOutput() && work.config().sensitiveOutput()) {
        json.put("output", "[REDACTED]");
      } else {
        putOutput(json, work.hasOutput(), work.start().toEpochMilli());
      }
      json.set("config", config(work.config()));
      var attempts = json.putArray("attempts");
      work.attempts().forEach(attempt -> attempts.add(attempt(attempt)));
    } else if (step instanceof Step.Sleep sleep) {
      json.put("name", sleep.name());
      json.put("start", Times.json(sleep.start()));
      putTime(json, "end", sleep.end());
      json.put("finished", sleep.end().isPresent());
      json.put("type", "sleep");
      json.putNull("error");
    } else if (step instanceof Step.EventWait wait) {
      json.put("name", wait.name());
      json.put("start", Times.json(wait.start()));
      putTime(json, "end", wait.end());
      json.put("finished", wait.end().isPresent());
      json.put("type", "waitForEvent");
      json.put("event_type", wait.eventType());
      putError(json, wait.error());
      if (wait.end().isPresent() && wait.error().isEmpty()) {
        ObjectNode event = json.putObject("output");
        event.putObject("payload").put("mark", PAYLOAD_CANARY);
        event.put("timestamp", Times.json(wait.end().get()));
        event.put("type", wait.eventType());
      } else {
        json.putNull("output");
      }
    } else if (step instanceof Step.Termination termination) {
      json.put("type", "termination");
      json.putObject("trigger").put("source", termination.trigger().apiName());
    }
    return json;
  }

  private static ObjectNode config(StepConfig config) {
    ObjectNode json = JSON.objectNode();
    ObjectNode retries = json.putObject("retries");
    retries.put("limit", config.limit());
    putDuration(retries, "delay", config.delay());
    retries.put("backoff", config.backoff().apiName());
    putDuration(json, "timeout", config.timeout());
    if (config.sensitiveOutput()) {
      json.put("sensitive", "output");
    }
    return json;
  }

  private static ObjectNode attempt(Attempt attempt) {
    ObjectNode json = JSON.objectNode();
    json.put("start", Times.json(attempt.start()));
    putTime(json, "end", attempt.end());
    putBoolean(json, "success", attempt.success());
    putError(json, attempt.error());
    return json;
  }

  /** A version of a workflow. */
  static ObjectNode version(
      Version version, String workflowId, String className, boolean hasDag, boolean limited) {
    ObjectNode json = JSON.objectNode();
    json.put("id", version.id());
    json.put("class_name", className);
    json.put("created_on", Times.json(version.createdOn()));
    json.put("modified_on", Times.json(version.createdOn()));
    json.put("has_dag", hasDag);
    json.put("workflow_id", workflowId);
    json.put("language", "javascript");
    if (limited) {
      json.putObject("limits").put("steps", 10_000);
    }
    return json;
  }

  /** Outputs of many kinds: text, number, object; null where there is none. */
  private static void putOutput(ObjectNode json, boolean present, long kind) {
    if (!present) {
      json.putNull("output");
    } else if (kind % 3 == 0) {
      json.put("output", PAYLOAD_CANARY + " " + kind);
    } else if (kind % 3 == 1) {
      json.put("output", kind % 1000);
    } else {
      json.putObject("output").put("mark", PAYLOAD_CANARY).put("ok", true);
    }
  }

  private static void putTime(ObjectNode json, String name, Optional<Instant> at) {
    json.put(name, at.map(Times::json).orElse(null));
  }

  private static void putBoolean(ObjectNode json, String name, Optional<Boolean> value) {
    json.put(name, value.orElse(null));
  }

  private static void putDuration(ObjectNode json, String name, DurationSetting setting) {
    setting
        .text()
        .ifPresentOrElse(text -> json.put(name, text), () -> json.put(name, setting.millis()));
  }

  private static void putError(ObjectNode json, Optional<Failure> error) {
    error.ifPresentOrElse(
        failure ->
            json.putObject("error").put("message", failure.message()).put("name", failure.name()),
        () -> json.putNull("error"));
  }
}
