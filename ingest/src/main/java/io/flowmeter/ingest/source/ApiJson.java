package io.flowmeter.ingest.source;

import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.Error;
import io.flowmeter.schemas.observation.Step;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The API's results, read from JSON. Any field may be absent; fields not known are skipped. */
final class ApiJson {
  /** The local runtime's own word for an instance without status. */
  private static final String UNKNOWN = "unknown";

  private ApiJson() {}

  /** Reads a result of one kind. */
  interface Result<T> {
    /** The value that begins here; empty where it is not of the kind. */
    Optional<T> read(JsonReading json) throws IOException;
  }

  /** Rows of a list, and how many could not be used. */
  record Rows<T>(List<T> rows, int skipped) {}

  static <T> Result<Rows<T>> rows(Result<T> row) {
    return json -> {
      List<T> rows = new ArrayList<>();
      int[] skipped = {0};
      boolean array =
          json.array(() -> row.read(json).ifPresentOrElse(rows::add, () -> skipped[0]++));
      return array ? Optional.of(new Rows<>(rows, skipped[0])) : Optional.empty();
    };
  }

  static Optional<ListedWorkflow> workflow(JsonReading json) throws IOException {
    var read =
        new Object() {
          Optional<String> name = Optional.empty();
          Optional<String> id = Optional.empty();
          Optional<String> className = Optional.empty();
          Optional<String> scriptName = Optional.empty();
          Optional<Instant> createdOn = Optional.empty();
          Optional<Instant> modifiedOn = Optional.empty();
          Optional<Instant> triggeredOn = Optional.empty();
          final Map<String, Long> instances = new HashMap<>();
        };
    json.object(
        field -> {
          switch (field) {
            case "name" -> read.name = json.text();
            case "id" -> read.id = json.text();
            case "class_name" -> read.className = json.text();
            case "script_name" -> read.scriptName = json.text();
            case "created_on" -> read.createdOn = json.time();
            case "modified_on" -> read.modifiedOn = json.time();
            case "triggered_on" -> read.triggeredOn = json.time();
            case "instances" ->
                json.object(status -> json.number().ifPresent(n -> read.instances.put(status, n)));
            default -> {}
          }
        });
    return read.name
        .filter(name -> !name.isEmpty())
        .map(
            name ->
                new ListedWorkflow(
                    name,
                    read.id,
                    read.className,
                    read.scriptName,
                    read.createdOn,
                    read.modifiedOn,
                    read.triggeredOn,
                    read.instances));
  }

  static Optional<ListedInstance> instance(JsonReading json) throws IOException {
    var read =
        new Object() {
          Optional<String> id = Optional.empty();
          Optional<String> status = Optional.empty();
          Optional<Instant> createdOn = Optional.empty();
          Optional<Instant> startedOn = Optional.empty();
          Optional<Instant> endedOn = Optional.empty();
          Optional<Instant> modifiedOn = Optional.empty();
          Optional<String> versionId = Optional.empty();
          Optional<String> workflowId = Optional.empty();
          Optional<String> triggerSource = Optional.empty();
        };
    json.object(
        field -> {
          switch (field) {
            case "id" -> read.id = json.text();
            case "status" -> read.status = json.text();
            case "created_on" -> read.createdOn = json.time();
            case "started_on" -> read.startedOn = json.time();
            case "ended_on" -> read.endedOn = json.time();
            case "modified_on" -> read.modifiedOn = json.time();
            case "version_id", "versionId" -> read.versionId = json.text();
            case "workflow_id" -> read.workflowId = json.text();
            case "trigger_source" -> read.triggerSource = json.text();
            case "trigger" -> read.triggerSource = source(json);
            default -> {}
          }
        });
    if (read.id.filter(id -> !id.isEmpty()).isEmpty()
        || read.status.isEmpty() && read.createdOn.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new ListedInstance(
            read.id.get(),
            read.status.orElse(UNKNOWN),
            read.createdOn,
            read.startedOn,
            read.endedOn,
            read.modifiedOn,
            read.versionId,
            read.workflowId,
            read.triggerSource));
  }

  static Optional<ListedVersion> version(JsonReading json) throws IOException {
    var read =
        new Object() {
          Optional<String> id = Optional.empty();
          Optional<Instant> createdOn = Optional.empty();
          Optional<Instant> modifiedOn = Optional.empty();
          Optional<String> className = Optional.empty();
          Optional<Boolean> hasDag = Optional.empty();
          OptionalLong stepLimit = OptionalLong.empty();
          Optional<String> language = Optional.empty();
        };
    json.object(
        field -> {
          switch (field) {
            case "id" -> read.id = json.text();
            case "created_on" -> read.createdOn = json.time();
            case "modified_on" -> read.modifiedOn = json.time();
            case "class_name" -> read.className = json.text();
            case "has_dag" -> read.hasDag = json.truth();
            case "language" -> read.language = json.text();
            case "limits" ->
                json.object(
                    limit -> {
                      if (limit.equals("steps")) {
                        read.stepLimit = json.number();
                      }
                    });
            default -> {}
          }
        });
    return read.id
        .filter(id -> !id.isEmpty())
        .map(
            id ->
                new ListedVersion(
                    id,
                    read.createdOn,
                    read.modifiedOn,
                    read.className,
                    read.hasDag,
                    read.stepLimit,
                    read.language));
  }

