package io.flowmeter.e2e.relations;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The rows that the relations have to hold for some lives of instances, by the definitions of the
 * metrics.
 *
 * <p>The API's final JSON determines all of a life that came to its own end. Of one that goes on,
 * or was replaced by a restart, the relations tell what the last poll happened to see: only its
 * run-level values are determined.
 */
public final class ExpectedRelations {

  private static final String ACCOUNT = "local";

  private final Map<Relation, List<Row>> rows = new EnumMap<>(Relation.class);

  private final Set<List<Object>> undeterminedLives = new HashSet<>();
  private final Set<String> undeterminedWorkflows = new HashSet<>();

  private ExpectedRelations() {}

  /** Of all lives together: rollups add up over them. */
  public static ExpectedRelations of(Collection<Life> lives) {
    ExpectedRelations expected = new ExpectedRelations();
    for (Life life : lives) {
      expected.add(Relation.INSTANCES, instance(life));
      if (life.ended()) {
        expected.addSteps(life);
      } else {
        expected.undeterminedLives.add(key(life).key(Relation.INSTANCES));
        expected.undeterminedWorkflows.add(life.workflow());
      }
    }
    List<Life> added =
        lives.stream()
            .filter(life -> !expected.undeterminedWorkflows.contains(life.workflow()))
            .toList();
    expected.rows.put(Relation.WORKFLOW_MINUTES, ExpectedMinutes.ofWorkflows(ACCOUNT, added));
    expected.rows.put(Relation.STEP_MINUTES, ExpectedMinutes.ofSteps(ACCOUNT, added));
    expected.rows.put(Relation.STATUS_COUNTS_NOW, statusCounts(lives));
    return expected;
  }

  /** Whether the API's JSON says what a row of the relation has to be. */
  public boolean determines(Relation relation, Row row) {
    return switch (relation) {
      case STEP_RUNS, STEP_ATTEMPTS -> !undeterminedLives.contains(row.key(Relation.INSTANCES));
      case WORKFLOW_MINUTES, STEP_MINUTES -> !undeterminedWorkflows.contains(row.text("workflow"));
      default -> true;
    };
  }

  public List<Row> rows(Relation relation) {
    return rows.getOrDefault(relation, List.of());
  }

  private void add(Relation relation, Row row) {
    rows.computeIfAbsent(relation, any -> new ArrayList<>()).add(row);
  }

  private void addSteps(Life life) {
    for (Step step : life.steps()) {
      add(Relation.STEP_RUNS, stepRun(life, step));
      stepAttempts(life, step).forEach(row -> add(Relation.STEP_ATTEMPTS, row));
    }
  }

  /** The row of `workflows`, of an entry of the API's list of workflows. */
  public static Row workflow(JsonNode json) {
    return new Row()
        .with("account_id", ACCOUNT)
        .with("workflow", json.get("name").asText())
        .with("class_name", json.get("class_name").asText())
        .with("script_name", json.get("script_name").asText());
  }

  private static Row key(Life life) {
    return new Row()
        .with("account_id", ACCOUNT)
        .with("workflow", life.workflow())
        .with("instance_id", life.instanceId())
        .with("run", life.run());
  }

  private static Row instance(Life life) {
    Row row =
        key(life)
            .with("is_newest", life.newest())
            .with("version_id", "")
            .with("trigger_source", "unknown")
            .with("status", life.status())
            .with("queued_at", life.queued())
            .with("started_at", life.start().orElse(null))
            .with("ended_at", life.end().orElse(null))
            .with("end_kind", life.endKind())
            .with("reopened", 0)
            .with("queue_ms", between(Optional.of(life.queued()), life.start()))
            .with("run_ms", between(life.start(), life.end()))
            .with("total_ms", between(Optional.of(life.queued()), life.end()))
            .with("weight", life.ended() ? 1 : 0);
    if (life.ended()) {
      List<Step> steps = life.steps();
      row.with("step_count", life.detail().path("step_count").asInt(steps.size()))
          .with("sleep_ms", wallMs(steps, "sleep"))
          .with("event_wait_ms", wallMs(steps, "waitForEvent"))
          .with("lost_ms", steps.stream().mapToLong(Step::lostMs).sum())
          .with("attempts", steps.stream().mapToLong(step -> step.attempts().size()).sum())
          .with("retries", steps.stream().mapToLong(Step::retries).sum())
          .with("failed_step", life.failedStep().map(Step::step).orElse(""))
          .with("error_name", life.error().map(ApiError::name).orElse(null))
          .with("error_message", life.error().map(ApiError::message).orElse(null));
    }
    return row;
  }

  private static Long between(Optional<Long> from, Optional<Long> to) {
    return from.isPresent() && to.isPresent() ? to.get() - from.get() : null;
  }

  private static long wallMs(List<Step> steps, String type) {
    return steps.stream().filter(step -> step.type().equals(type)).mapToLong(Step::wallMs).sum();
  }

  private static Row stepRun(Life life, Step step) {
    return key(life)
        .with("step_index", step.index())
        .with("step", step.step())
        .with("step_name", step.stepName())
        .with("type", step.type())
        .with("outcome", step.outcome())
        .with("started_at", step.start().orElse(null))
        .with("ended_at", step.end().orElse(null))
        .with("wall_ms", step.wallMs())
        .with("attempt_ms", step.attemptMs())
        .with("backoff_ms", step.backoffMs())
        .with("attempts", step.attempts().size())
        .with("retries", step.retries())
        .with("retry_limit", step.retryLimit().orElse(null))
        .with("backoff", step.backoff())
        .with("timeout_ms", step.timeoutMs().orElse(null))
        .with("error_name", step.error().map(ApiError::name).orElse(null))
        .with("error_message", step.error().map(ApiError::message).orElse(null))
        .with("version_id", "")
        .with("weight", 1)
        .with("first_attempt_ok", step.firstAttemptOk())
        .with("failed_attempts", step.failedAttempts().size())
        .with("lost_ms", step.lostMs());
  }

  private static List<Row> stepAttempts(Life life, Step step) {
    List<Row> attempts = new ArrayList<>();
    long previousEnd = 0;
    for (Step.Attempt attempt : step.attempts()) {
      attempts.add(
          key(life)
              .with("step_index", step.index())
              .with("attempt", attempt.number())
              .with("step", step.step())
              .with("type", step.type())
              .with("version_id", "")
              .with("started_at", attempt.start())
              .with("ended_at", attempt.end())
              .with("success", attempt.success().orElse(null))
              .with("duration_ms", attempt.durationMs())
              .with("backoff_before_ms", attempt.number() == 1 ? 0 : attempt.start() - previousEnd)
              .with("error_name", attempt.error().map(ApiError::name).orElse(null))
              .with("error_message", attempt.error().map(ApiError::message).orElse(null))
              .with("weight", 1));
      previousEnd = attempt.end();
    }
    return attempts;
  }

  private static List<Row> statusCounts(Collection<Life> lives) {
    Map<List<String>, Long> counts = new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    lives.stream()
        .filter(Life::newest)
        .forEach(life -> counts.merge(List.of(life.workflow(), life.status()), 1L, Long::sum));
    List<Row> rows = new ArrayList<>();
    counts.forEach(
        (key, count) ->
            rows.add(
                new Row()
                    .with("account_id", ACCOUNT)
                    .with("workflow", key.get(0))
                    .with("status", key.get(1))
                    .with("count", count)));
    return rows;
  }
}
