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
import java.util.TreeSet;

/**
 * The rows that the relations have to hold for some lives of instances, by the definitions of the
 * metrics.
 *
 * <p>The API's final JSON determines all of a life that came to its own end. Of one that goes on,
 * or was replaced by a restart, the relations tell what the last poll happened to see: only its
 * run-level values are determined, and no minute that it may have a share in.
 */
public final class ExpectedRelations {

  private final Map<Relation, List<Row>> rows = new EnumMap<>(Relation.class);

  private final Set<List<Object>> undeterminedLives = new HashSet<>();
  private final Set<List<Object>> undeterminedMinutes = new HashSet<>();
  private final String account;

  private ExpectedRelations(String account) {
    this.account = account;
  }

  /** Of all lives together: rollups add up over them. */
  public static ExpectedRelations of(String account, Collection<Life> lives) {
    ExpectedRelations expected = new ExpectedRelations(account);
    for (Life life : lives) {
      expected.add(Relation.INSTANCES, expected.instance(life));
      if (life.ended()) {
        expected.addSteps(life);
      } else {
        expected.undeterminedLives.add(expected.key(life).key(Relation.INSTANCES));
        expected.undeterminedMinutes.addAll(minutes(life));
      }
    }
    List<Life> ended = lives.stream().filter(Life::ended).toList();
    expected.addMinutes(Relation.WORKFLOW_MINUTES, ExpectedMinutes.ofWorkflows(account, ended));
    expected.addMinutes(Relation.STEP_MINUTES, ExpectedMinutes.ofSteps(account, ended));
    expected.rows.put(Relation.STATUS_COUNTS_NOW, expected.statusCounts(lives));
    return expected;
  }

  private void addMinutes(Relation relation, List<Row> minutes) {
    rows.put(relation, minutes.stream().filter(row -> determines(relation, row)).toList());
  }

  /** Those in which something of a life can count, as workflow and minute. */
  private static Set<List<Object>> minutes(Life life) {
    Set<Long> times = new TreeSet<>(List.of(life.run(), life.queued()));
    life.start().ifPresent(times::add);
    life.end().ifPresent(times::add);
    for (Step step : life.steps()) {
      // One that is open counts once it ended: nobody knows when, but not after its run.
      long from = step.ownEnd().or(step::start).orElse(life.queued());
      long to = step.ownEnd().or(life::end).orElse(from);
      for (long time = from; time < to; time += ExpectedMinutes.MINUTE_MS) {
        times.add(time);
      }
      times.add(to);
    }
    Set<List<Object>> minutes = new HashSet<>();
    times.forEach(time -> minutes.add(List.of(life.workflow(), ExpectedMinutes.minuteOf(time))));
    return minutes;
  }

  /** Whether the API's JSON says what a row of the relation has to be. */
  public boolean determines(Relation relation, Row row) {
    return switch (relation) {
      case STEP_RUNS, STEP_ATTEMPTS -> !undeterminedLives.contains(row.key(Relation.INSTANCES));
      case WORKFLOW_MINUTES, STEP_MINUTES ->
          !undeterminedMinutes.contains(List.of(row.get("workflow"), row.get("minute")));
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

  /** The row of {@code workflows}, of an entry of the API's list of workflows. */
  public static Row workflow(String account, JsonNode json) {
    return new Row()
        .with("account_id", account)
        .with("workflow", json.get("name").asText())
        .with("workflow_id", json.path("id").textValue())
        .with("class_name", json.get("class_name").asText())
        .with("script_name", json.get("script_name").asText())
        .with("created_at", Durations.time(json.path("created_on")).orElse(null))
        .with("modified_at", Durations.time(json.path("modified_on")).orElse(null))
        .with("triggered_at", Durations.time(json.path("triggered_on")).orElse(null))
        .with("deleted_at", null);
  }

  /** The row of {@code versions}, of an entry of the API's list of a workflow's versions. */
  public static Row version(String account, String workflow, JsonNode json) {
    JsonNode stepLimit = json.at("/limits/steps");
    return new Row()
        .with("account_id", account)
        .with("workflow", workflow)
        .with("version_id", json.get("id").asText())
        .with("created_at", Durations.time(json.path("created_on")).orElse(null))
        .with("class_name", json.get("class_name").asText())
        .with("has_dag", json.get("has_dag").asBoolean())
        .with("step_limit", stepLimit.isNumber() ? stepLimit.asLong() : null);
  }

  private Row key(Life life) {
    return new Row()
        .with("account_id", account)
        .with("workflow", life.workflow())
        .with("instance_id", life.instanceId())
        .with("run", life.run());
  }

  private Row instance(Life life) {
    Row row =
        key(life)
            .with("is_newest", life.newest())
            .with("version_id", life.versionId())
            .with("trigger_source", life.triggerSource())
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

  private Row stepRun(Life life, Step step) {
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
        .with("version_id", life.versionId())
        .with("weight", 1)
        .with("first_attempt_ok", step.firstAttemptOk())
        .with("failed_attempts", step.failedAttempts().size())
        .with("lost_ms", step.lostMs());
  }

  private List<Row> stepAttempts(Life life, Step step) {
    List<Row> attempts = new ArrayList<>();
    long previousEnd = 0;
    for (Step.Attempt attempt : step.attempts()) {
      attempts.add(
          key(life)
              .with("step_index", step.index())
              .with("attempt", attempt.number())
              .with("step", step.step())
              .with("type", step.type())
              .with("version_id", life.versionId())
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

  private List<Row> statusCounts(Collection<Life> lives) {
    Map<List<String>, Long> counts = new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    lives.stream()
        .filter(Life::newest)
        .forEach(life -> counts.merge(List.of(life.workflow(), life.status()), 1L, Long::sum));
    List<Row> rows = new ArrayList<>();
    counts.forEach(
        (key, count) ->
            rows.add(
                new Row()
                    .with("account_id", account)
                    .with("workflow", key.get(0))
                    .with("status", key.get(1))
                    .with("count", count)));
    return rows;
  }
}
