package io.flowmeter.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.flowmeter.e2e.lab.ExplorerApi;
import io.flowmeter.e2e.lab.ExplorerApi.Action;
import io.flowmeter.e2e.relations.Life;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

/**
 * What is done with one instance: created with some params, then, each as soon as the API shows the
 * time for it, paused, resumed, terminated, restarted, sent an event. It keeps the last detail of
 * every life.
 */
final class Scenario {

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final String workflow;
  private String id;
  private final Map<String, Object> params = new LinkedHashMap<>();
  private final List<Act> acts = new ArrayList<>();
  private final List<JsonNode> earlierLives = new ArrayList<>();
  private String rest = "complete";

  private interface Act {
    void run(ExplorerApi api, Sql sql);
  }

  /** What SQL shows of a life. */
  interface Sql {

    /** Whether {@code instances} has the life with that {@code queued} in that status. */
    boolean shows(String workflow, String id, Instant queued, String status);
  }

  private Scenario(String workflow, String id) {
    this.workflow = workflow;
    this.id = id;
  }

  static Scenario of(String workflow, String id) {
    return new Scenario(workflow, id);
  }

  /** Gives the instance an id of its own among those of other waves. */
  Scenario in(String wave) {
    id = wave + "-" + id;
    return this;
  }

  Scenario with(String param, Object value) {
    params.put(param, value);
    return this;
  }

  /** The status in which it stays in the end, {@code complete} unless told. */
  Scenario endsAs(String status) {
    rest = status;
    return this;
  }

  Scenario onceIn(String status) {
    return once(status, detail -> detail.get("status").asText().equals(status));
  }

  /** Waits until the last step is that one and is not finished. */
  Scenario onceAt(String stepName) {
    return once(
        "at " + stepName,
        detail -> {
          JsonNode step = lastStep(detail);
          return step.path("name").asText().equals(stepName) && step.path("end").isNull();
        });
  }

  /** Waits until an attempt of the last step has failed and the next one has not begun. */
  Scenario onceInBackoff() {
    return once(
        "in backoff",
        detail -> {
          JsonNode step = lastStep(detail);
          JsonNode attempts = step.path("attempts");
          return step.path("end").isNull()
              && !attempts.isEmpty()
              && !attempts.get(attempts.size() - 1).path("end").isNull();
        });
  }

  Scenario event(String type) {
    acts.add((api, sql) -> api.sendEvent(workflow, id, type, Map.of("by", "the test")));
    return this;
  }

  Scenario pause() {
    return act(Action.PAUSE).onceIn("paused");
  }

  Scenario resume() {
    return act(Action.RESUME);
  }

  Scenario terminate() {
    return act(Action.TERMINATE);
  }

  /** Restarts once the life has ended in that status and SQL shows its end. */
  Scenario restartAfter(String status) {
    onceIn(status);
    acts.add((api, sql) -> restart(api, sql));
    return this;
  }

  /** Restarts while the life is not over, once SQL shows it. */
  Scenario restartAlive() {
    acts.add((api, sql) -> restart(api, sql));
    return this;
  }

  void play(ExplorerApi api, Sql sql) {
    api.create(workflow, id, params);
    acts.forEach(act -> act.run(api, sql));
    awaitDetail(api, rest, detail -> detail.get("status").asText().equals(rest));
    assertThat(api.detail(workflow, id).get("status").asText()).as(toString()).isEqualTo(rest);
  }

  /** All lives by the API's final JSON. */
  List<Life> lives(ExplorerApi api) {
    JsonNode row =
        api.rows(workflow).stream()
            .filter(candidate -> candidate.get("id").asText().equals(id))
            .findFirst()
            .orElseThrow(() -> new AssertionError(this + " is not in the list"));
    List<JsonNode> details = new ArrayList<>(earlierLives);
    details.add(api.detail(workflow, id));
    return Life.of(workflow, row, details);
  }

  String workflow() {
    return workflow;
  }

  @Override
  public String toString() {
    return workflow + "/" + id;
  }

  private Scenario act(Action action) {
    acts.add((api, sql) -> api.act(workflow, id, action));
    return this;
  }

  private Scenario once(String what, Predicate<JsonNode> condition) {
    acts.add((api, sql) -> awaitDetail(api, what, condition));
    return this;
  }

  private void awaitDetail(ExplorerApi api, String what, Predicate<JsonNode> condition) {
    await(this + " " + what)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(150))
        .until(() -> condition.test(api.detail(workflow, id)));
  }

  private void restart(ExplorerApi api, Sql sql) {
    JsonNode detail = api.detail(workflow, id);
    String queued = detail.get("queued").asText();
    String status = detail.get("status").asText();
    await(this + " in SQL")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> sql.shows(workflow, id, Instant.parse(queued), status));
    earlierLives.add(api.detail(workflow, id));
    api.act(workflow, id, Action.RESTART);
    awaitDetail(api, "restarted", now -> !now.path("queued").asText().equals(queued));
  }

  private static JsonNode lastStep(JsonNode detail) {
    JsonNode steps = detail.path("steps");
    return StreamSupport.stream(steps.spliterator(), false)
        .reduce((a, b) -> b)
        .orElse(steps.path(0));
  }
}
