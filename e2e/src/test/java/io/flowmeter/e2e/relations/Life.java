package io.flowmeter.e2e.relations;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One life of an instance, by the last that the API said of it.
 *
 * @param run names the life: the list row's {@code created_on} for the first, its own {@code
 *     queued} for a later one
 * @param next names the next life of the instance, if there is one
 * @param detail the raw result of the instance's GET
 */
public record Life(
    String workflow, String instanceId, long run, Optional<Long> next, JsonNode detail) {

  private static final Set<String> TERMINAL = Set.of("complete", "errored", "terminated");

  /** The lives of an instance from its list row and the last detail of each life, oldest first. */
  public static List<Life> of(String workflow, JsonNode row, List<JsonNode> details) {
    List<Long> runs = new ArrayList<>();
    for (JsonNode detail : details) {
      JsonNode name = runs.isEmpty() ? row.path("created_on") : detail.path("queued");
      runs.add(Durations.time(name).orElseThrow());
    }
    List<Life> lives = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      Optional<Long> next = runs.stream().skip(i + 1L).findFirst();
      lives.add(new Life(workflow, row.get("id").asText(), runs.get(i), next, details.get(i)));
    }
    return lives;
  }

  /** No later life of the same id is known. */
  public boolean newest() {
    return next.isEmpty();
  }

  public String status() {
    return detail.get("status").asText();
  }

  /** It came to an end of its own, which the API told. */
  public boolean ended() {
    return TERMINAL.contains(status());
  }

  /** api, superseded, or empty while it lives. */
  String endKind() {
    return ended() ? "api" : newest() ? "" : "superseded";
  }

  /** Empty where the source knows no versions. */
  String versionId() {
    return detail.path("versionId").asText("");
  }

  String triggerSource() {
    return detail.at("/trigger/source").asText("unknown");
  }

  public long queued() {
    return Durations.time(detail.path("queued")).orElseThrow();
  }

  public Optional<Long> start() {
    return Durations.time(detail.path("start"));
  }

  /** Its own, else the moment at which the next life took its place. */
  public Optional<Long> end() {
    return ended() ? Durations.time(detail.path("end")) : next;
  }

  /** All entries of {@code steps}, in their order. */
  List<Step> steps() {
    List<Step> steps = new ArrayList<>();
    for (JsonNode json : detail.path("steps")) {
      steps.add(new Step(steps.size(), json, end()));
    }
    return steps;
  }

  /** The failed step with the latest end, if no step of a later position began after it. */
  Optional<Step> failedStep() {
    List<Step> steps = steps();
    return steps.stream()
        .filter(Step::failed)
        .max(
            Comparator.comparing((Step step) -> step.end().orElseThrow())
                .thenComparing(Step::index))
        .filter(
            failed ->
                steps.stream()
                    .filter(later -> later.index() > failed.index() && !later.isTermination())
                    .noneMatch(later -> later.start().orElseThrow() >= failed.end().orElseThrow()));
  }

  /**
   * The error of the failed step's last attempt, else the instance's. A step that failed without a
   * message, as a wait does that timed out, takes that of the instance.
   */
  Optional<ApiError> error() {
    Optional<ApiError> ofInstance = ApiError.of(detail.path("error")).map(ApiError::unwrapped);
    Optional<String> message = ofInstance.map(ApiError::message);
    return failedStep()
        .flatMap(Step::error)
        .map(
            error ->
                error.message().isEmpty() ? new ApiError(error.name(), message.orElse("")) : error)
        .or(() -> ofInstance);
  }
}
