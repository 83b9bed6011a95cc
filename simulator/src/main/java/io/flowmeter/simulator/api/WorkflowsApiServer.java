package io.flowmeter.simulator.api;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flowmeter.simulator.fleet.ActiveInstances;
import io.flowmeter.simulator.fleet.SimulatedAccount;
import io.flowmeter.simulator.fleet.WorkflowModel;
import io.flowmeter.simulator.model.Instance;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.simulator.model.Version;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Answers the calls below {@code /accounts/{account}/workflows} as they stand at a moment. Not
 * thread-safe.
 */
final class WorkflowsApiServer {
  /** A longer body is not held. */
  private static final int MOST_HELD = 4 * 1024 * 1024;

  /** What a step takes beside its output, about. */
  private static final int BYTES_OF_STEP = 500;

  private final SimulatedAccount account;
  private final ActiveInstances active;
  private final StepOutputs outputs;
  private final Writes writes;

  WorkflowsApiServer(SimulatedAccount account, ActiveInstances active, StepOutputs outputs) {
    this.outputs = outputs;
    this.account = account;
    this.active = active;
    this.writes = new Writes(account, active);
  }

  /**
   * Answers one request.
   *
   * @param path the segments after {@code workflows}
   * @throws ApiError when the API would answer with an error
   */
  SimulatedResponse respond(
      String method, List<String> path, Map<String, String> parameters, byte[] body, Instant now) {
    active.moveTo(now);
    String route = path.size() > 1 ? path.get(1) : "";
    return switch (method + " " + path.size() + " " + route) {
      case "GET 0 " -> workflows(parameters, now);
      case "GET 1 " -> workflow(workflow(path), now);
      case "PUT 1 " -> writes.put(path.get(0), body, now);
      case "DELETE 1 " -> writes.delete(workflow(path), now);
      case "GET 2 instances" -> instances(workflow(path), parameters, now);
      case "POST 2 instances" -> writes.create(workflow(path), body, now);
      case "GET 3 instances" -> instance(workflow(path), path.get(2), parameters, now);
      case "POST 3 instances" -> writes.createAll(batch(path), body, now);
      case "PATCH 4 instances" -> writes.edit(status(path), path.get(2), body, now);
      case "POST 5 instances" -> writes.send(events(path), path.get(2), path.get(4), now);
      case "GET 2 versions" -> versions(workflow(path), parameters, now);
      case "GET 3 versions" -> version(workflow(path), path.get(2), now);
      default -> throw noSuchCall(method, path);
    };
  }

  private static ApiError noSuchCall(String method, List<String> path) {
    boolean isPath =
        path.size() <= 1
            || path.size() <= 3
                && (path.get(1).equals("instances") || path.get(1).equals("versions"));
    return isPath ? ApiError.badMethod(method) : ApiError.noRoute("/" + String.join("/", path));
  }

  private int batch(List<String> path) {
    return workflowWith(path, 2, "batch");
  }

  private int status(List<String> path) {
    return workflowWith(path, 3, "status");
  }

  private int events(List<String> path) {
    return workflowWith(path, 3, "events");
  }

  /** The workflow of a path that has this word at this place. */
  private int workflowWith(List<String> path, int place, String word) {
    if (!path.get(place).equals(word)) {
      throw ApiError.noRoute("/" + String.join("/", path));
    }
    return workflow(path);
  }

  private int workflow(List<String> path) {
    return account.find(path.get(0)).orElseThrow(ApiError::noWorkflow);
  }

  private SimulatedResponse workflows(Map<String, String> parameters, Instant now) {
    ListPage page = ListPage.byNumber(parameters);
    String search = parameters.getOrDefault("search", "");
    int[] found =
        IntStream.range(0, account.size())
            .filter(workflow -> account.exists(workflow))
            .filter(workflow -> account.model(workflow).name().contains(search))
            .toArray();
    List<WorkflowRow> rows =
        IntStream.of(found)
            .skip(page.skip())
            .limit(page.perPage())
            .mapToObj(workflow -> workflowRow(workflow, now))
            .toList();
    return SimulatedResponse.of(
        array(rows, WorkflowRow::write),
        page.resultInfo(rows.size(), found.length),
        listener -> rows.forEach(row -> row.report(listener)));
  }

  private WorkflowRow workflowRow(int workflow, Instant now) {
    return new WorkflowRow(
        workflow,
        account.model(workflow),
        account.workflowId(workflow),
        account.workflowCreatedOn(workflow),
        account.version(workflow, now).createdOn(),
        active.lastTriggered(workflow),
        active.counts(workflow),
        now);
  }

