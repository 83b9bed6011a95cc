package io.flowmeter.e2e.relations;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The rollups: facts by the minute of their own time. All weights are 1: nothing is sampled. */
final class ExpectedMinutes {

  static final long MINUTE_MS = 60_000;

  private ExpectedMinutes() {}

  /**
   * {@code queued} in the minute of that, {@code started} and queue time in that of the start, all
   * else in that of the end.
   */
  static List<Row> ofWorkflows(String account, Collection<Life> lives) {
    Map<List<Object>, Minute> minutes = new LinkedHashMap<>();
    for (Life life : lives) {
      Row key =
          new Row()
              .with("account_id", account)
              .with("workflow", life.workflow())
              .with("version_id", life.versionId())
              .with("trigger_source", life.triggerSource());
      minute(minutes, Relation.WORKFLOW_MINUTES, key, life.queued()).row.plus("queued", 1);
      life.start()
          .ifPresent(
              start -> {
                Minute started = minute(minutes, Relation.WORKFLOW_MINUTES, key, start);
                started.row.plus("started", 1);
                started.sample("queue_buckets", start - life.queued());
              });
      life.end()
          .ifPresent(
              end -> addEnd(minute(minutes, Relation.WORKFLOW_MINUTES, key, end), life, end));
    }
    return minutes.values().stream().map(Minute::row).toList();
  }

  private static void addEnd(Minute minute, Life life, long end) {
    Optional<Long> runMs = life.start().map(start -> end - start);
    minute
        .row
        .plus("completed", life.status().equals("complete") ? 1 : 0)
        .plus("errored", life.status().equals("errored") ? 1 : 0)
        .plus("terminated", life.status().equals("terminated") ? 1 : 0)
        .plus("sampled", 1)
        .plus("run_ms_sum", runMs.orElse(0L));
    for (Step step : life.steps()) {
      minute
          .row
          .plus("attempts", step.attempts().size())
          .plus("retries", step.retries())
          .plus("lost_ms", step.lostMs());
    }
    runMs.ifPresent(ms -> minute.sample("run_buckets", ms));
    minute.sample("total_buckets", end - life.queued());
  }

  /** A step run in the minute of its own end, an unfinished one in that of its run's end. */
  static List<Row> ofSteps(String account, Collection<Life> lives) {
    Map<List<Object>, Minute> minutes = new LinkedHashMap<>();
    for (Life life : lives) {
      for (Step step : life.steps()) {
        Row key =
            new Row()
                .with("account_id", account)
                .with("workflow", life.workflow())
                .with("version_id", life.versionId())
                .with("step", step.step())
                .with("type", step.type());
        addStep(minute(minutes, Relation.STEP_MINUTES, key, step.end().orElseThrow()), step);
      }
    }
    for (Minute minute : minutes.values()) {
      long highest =
          minute.durations.get("wall_buckets").stream().mapToLong(Buckets::key).max().orElseThrow();
      minute.row.with("wall_ms_max", Buckets.upperEdge(highest));
    }
    return minutes.values().stream().map(Minute::row).toList();
  }

  private static void addStep(Minute minute, Step step) {
    minute
        .row
        .plus("runs", 1)
        .plus(step.outcome(), 1)
        .plus("first_attempt_ok", step.firstAttemptOk() ? 1 : 0)
        .plus("recovered", step.recovered() ? 1 : 0)
        .plus("exhausted", step.exhausted() ? 1 : 0)
        .plus("attempts", step.attempts().size())
        .plus("failed_attempts", step.failedAttempts().size())
        .plus("retries", step.retries())
        .plus("lost_ms", step.lostMs())
        .plus("wall_ms_sum", step.wallMs())
        .plus("attempt_ms_sum", step.attemptMs())
        .plus("backoff_ms_sum", step.backoffMs())
        .plus("sampled", 1);
    minute.sample("wall_buckets", step.wallMs());
    if (!step.attempts().isEmpty()) {
      minute.sample("attempt_buckets", step.attemptMs());
    }
  }

  /** The minute's begin, in epoch milliseconds. */
  static long minuteOf(long time) {
    return time - Math.floorMod(time, MINUTE_MS);
  }

  private static Minute minute(
      Map<List<Object>, Minute> minutes, Relation relation, Row key, long time) {
    Row row = new Row();
    key.values().forEach(row::with);
    row.with("minute", minuteOf(time));
    return minutes.computeIfAbsent(row.key(relation), any -> new Minute(relation, row));
  }

  /** A row that adds up, and the durations that its buckets count. */
  private static final class Minute {

    private final Row row;
    private final Map<String, List<Long>> durations = new LinkedHashMap<>();

    Minute(Relation relation, Row key) {
      this.row = key;
      for (String column : relation.columns()) {
        if (column.endsWith("_buckets")) {
          durations.put(column, new ArrayList<>());
        } else {
          row.with(column, 0L);
        }
      }
    }

    void sample(String column, long ms) {
      durations.get(column).add(ms);
    }

    Row row() {
      durations.forEach((column, ms) -> row.with(column, Buckets.of(ms)));
      return row;
    }
  }
}
