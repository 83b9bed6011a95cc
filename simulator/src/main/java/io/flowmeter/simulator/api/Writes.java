package io.flowmeter.simulator.api;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.flowmeter.simulator.fleet.ActiveInstances;
import io.flowmeter.simulator.fleet.Refusal;
import io.flowmeter.simulator.fleet.SimulatedAccount;
import io.flowmeter.simulator.model.Instance;
import io.flowmeter.simulator.model.SimulatedStatus;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Answers what changes something below {@code /accounts/{account}/workflows}: workflows put and
 * deleted, instances created, edited and sent events. What cannot be done to an instance is refused
 * as the real runtime refuses it, with status 500 and the code 10001. Not thread-safe.
 */
final class Writes {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9_-]*");
  private static final Pattern COUNTER = Pattern.compile("-\\d+$");

  /** What a restart's {@code from} calls the types of steps. */
  private static final Map<String, String> STEP_TYPES =
      Map.of("do", "step", "step", "step", "sleep", "sleep", "waitForEvent", "waitForEvent");

  private static final int LONGEST_WORKFLOW = 64;
  private static final int LONGEST_INSTANCE = 100;
  private static final int LARGEST_BATCH = 100;

  private final SimulatedAccount account;
  private final ActiveInstances active;

  Writes(SimulatedAccount account, ActiveInstances active) {
    this.account = account;
    this.active = active;
  }

  /** {@code PUT /{workflow}}: {@code {class_name, script_name}}. */
  SimulatedResponse put(String name, byte[] body, Instant now) {
    JsonNode wish = object(body);
    int workflow =
        account.put(
            valid("workflow_name", name, LONGEST_WORKFLOW),
            required(wish, "class_name"),
            required(wish, "script_name"),
            now);
    Optional<Instant> triggered = active.lastTriggered(workflow);
    String version = account.version(workflow, now).id();
    return response(
        out -> {
          out.writeStartObject();
          out.writeStringField("id", account.workflowId(workflow));
          out.writeStringField("class_name", account.model(workflow).className());
          Shapes.writeTime(out, "created_on", account.workflowCreatedOn(workflow));
          out.writeNumberField("is_deleted", 0);
          Shapes.writeTime(out, "modified_on", now);
          out.writeStringField("name", name);
          out.writeStringField("script_name", account.model(workflow).scriptName());
          out.writeNumberField("terminator_running", 0);
          Shapes.writeTime(out, "triggered_on", triggered);
          out.writeStringField("version_id", version);
          out.writeEndObject();
        });
  }

  /** {@code DELETE /{workflow}}. */
  SimulatedResponse delete(int workflow, Instant now) {
    account.delete(workflow, now);
    active.remove(workflow);
    return response(
        out -> {
          out.writeStartObject();
          out.writeStringField("status", "ok");
          out.writeBooleanField("success", true);
          out.writeEndObject();
        });
  }

  /** {@code POST /{workflow}/instances}: {@code {instance_id}}, which may be left out. */
  SimulatedResponse create(int workflow, byte[] body, Instant now) {
    Optional<String> id = wishedId(body.length == 0 ? MAPPER.createObjectNode() : object(body));
    if (id.isPresent() && active.find(workflow, id.get()).isPresent()) {
      throw ApiError.refused(
          "instance.already_exists",
          "Workflow instance with id \"%s\" already exists".formatted(id.get()));
    }
    Instance created = created(workflow, id, now);
    return response(out -> write(out, workflow, created, now));
  }

  /**
   * {@code POST /{workflow}/instances/batch}: a list of at most 100 of what create takes. Ids that
   * exist are passed over.
   */
  SimulatedResponse createAll(int workflow, byte[] body, Instant now) {
    JsonNode wishes = json(body);
    if (!wishes.isArray() || wishes.isEmpty() || wishes.size() > LARGEST_BATCH) {
      throw ApiError.badParameter("Expected an array of 1 to " + LARGEST_BATCH + " instances");
    }
    List<Optional<String>> ids = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (JsonNode wish : wishes) {
      Optional<String> id = wishedId(wish);
      if (id.isEmpty() || active.find(workflow, id.get()).isEmpty() && seen.add(id.get())) {
        ids.add(id);
      }
    }
    List<Instance> created = ids.stream().map(id -> created(workflow, id, now)).toList();
    return response(
        out -> {
          out.writeStartArray();
          for (Instance instance : created) {
            write(out, workflow, instance, now);
          }
          out.writeEndArray();
        });
  }

  private Instance created(int workflow, Optional<String> id, Instant now) {
    long number = account.create(workflow, id, now);
    active.add(workflow, number);
    return account.instance(workflow, number);
  }

  private void write(JsonGenerator out, int workflow, Instance created, Instant now)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("id", created.id());
    out.writeStringField("status", created.newestAt(now).status().apiName());
    out.writeStringField("version_id", created.newestAt(now).version().id());
    out.writeStringField("workflow_id", account.workflowId(workflow));
    out.writeEndObject();
  }

  /**
   * {@code PATCH /{workflow}/instances/{id}/status}: {@code {status, from}}, where {@code status}
   * is pause, resume, restart or terminate, and {@code from} names the step to restart from: {@code
   * {name, count, type}}.
   */
  SimulatedResponse edit(int workflow, String id, byte[] body, Instant now) {
    JsonNode wish = object(body);
    long number = active.find(workflow, id).orElseThrow(ApiError::noInstance);
    String action = required(wish, "status");
    Instance edited;
    try {
      edited =
          switch (action) {
            case "pause" -> account.pause(workflow, number, now);
            case "resume" -> account.resume(workflow, number, now);
            case "terminate" -> account.terminate(workflow, number, now);
            case "restart" ->
                wish.hasNonNull("from")
                    ? restartedFrom(workflow, number, wish.path("from"), now)
                    : account.restart(workflow, number, now);
            default ->
                throw ApiError.badParameter(
                    "status: Invalid option: expected one of"
                        + " \"pause\"|\"resume\"|\"restart\"|\"terminate\"");
          };
    } catch (Refusal refusal) {
      throw ApiError.refused(refusal.code(), refusal.getMessage());
    }
    active.change(workflow, edited);
    SimulatedStatus status = edited.newestAt(now).status();
    return response(
        out -> {
          out.writeStartObject();
          out.writeStringField("status", status.apiName());
          Shapes.writeTime(out, "timestamp", now);
          out.writeEndObject();
        });
  }

  /** Of the steps of a name and type, each time that the code came by counts. */
  private Instance restartedFrom(int workflow, long number, JsonNode from, Instant now) {
    String name = required(from, "name");
    String type = STEP_TYPES.get(from.path("type").asText("do"));
    int count = from.path("count").asInt(1);
    if (type == null || count < 1) {
      throw ApiError.badParameter(
          "from: expected a type of \"do\"|\"sleep\"|\"waitForEvent\" and a count from 1");
    }
    return account.restartFrom(
        workflow,
        number,
        step ->
            Shapes.typeOf(step).equals(type)
                && COUNTER.matcher(Shapes.nameOf(step)).replaceFirst("").equals(name),
        count,
        now);
  }

  /** {@code POST /{workflow}/instances/{id}/events/{type}}; the payload is not kept. */
  SimulatedResponse send(int workflow, String id, String eventType, Instant now) {
    long number = active.find(workflow, id).orElseThrow(ApiError::noInstance);
    try {
      active.change(workflow, account.send(workflow, number, eventType, now));
    } catch (Refusal refusal) {
      throw ApiError.refused(refusal.code(), refusal.getMessage());
    }
    return response(
        out -> {
          out.writeStartObject();
          out.writeBooleanField("success", true);
          out.writeEndObject();
        });
  }

  private static SimulatedResponse response(Json result) {
    return SimulatedResponse.of(result, listener -> {});
  }

  private static Optional<String> wishedId(JsonNode wish) {
    if (!wish.isObject()) {
      throw ApiError.badParameter("Invalid input: expected object");
    }
    return wish.hasNonNull("instance_id")
        ? Optional.of(valid("instance_id", wish.path("instance_id").asText(), LONGEST_INSTANCE))
        : Optional.empty();
  }

  private static String valid(String field, String name, int longest) {
    if (name.length() > longest || !NAME.matcher(name).matches()) {
      throw ApiError.badParameter(
          "%s: expected 1 to %d letters, digits, - and _, beginning with none of -"
              .formatted(field, longest));
    }
    return name;
  }

  private static String required(JsonNode wish, String field) {
    if (!wish.path(field).isTextual() || wish.path(field).asText().isEmpty()) {
      throw ApiError.badParameter(field + ": Required");
    }
    return wish.path(field).asText();
  }

  private static JsonNode object(byte[] body) {
    JsonNode json = json(body);
    if (!json.isObject()) {
      throw ApiError.badParameter("Invalid input: expected object");
    }
    return json;
  }

  private static JsonNode json(byte[] body) {
    try {
      return MAPPER.readTree(body);
    } catch (IOException e) {
      throw ApiError.badParameter("Invalid JSON", e);
    }
  }
}