  static Optional<InstanceDetail> detail(JsonReading json) throws IOException {
    var read =
        new Object() {
          Optional<String> status = Optional.empty();
          Optional<Instant> queued = Optional.empty();
          Optional<Instant> start = Optional.empty();
          Optional<Instant> end = Optional.empty();
          Optional<Boolean> success = Optional.empty();
          Optional<Error> error = Optional.empty();
          Optional<String> versionId = Optional.empty();
          Optional<String> triggerSource = Optional.empty();
          OptionalLong outputBytes = OptionalLong.empty();
          OptionalLong paramsBytes = OptionalLong.empty();
          Optional<String> rollbackOutcome = Optional.empty();
          Optional<Error> rollbackError = Optional.empty();
          final List<Step> steps = new ArrayList<>();
        };
    boolean object =
        json.object(
            field -> {
              switch (field) {
                case "status" -> read.status = json.text();
                case "queued" -> read.queued = json.time();
                case "start" -> read.start = json.time();
                case "end" -> read.end = json.time();
                case "success" -> read.success = json.truth();
                case "error" -> read.error = error(json);
                case "versionId", "version_id" -> read.versionId = json.text();
                case "trigger" -> read.triggerSource = source(json);
                case "output" -> json.size(n -> read.outputBytes = OptionalLong.of(n));
                case "params" -> json.size(n -> read.paramsBytes = OptionalLong.of(n));
                case "rollback" ->
                    json.object(
                        part -> {
                          switch (part) {
                            case "outcome" -> read.rollbackOutcome = json.text();
                            case "error" -> read.rollbackError = error(json);
                            default -> {}
                          }
                        });
                case "steps" -> json.array(() -> read.steps.add(step(json, read.steps.size())));
                default -> {}
              }
            });
    if (!object) {
      return Optional.empty();
    }
    return Optional.of(
        new InstanceDetail(
            read.status.orElse(UNKNOWN),
            read.queued,
            read.start,
            read.end,
            read.success,
            read.error,
            read.versionId,
            read.triggerSource,
            read.outputBytes,
            read.paramsBytes,
            read.rollbackOutcome,
            read.rollbackError,
            read.steps));
  }

  private static Step step(JsonReading json, int index) throws IOException {
    Step step = new Step();
    step.setStepIndex(index);
    step.setType("");
    step.setAttemptOffset(0);
    step.setAttempts(List.of());
    json.object(
        field -> {
          switch (field) {
            case "type" -> step.setType(json.text().orElse(""));
            case "name" -> step.setName(json.text().orElse(null));
            case "start" -> step.setStart(json.time().orElse(null));
            case "end" -> step.setEnd(json.time().orElse(null));
            case "success" -> step.setSuccess(json.truth().orElse(null));
            case "finished" -> step.setFinished(json.truth().orElse(null));
            case "error" -> step.setError(error(json).orElse(null));
            case "event_type" -> step.setEventType(json.text().orElse(null));
            case "trigger" -> step.setTriggerSource(source(json).orElse(null));
            case "output" -> json.size(step::setOutputBytes);
            case "config" -> config(json, step);
            case "attempts" -> {
              List<Attempt> attempts = new ArrayList<>(1);
              json.array(() -> attempts.add(attempt(json)));
              step.setAttempts(attempts);
            }
            default -> {}
          }
        });
    return step;
  }

  private static void config(JsonReading json, Step step) throws IOException {
    json.object(
        field -> {
          switch (field) {
            case "timeout" -> step.setTimeout(json.text().orElse(null));
            case "retries" ->
                json.object(
                    retry -> {
                      switch (retry) {
                        case "limit" ->
                            step.setRetryLimit(
                                json.number().isPresent() ? json.number().getAsLong() : null);
                        case "delay" -> step.setRetryDelay(json.text().orElse(null));
                        case "backoff" -> step.setBackoff(json.text().orElse(null));
                        default -> {}
                      }
                    });
            default -> {}
          }
        });
  }

  private static Attempt attempt(JsonReading json) throws IOException {
    Attempt attempt = new Attempt();
    json.object(
        field -> {
          switch (field) {
            case "start" -> attempt.setStart(json.time().orElse(null));
            case "end" -> attempt.setEnd(json.time().orElse(null));
            case "success" -> attempt.setSuccess(json.truth().orElse(null));
            case "error" -> attempt.setError(error(json).orElse(null));
            default -> {}
          }
        });
    return attempt;
  }

  /** An error is an object with name and message, or, forgiven, a bare text. */
  private static Optional<Error> error(JsonReading json) throws IOException {
    if (json.isNull()) {
      return Optional.empty();
    }
    if (!json.isObject()) {
      return json.text().map(message -> new Error("", message));
    }
    Error error = new Error("", "");
    json.object(
        field -> {
          switch (field) {
            case "name" -> error.setName(json.text().orElse(""));
            case "message" -> error.setMessage(json.text().orElse(""));
            default -> {}
          }
        });
    return Optional.of(error);
  }

  /** {@code {"source": …}}, or the source alone. */
  private static Optional<String> source(JsonReading json) throws IOException {
    if (!json.isObject()) {
      return json.text();
    }
    var read =
        new Object() {
          Optional<String> source = Optional.empty();
        };
    json.object(
        field -> {
          if (field.equals("source")) {
            read.source = json.text();
          }
        });
    return read.source;
  }
}
