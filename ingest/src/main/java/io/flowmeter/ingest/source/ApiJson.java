package io.flowmeter.ingest.source;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The API's lists, read from JSON. Any field may be absent; fields not known are skipped. */
final class ApiJson {
  /** The local runtime's own word for an instance without status. */
  static final String UNKNOWN = "unknown";

  private ApiJson() {}

  /** Reads a result of one kind. */
  interface Result<T> {
    /** The value that begins here; empty where it is not of the kind. */
    Optional<T> read(StreamingJsonReader json) throws IOException;
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

  static Optional<ListedWorkflow> workflow(StreamingJsonReader json) throws IOException {
    var read =
        new Object() {
          Optional<String> name = Optional.empty();
          Optional<String> id = Optional.empty();
          Optional<String> className = Optional.empty();
          Optional<String> scriptName = Optional.empty();
          Optional<Instant> createdOn = Optional.empty();
          Optional<Instant> modifiedOn = Optional.empty();
          Optional<Instant> triggeredOn = Optional.empty();
          Optional<Map<String, Long>> counts = Optional.empty();
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
            case "instances" -> {
              Map<String, Long> counts = new HashMap<>();
              boolean published =
                  json.object(status -> json.number().ifPresent(n -> counts.put(status, n)));
              read.counts = published ? Optional.of(counts) : Optional.empty();
            }
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
                    read.counts));
  }

  static Optional<ListedInstance> instance(StreamingJsonReader json) throws IOException {
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

  static Optional<ListedVersion> version(StreamingJsonReader json) throws IOException {
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
            case "has_dag" -> read.hasDag = json.bool();
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

  /** {@code {"source": …}}, or the source alone. */
  static Optional<String> source(StreamingJsonReader json) throws IOException {
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