  private SimulatedResponse workflow(int workflow, Instant now) {
    WorkflowRow row = workflowRow(workflow, now);
    return SimulatedResponse.of(row::write, row::report);
  }

  private SimulatedResponse instances(int workflow, Map<String, String> parameters, Instant now) {
    ListPage page = ListPage.byCursor(parameters);
    Optional<SimulatedStatus> status =
        Optional.ofNullable(parameters.get("status"))
            .map(
                name ->
                    SimulatedStatus.named(name)
                        .filter(SimulatedStatus::isOnPage)
                        .orElseThrow(() -> ApiError.badParameter("status: Invalid option")));
    ActiveInstances.Slice slice =
        active.slice(
            workflow,
            new ActiveInstances.Query(
                status,
                Times.parameter(parameters, "date_start"),
                Times.parameter(parameters, "date_end"),
                isDescending(parameters, "direction", true),
                page.skip(),
                page.perPage()));
    List<Shown> rows = new ArrayList<>(slice.numbers().length);
    for (long number : slice.numbers()) {
      Instance instance = account.instance(workflow, number);
      rows.add(new Shown(instance, instance.newestAt(now)));
    }
    String workflowId = account.workflowId(workflow);
    // Newer rows tell their trigger; not all do.
    boolean tellsTrigger = workflow % 2 == 0;
    return SimulatedResponse.of(
        array(
            rows,
            (row, out) -> Shapes.row(out, row.instance(), row.run(), workflowId, tellsTrigger)),
        page.resultInfo(rows.size(), slice.total()),
        listener -> rows.forEach(row -> listener.row(workflow, row.instance(), row.run(), now)));
  }

  /** An instance and its newest life at the moment of the answer. */
  private record Shown(Instance instance, SimulatedRun run) {}

  private SimulatedResponse instance(
      int workflow, String id, Map<String, String> parameters, Instant now) {
    boolean newestFirst = isDescending(parameters, "order", false);
    String simple = parameters.getOrDefault("simple", "false");
    if (!simple.equals("true") && !simple.equals("false")) {
      throw ApiError.badParameter("simple: Invalid option: expected one of \"true\"|\"false\"");
    }
    boolean whole = simple.equals("false");
    long number = active.find(workflow, id).orElseThrow(ApiError::noInstance);
    Instance instance = account.instance(workflow, number);
    SimulatedRun run = instance.newestAt(now);
    int outputBytes = outputs.bytesOfStep(instance.workflow());
    Optional<WorkflowModel.Rhythm.Cron> schedule =
        account.model(workflow).rhythm() instanceof WorkflowModel.Rhythm.Cron cron
            ? Optional.of(cron)
            : Optional.empty();
    SimulatedResponse response =
        SimulatedResponse.of(
            out -> Shapes.detail(out, instance, run, schedule, newestFirst, whole, outputBytes),
            listener -> listener.detail(workflow, instance, run, now, whole));
    long length = run.steps().size() * (BYTES_OF_STEP + (long) outputBytes);
    return whole && length > MOST_HELD ? response.ofHugeLength() : response;
  }

  private SimulatedResponse versions(int workflow, Map<String, String> parameters, Instant now) {
    ListPage page = ListPage.byNumber(parameters);
    List<Version> versions = account.versions(workflow, now);
    List<Version> rows = versions.stream().skip(page.skip()).limit(page.perPage()).toList();
    return SimulatedResponse.of(
        array(rows, (version, out) -> write(out, workflow, version)),
        page.resultInfo(rows.size(), versions.size()),
        listener -> rows.forEach(version -> listener.version(workflow, version, now)));
  }

  private SimulatedResponse version(int workflow, String id, Instant now) {
    Version version =
        account.versions(workflow, now).stream()
            .filter(each -> each.id().equals(id))
            .findFirst()
            .orElseThrow(ApiError::noVersion);
    return SimulatedResponse.of(
        out -> write(out, workflow, version), listener -> listener.version(workflow, version, now));
  }

  private void write(JsonGenerator out, int workflow, Version version) throws IOException {
    WorkflowModel model = account.model(workflow);
    Shapes.version(
        out,
        version,
        account.workflowId(workflow),
        model.className(),
        model.hasDag(),
        workflow % 3 == 0);
  }

  /** Writes one row of a list. */
  @FunctionalInterface
  private interface RowWriter<R> {
    void write(R row, JsonGenerator out) throws IOException;
  }

  private static <R> Json array(List<R> rows, RowWriter<R> writer) {
    return out -> {
      out.writeStartArray();
      for (R row : rows) {
        writer.write(row, out);
      }
      out.writeEndArray();
    };
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
