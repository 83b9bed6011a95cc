package io.flowmeter.simulator.api;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flowmeter.simulator.fleet.WorkflowModel.Rhythm.Cron;
import io.flowmeter.simulator.model.Attempt;
import io.flowmeter.simulator.model.DurationSetting;
import io.flowmeter.simulator.model.Failure;
import io.flowmeter.simulator.model.Instance;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.simulator.model.Step;
import io.flowmeter.simulator.model.StepConfig;
import io.flowmeter.simulator.model.TriggerSource;
import io.flowmeter.simulator.model.Version;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Writes instances, steps and versions in the shapes of the schema page. */
final class Shapes {
  /** Stands in every parameter and event payload and in most outputs. */
  static final String PAYLOAD_CANARY = "payload-canary";

  private static final long WEEK_MS = 7 * 86_400_000L;

  private Shapes() {}

  /** A row of the list of instances. */
  static void row(
      JsonGenerator out,
      Instance instance,
      SimulatedRun run,
      String workflowId,
      boolean tellsTrigger)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("id", instance.id());
    writeTime(out, "created_on", instance.createdOn());
    writeTime(out, "modified_on", run.statuses().get(run.statuses().size() - 1).at());
    writeTime(out, "started_on", run.start());
    writeTime(out, "ended_on", run.end());
    out.writeStringField("status", run.status().apiName());
    out.writeStringField("version_id", run.version().id());
    out.writeStringField("workflow_id", workflowId);
    if (tellsTrigger) {
      out.writeStringField("trigger_source", run.trigger().apiName());
    }
    out.writeEndObject();
  }

  /**
   * The detail of an instance.
   *
   * @param schedule that of its workflow
   * @param outputBytes how much each step returns; 0 for something short
   */
  static void detail(
      JsonGenerator out,
      Instance instance,
      SimulatedRun run,
      Optional<Cron> schedule,
      boolean newestFirst,
      boolean withSteps,
      int outputBytes)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("status", run.status().apiName());
    out.writeObjectFieldStart("params");
    out.writeStringField("mark", PAYLOAD_CANARY);
    out.writeStringField("key", instance.id());
    out.writeEndObject();
    writeSource(out, run.trigger().apiName());
    out.writeStringField("versionId", run.version().id());
    writeTime(out, "queued", run.queued());
    writeTime(out, "start", run.start());
    writeTime(out, "end", run.end());
    writeBoolean(out, "success", run.end().map(at -> run.status() == SimulatedStatus.COMPLETE));
    writeError(out, run.error());
    writeRollback(out, run.rollback());
    if (schedule.isPresent() && run.trigger() == TriggerSource.CRON) {
      writeSchedule(out, instance, schedule.get());
    }
    writeOutput(out, run.status() == SimulatedStatus.COMPLETE, instance.number());
    out.writeNumberField("step_count", run.steps().size());
    if (withSteps) {
      out.writeArrayFieldStart("steps");
      List<Step> steps = run.steps();
      for (int i = 0; i < steps.size(); i++) {
        step(out, steps.get(newestFirst ? steps.size() - 1 - i : i), outputBytes);
      }
      out.writeEndArray();
    }
    out.writeEndObject();
  }

  /** Newer details of scheduled runs tell what they were due by. */
  private static void writeSchedule(JsonGenerator out, Instance instance, Cron schedule)
      throws IOException {
    out.writeObjectFieldStart("schedule");
    out.writeStringField("cron", schedule.expression());
    // Created a little later than it was due.
    long periodMs = schedule.minutes() * 60_000L;
    long createdMs = instance.createdOn().toEpochMilli();
    out.writeNumberField("scheduledTime", createdMs - Math.floorMod(createdMs, periodMs));
    out.writeEndObject();
  }

  /** What became of undoing what the run did; null when there was nothing to undo. */
  private static void writeRollback(JsonGenerator out, Optional<SimulatedRun.Rollback> rollback)
      throws IOException {
    if (rollback.isEmpty()) {
      out.writeNullField("rollback");
      return;
    }
    out.writeObjectFieldStart("rollback");
    out.writeStringField("outcome", rollback.get().error().isPresent() ? "failed" : "complete");
    writeError(out, rollback.get().error());
    out.writeEndObject();
  }

  /** A step's type as the API names it. */
  static String typeOf(Step step) {
    if (step instanceof Step.Do) {
      return "step";
    } else if (step instanceof Step.Sleep) {
      return "sleep";
    } else if (step instanceof Step.EventWait) {
      return "waitForEvent";
    } else if (step instanceof Step.Rollback) {
      return "rollback";
    }
    return "termination";
  }

  /** A step's name with its counter; empty for a termination. */
  static String nameOf(Step step) {
    if (step instanceof Step.Do work) {
      return work.name();
    } else if (step instanceof Step.Sleep sleep) {
      return sleep.name();
    } else if (step instanceof Step.EventWait wait) {
      return wait.name();
    } else if (step instanceof Step.Rollback rollback) {
      return rollback.work().name();
    }
    return "";
  }

  private static void step(JsonGenerator out, Step step, int outputBytes) throws IOException {
    out.writeStartObject();
    if (step instanceof Step.Do work) {
      work(out, work, "step", outputBytes);
    } else if (step instanceof Step.Rollback rollback) {
      work(out, rollback.work(), "rollback", 0);
    } else if (step instanceof Step.Sleep sleep) {
      out.writeStringField("name", sleep.name());
      writeTime(out, "start", sleep.start());
      writeTime(out, "end", sleep.end());
      out.writeBooleanField("finished", sleep.end().isPresent());
      out.writeStringField("type", "sleep");
      out.writeNullField("error");
    } else if (step instanceof Step.EventWait wait) {
      eventWait(out, wait);
    } else if (step instanceof Step.Termination termination) {
      out.writeStringField("type", "termination");
      writeSource(out, termination.trigger().apiName());
    }
    out.writeEndObject();
  }

  private static void work(JsonGenerator out, Step.Do work, String type, int outputBytes)
      throws IOException {
    out.writeStringField("name", work.name());
    writeTime(out, "start", work.start());
    writeTime(out, "end", work.end());
    writeBoolean(out, "success", work.success());
    out.writeStringField("type", type);
    if (work.hasOutput() && work.config().sensitiveOutput()) {
      out.writeStringField("output", "[REDACTED]");
    } else if (work.hasOutput() && outputBytes > 0) {
      out.writeFieldName("output");
      out.writeString(new Filler(PAYLOAD_CANARY + " ", outputBytes), outputBytes);
    } else {
      writeOutput(out, work.hasOutput(), work.start().toEpochMilli());
    }
    config(out, work.config());
    out.writeArrayFieldStart("attempts");
    for (Attempt attempt : work.attempts()) {
      out.writeStartObject();
      writeTime(out, "start", attempt.start());
      writeTime(out, "end", attempt.end());
      writeBoolean(out, "success", attempt.success());
      writeError(out, attempt.error());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void eventWait(JsonGenerator out, Step.EventWait wait) throws IOException {
    out.writeStringField("name", wait.name());
    writeTime(out, "start", wait.start());
    writeTime(out, "end", wait.end());
    out.writeBooleanField("finished", wait.end().isPresent());
    out.writeStringField("type", "waitForEvent");
    out.writeStringField("event_type", wait.eventType());
    writeError(out, wait.error());
    if (wait.end().isPresent() && wait.error().isEmpty()) {
      out.writeObjectFieldStart("output");
      out.writeObjectFieldStart("payload");
      out.writeStringField("mark", PAYLOAD_CANARY);
      out.writeEndObject();
      writeTime(out, "timestamp", wait.end());
      out.writeStringField("type", wait.eventType());
      out.writeEndObject();
    } else {
      out.writeNullField("output");
    }
  }

  private static void config(JsonGenerator out, StepConfig config) throws IOException {
    out.writeObjectFieldStart("config");
    out.writeObjectFieldStart("retries");
    out.writeNumberField("limit", config.limit());
    writeDuration(out, "delay", config.delay());
    out.writeStringField("backoff", config.backoff().apiName());
    out.writeEndObject();
    writeDuration(out, "timeout", config.timeout());
    if (config.sensitiveOutput()) {
      out.writeStringField("sensitive", "output");
    }
    out.writeEndObject();
  }

  /** A version of a workflow. */
  static void version(
      JsonGenerator out,
      Version version,
      String workflowId,
      String className,
      boolean hasDag,
      boolean limited)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("id", version.id());
    out.writeStringField("class_name", className);
    writeTime(out, "created_on", version.createdOn());
    writeTime(out, "modified_on", version.createdOn());
    out.writeBooleanField("has_dag", hasDag);
    out.writeStringField("workflow_id", workflowId);
    out.writeStringField("language", "javascript");
    if (limited) {
      out.writeObjectFieldStart("default_retention");
      out.writeNumberField("success_retention", WEEK_MS);
      out.writeNumberField("error_retention", WEEK_MS);
      out.writeEndObject();
      out.writeObjectFieldStart("limits");
      out.writeNumberField("steps", 10_000);
      out.writeEndObject();
    }
    out.writeEndObject();
  }

  /** Outputs of many kinds: text, number, object; null where there is none. */
  private static void writeOutput(JsonGenerator out, boolean present, long kind)
      throws IOException {
    if (!present) {
      out.writeNullField("output");
    } else if (kind % 3 == 0) {
      out.writeStringField("output", PAYLOAD_CANARY + " " + kind);
    } else if (kind % 3 == 1) {
      out.writeNumberField("output", kind % 1000);
    } else {
      out.writeObjectFieldStart("output");
      out.writeStringField("mark", PAYLOAD_CANARY);
      out.writeBooleanField("ok", true);
      out.writeEndObject();
    }
  }

  /** A time; null where it is yet to come. */
  static void writeTime(JsonGenerator out, String name, Optional<Instant> at) throws IOException {
    if (at.isPresent()) {
      writeTime(out, name, at.get());
    } else {
      out.writeNullField(name);
    }
  }

  static void writeTime(JsonGenerator out, String name, Instant at) throws IOException {
    out.writeStringField(name, Times.json(at));
  }

  private static void writeBoolean(JsonGenerator out, String name, Optional<Boolean> value)
      throws IOException {
    if (value.isPresent()) {
      out.writeBooleanField(name, value.get());
    } else {
      out.writeNullField(name);
    }
  }

  private static void writeDuration(JsonGenerator out, String name, DurationSetting setting)
      throws IOException {
    if (setting.text().isPresent()) {
      out.writeStringField(name, setting.text().get());
    } else {
      out.writeNumberField(name, setting.millis());
    }
  }

  private static void writeError(JsonGenerator out, Optional<Failure> error) throws IOException {
    if (error.isEmpty()) {
      out.writeNullField("error");
      return;
    }
    out.writeObjectFieldStart("error");
    out.writeStringField("message", error.get().message());
    out.writeStringField("name", error.get().name());
    out.writeEndObject();
  }

  private static void writeSource(JsonGenerator out, String source) throws IOException {
    out.writeObjectFieldStart("trigger");
    out.writeStringField("source", source);
    out.writeEndObject();
  }
}
