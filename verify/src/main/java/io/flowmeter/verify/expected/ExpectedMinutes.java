package io.flowmeter.verify.expected;

import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The rollups, added up from facts by the minute of their own time. Known runs count exactly; all
 * else counts as many times as the fact's weight says.
 */
public final class ExpectedMinutes {

  private static final long MINUTE_MS = 60_000;
  private static final List<String> WORKFLOW_KEY =
      List.of("account_id", "workflow", "version_id", "trigger_source");
  private static final List<String> STEP_KEY =
      List.of("account_id", "workflow", "version_id", "step", "type");

  private final Relation relation;
  private final List<String> factKey;
  private final Map<List<Object>, Minute> minutes = new LinkedHashMap<>();

  private ExpectedMinutes(Relation relation, List<String> factKey) {
    this.relation = relation;
    this.factKey = factKey;
  }

  /**
   * The rows of {@code workflow_minutes}: {@code queued} in the minute of that, {@code started} and
   * queue time in that of the start, all else in that of the end.
   *
   * @param instances rows of that relation
   */
  public static List<Row> ofInstances(List<Row> instances) {
    ExpectedMinutes minutes = new ExpectedMinutes(Relation.WORKFLOW_MINUTES, WORKFLOW_KEY);
    for (Row run : instances) {
      long weight = run.number("weight");
      if (run.has("queued_at")) {
        minutes.at(run, "queued_at").plus("queued", 1);
      }
      if (run.has("started_at")) {
        minutes
            .at(run, "started_at")
            .plus("started", 1)
            .sample("queue_buckets", run, "queue_ms", weight);
      }
      if (run.has("ended_at") && run.text("end_kind").equals("api")) {
        addEnd(minutes.at(run, "ended_at"), run, weight);
      }
    }
    return minutes.rows();
  }

  private static void addEnd(Minute minute, Row run, long weight) {
    String status = run.text("status");
    minute
        .plus("completed", status.equals("complete") ? 1 : 0)
        .plus("errored", status.equals("errored") ? 1 : 0)
        .plus("terminated", status.equals("terminated") ? 1 : 0);
    if (weight > 0) {
      minute
          .plus("sampled", 1)
          .plus("attempts", run, "attempts", weight)
          .plus("retries", run, "retries", weight)
          .plus("lost_ms", run, "lost_ms", weight)
          .plus("run_ms_sum", run, "run_ms", weight)
          .sample("run_buckets", run, "run_ms", weight)
          .sample("total_buckets", run, "total_ms", weight);
    }
  }

  /**
   * The rows of {@code step_minutes}: a step run in the minute of its end, or of its run's where
   * nobody told when it ended; one that is open counts in none yet.
   *
   * @param stepRuns rows of that relation
   * @param instances the same of their runs
   */
  public static List<Row> ofStepRuns(List<Row> stepRuns, List<Row> instances) {
    Map<List<Object>, Row> runs = new HashMap<>();
    instances.forEach(run -> runs.put(run.key(Relation.INSTANCES), run));
    ExpectedMinutes minutes = new ExpectedMinutes(Relation.STEP_MINUTES, STEP_KEY);
    for (Row step : stepRuns) {
      Row run = runs.getOrDefault(step.key(Relation.INSTANCES), step);
      Object end = step.has("ended_at") ? step.get("ended_at") : run.get("ended_at");
      if (end != null) {
        Row ended = step.without(List.of("ended_at")).with("ended_at", end);
        addStep(minutes.at(ended, "ended_at"), step, step.number("weight"));
      }
    }
    List<Row> rows = minutes.rows();
    rows.forEach(row -> row.with("wall_ms_max", upperEdge(row.buckets("wall_buckets"))));
    return rows;
  }

  private static Long upperEdge(Map<Long, Long> buckets) {
    return buckets.isEmpty()
        ? null
        : Long.valueOf(
            ExpectedBuckets.upperEdge(buckets.keySet().stream().reduce(Long::max).orElseThrow()));
  }

  private static void addStep(Minute minute, Row step, long weight) {
    String outcome = step.text("outcome");
    boolean failed = outcome.equals("failed") || outcome.equals("timed_out");
    boolean recovered = outcome.equals("succeeded") && step.number("retries") > 0;
    boolean exhausted =
        failed
            && step.has("retry_limit")
            && step.number("attempts") == step.number("retry_limit") + 1;
    minute
        .plus("sampled", 1)
        .plus("runs", weight)
        .plus(outcome, weight)
        .plus("first_attempt_ok", step.get("first_attempt_ok").equals(true) ? weight : 0)
        .plus("recovered", recovered ? weight : 0)
        .plus("exhausted", exhausted ? weight : 0)
        .plus("attempts", step, "attempts", weight)
        .plus("failed_attempts", step, "failed_attempts", weight)
        .plus("retries", step, "retries", weight)
        .plus("lost_ms", step, "lost_ms", weight)
        .plus("wall_ms_sum", step, "wall_ms", weight)
        .plus("attempt_ms_sum", step, "attempt_ms", weight)
        .plus("backoff_ms_sum", step, "backoff_ms", weight)
        .sample("wall_buckets", step, "wall_ms", weight);
    if (step.number("attempts") > 0) {
      minute.sample("attempt_buckets", step, "attempt_ms", weight);
    }
  }

  private List<Row> rows() {
    return minutes.values().stream().map(Minute::row).toList();
  }

  /** The minute of the fact's time. */
  private Minute at(Row fact, String timeColumn) {
    long time = fact.number(timeColumn);
    List<Object> key = new ArrayList<>();
    factKey.forEach(column -> key.add(fact.get(column)));
    key.add(time - Math.floorMod(time, MINUTE_MS));
    return minutes.computeIfAbsent(key, any -> new Minute(relation, key));
  }

  /** A row that adds up. */
  private record Minute(Row row) {

    Minute(Relation relation, List<Object> key) {
      this(new Row());
      for (int i = 0; i < key.size(); i++) {
        row.with(relation.key().get(i), key.get(i));
      }
      for (String column : relation.columns()) {
        row.with(column, column.endsWith("_buckets") ? ExpectedBuckets.none() : Long.valueOf(0));
      }
    }

    Minute plus(String column, long more) {
      row.plus(column, more);
      return this;
    }

    /** The fact's value, as many times as it weighs; NULL adds nothing. */
    Minute plus(String column, Row fact, String value, long weight) {
      return plus(column, fact.has(value) ? fact.number(value) * weight : 0);
    }

    Minute sample(String column, Row fact, String ms, long weight) {
      if (fact.has(ms) && weight > 0) {
        row.buckets(column).merge(ExpectedBuckets.key(fact.number(ms)), weight, Long::sum);
      }
      return this;
    }
  }
}
