package io.flowmeter.simulator.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.flowmeter.simulator.fleet.Fleet;
import io.flowmeter.simulator.fleet.Roster;
import io.flowmeter.simulator.fleet.WorkflowModel;
import io.flowmeter.simulator.life.Instance;
import io.flowmeter.simulator.life.Life;
import io.flowmeter.simulator.life.Status;
import io.flowmeter.simulator.life.Version;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Answers the GETs below {@code /accounts/{account}/workflows} as they stand at a moment. Not
 * thread-safe.
 */
final class WorkflowsApi {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Fleet fleet;
  private final Roster roster;

  WorkflowsApi(Fleet fleet, Roster roster) {
    this.fleet = fleet;
    this.roster = roster;
  }

  /**
   * Answers one request.
   *
   * @param path the segments after {@code workflows}
   * @throws ApiError when the API would answer with an error
   */
  ObjectNode get(List<String> path, Map<String, String> parameters, Instant now) {
    roster.moveTo(now);
    if (path.isEmpty()) {
      return workflows(parameters, now);
    }
    int workflow = workflow(path.get(0));
    String below = path.size() > 1 ? path.get(1) : "";
    if (path.size() == 1) {
      return Envelope.of(workflow(workflow, now));
    } else if (below.equals("instances") && path.size() == 2) {
      return instances(workflow, parameters, now);
    } else if (below.equals("instances") && path.size() == 3) {
      return instance(workflow, path.get(2), parameters, now);
    } else if (below.equals("versions") && path.size() == 2) {
      return versions(workflow, parameters, now);
    } else if (below.equals("versions") && path.size() == 3) {
      return version(workflow, path.get(2), now);
    }
    throw ApiError.noRoute("/" + String.join("/", path));
  }

  private int workflow(String name) {
    List<WorkflowModel> models = fleet.models();
    for (int workflow = 0; workflow < models.size(); workflow++) {
      if (models.get(workflow).name().equals(name)) {
        return workflow;
      }
    }
    throw ApiError.noWorkflow();
  }

  private ObjectNode workflows(Map<String, String> parameters, Instant now) {
    Page page = Page.byNumber(parameters);
    String search = parameters.getOrDefault("search", "");
    ArrayNode rows = JSON.arrayNode();
    int total = 0;
    for (int workflow = 0; workflow < fleet.models().size(); workflow++) {
      if (fleet.models().get(workflow).name().contains(search)) {
        if (total >= page.skip() && rows.size() < page.perPage()) {
          rows.add(workflow(workflow, now));
        }
        total++;
      }
    }
    return Envelope.of(rows, page.resultInfo(rows.size(), total));
  }

  private ObjectNode workflow(int workflow, Instant now) {
    WorkflowModel model = fleet.models().get(workflow);
    ObjectNode row = JSON.objectNode();
    row.put("id", fleet.workflowId(workflow));
    row.put("class_name", model.className());
    row.put("created_on", Times.json(fleet.workflowCreatedOn(workflow)));
    ObjectNode counts = row.putObject("instances");
    roster.counts(workflow).forEach((status, count) -> counts.put(status.apiName(), count));
    row.put("modified_on", Times.json(fleet.version(workflow, now).createdOn()));
    row.put("name", model.name());
    row.put("script_name", model.scriptName());
    row.put("triggered_on", roster.lastTriggered(workflow).map(Times::json).orElse(null));
    if (model.rhythm() instanceof WorkflowModel.Rhythm.Cron cron) {
      ObjectNode schedule = row.putArray("schedules").addObject();
      schedule.put("cron", cron.expression());
      long periodMs = cron.minutes() * 60_000L;
      long next = (now.toEpochMilli() / periodMs + 1) * periodMs;
      schedule.put("next_instance", Times.json(Instant.ofEpochMilli(next)));
    }
    return row;
  }

  private ObjectNode instances(int workflow, Map<String, String> parameters, Instant now) {
    Page page = Page.byCursor(parameters);
    Optional<Status> status =
        Optional.ofNullable(parameters.get("status"))
            .map(
                name ->
                    Status.named(name)
                        .orElseThrow(() -> ApiError.badParameter("status: Invalid option")));
    Roster.Slice slice =
        roster.slice(
            workflow,
            new Roster.Query(
                status,
                Times.parameter(parameters, "date_start"),
                Times.parameter(parameters, "date_end"),
                isDescending(parameters, "direction", true),
                page.skip(),
                page.perPage()));
    ArrayNode rows = JSON.arrayNode();
    String workflowId = fleet.workflowId(workflow);
    for (long number : slice.numbers()) {
      Instance instance = fleet.instance(workflow, number);
      // Newer rows tell their trigger; not all do.
      rows.add(Shapes.row(instance, instance.newestAt(now), workflowId, workflow % 2 == 0));
    }
    return Envelope.of(rows, page.resultInfo(rows.size(), slice.total()));
  }

  private ObjectNode instance(
      int workflow, String id, Map<String, String> parameters, Instant now) {
    boolean newestFirst = isDescending(parameters, "order", false);
    String simple = parameters.getOrDefault("simple", "false");
    if (!simple.equals("true") && !simple.equals("false")) {
      throw ApiError.badParameter("simple: Invalid option: expected one of \"true\"|\"false\"");
    }
    long number = roster.find(workflow, id).orElseThrow(ApiError::noInstance);
    Instance instance = fleet.instance(workflow, number);
    Life life = instance.newestAt(now);
    return Envelope.of(Shapes.detail(instance, life, newestFirst, simple.equals("false")));
  }

  private ObjectNode versions(int workflow, Map<String, String> parameters, Instant now) {
    Page page = Page.byNumber(parameters);
    List<Version> versions = fleet.versions(workflow, now);
    ArrayNode rows = JSON.arrayNode();
    versions.stream()
        .skip(page.skip())
        .limit(page.perPage())
        .forEach(version -> rows.add(version(workflow, version)));
    return Envelope.of(rows, page.resultInfo(rows.size(), versions.size()));
  }

  private ObjectNode version(int workflow, String id, Instant now) {
    return fleet.versions(workflow, now).stream()
        .filter(version -> version.id().equals(id))
        .findFirst()
        .map(version -> Envelope.of(version(workflow, version)))
        .orElseThrow(ApiError::noVersion);
  }

  private ObjectNode version(int workflow, Version version) {
    WorkflowModel model = fleet.models().get(workflow);
    return Shapes.version(
        version, fleet.workflowId(workflow), model.className(), model.hasDag(), workflow % 3 == 0);
  }

  private static boolean isDescending(
      Map<String, String> parameters, String name, boolean otherwise) {
    String value = parameters.get(name);
    if (value == null) {
      return otherwise;
    }
    return switch (value) {
      case "asc" -> false;
      case "desc" -> true;
      default ->
          throw ApiError.badParameter(name + ": Invalid option: expected one of \"asc\"|\"desc\"");
    };
  }
}
