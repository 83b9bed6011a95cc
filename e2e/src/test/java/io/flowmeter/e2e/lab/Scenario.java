package io.flowmeter.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.flowmeter.verify.expected.ReportedRun;
import io.flowmeter.verify.expected.RunJson;
import io.flowmeter.verify.relation.Row;
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

  private static final Duration PATIENCE = Duration.ofSeconds(150);

  private final String workflow;
  private String id;
  private final Map<String, Object> params = new LinkedHashMap<>();
  private final List<Act> acts = new ArrayList<>();
  private final List<JsonNode> earlierLives = new ArrayList<>();
  private String rest = "complete";

  private interface Act {
    void run(ExplorerApi api, Sql sql);
  }

  /** What SQL shows of an instance. */
  interface Sql {

    /** Its rows of {@code instances}. */
    List<Row> lives(String workflow, String id);
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

  /** Waits until the last step is one of that name and is not finished. */
  Scenario onceAt(String step) {
    return once(
        "at " + step,
        detail -> {
          JsonNode last = lastStep(detail);
          return last.path("name").asText().startsWith(step + "-") && last.path("end").isNull();
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
    return then((api, sql) -> api.sendEvent(workflow, id, type, Map.of("by", "the test")));
  }

  Scenario pause() {
    return then((api, sql) -> api.pause(workflow, id)).onceIn("paused");
  }

  Scenario resume() {
    return then((api, sql) -> api.resume(workflow, id));
  }

  Scenario terminate() {
    return then((api, sql) -> api.terminate(workflow, id));
  }

  /** Restarts once the life has ended in that status and SQL shows its end. */
  Scenario restartAfter(String status) {
    return onceIn(status).then(this::restart);
  }

  /** Restarts while the life is not over, once SQL shows it. */
  Scenario restartAlive() {
    return then(this::restart);
  }

  void play(ExplorerApi api, Sql sql) {
    api.create(workflow, id, params);
    acts.forEach(act -> act.run(api, sql));
    awaitDetail(api, rest, detail -> detail.get("status").asText().equals(rest));
    assertThat(api.detail(workflow, id).get("status").asText()).as(toString()).isEqualTo(rest);
  }

  /** All lives by the API's final JSON. */
  List<ReportedRun> lives(ExplorerApi api) {
    JsonNode row =
        api.rows(workflow).stream()
            .filter(candidate -> candidate.get("id").asText().equals(id))
            .findFirst()
            .orElseThrow(() -> new AssertionError(this + " is not in the list"));
    List<JsonNode> details = new ArrayList<>(earlierLives);
    details.add(api.detail(workflow, id));
    return RunJson.runs(workflow, row, details);
  }

  String workflow() {
    return workflow;
  }

  @Override
  public String toString() {
    return workflow + "/" + id;
  }

  private Scenario then(Act act) {
    acts.add(act);
    return this;
  }

  private Scenario once(String what, Predicate<JsonNode> condition) {
    return then((api, sql) -> awaitDetail(api, what, condition));
  }

  private void awaitDetail(ExplorerApi api, String what, Predicate<JsonNode> condition) {
    await(this + " " + what)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(400))
        .until(() -> condition.test(api.detail(workflow, id)));
  }

  private void restart(ExplorerApi api, Sql sql) {
    JsonNode detail = api.detail(workflow, id);
    String queued = detail.get("queued").asText();
    String status = detail.get("status").asText();
    awaitInSql(sql, Instant.parse(queued).toEpochMilli(), status);
    earlierLives.add(api.detail(workflow, id));
    api.restart(workflow, id);
    awaitDetail(api, "restarted", now -> !now.path("queued").asText().equals(queued));
  }

  private void awaitInSql(Sql sql, long queued, String status) {
    await(this + " in SQL")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(250))
        .untilAsserted(
            () ->
                assertThat(sql.lives(workflow, id))
                    .as("%s queued at %d, %s", this, queued, status)
                    .anySatisfy(
                        life ->
                            assertThat(life.values())
                                .containsEntry("is_newest", true)
                                .containsEntry("queued_at", queued)
                                .containsEntry("status", status)));
  }

  private static JsonNode lastStep(JsonNode detail) {
    JsonNode steps = detail.path("steps");
    return StreamSupport.stream(steps.spliterator(), false)
        .reduce((a, b) -> b)
        .orElse(steps.path(0));
  }
}
