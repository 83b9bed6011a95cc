package io.flowmeter.e2e.verify;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.RelationReader;
import io.flowmeter.verify.relation.Row;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The value that each alert rule must have at a moment, computed in Java from facts and from the
 * rule's definition in docs/runbooks, without any SQL of the rule. All times are epoch
 * milliseconds. A moment is a whole minute, so that what ended before it fills whole minutes.
 */
final class ExpectedAlerts {

  /** The defaults of the settings slo.objective and plan.running.limit. */
  private static final double OBJECTIVE = 0.99;

  private static final double RUNNING_LIMIT = 50_000;

  private static final long MINUTE = Duration.ofMinutes(1).toMillis();
  private static final long HOUR = Duration.ofHours(1).toMillis();
  private static final long DAY = Duration.ofDays(1).toMillis();

  private final Map<String, NavigableSet<Long>> sweeps;
  private final List<Row> instances;
  private final List<StepRun> steps;
  private final List<Row> stepMinutes;
  private final List<Row> spikes;
  private final List<Row> versions;
  private final Map<List<Object>, NavigableMap<Long, Row>> statuses = new HashMap<>();
  private final List<Row> collector;

  /**
   * @param endedAt of the step, or of its run where the step has no end; null if it is live
   */
  private record StepRun(Row row, Long endedAt, Long runEndedAt) {}

  /**
   * @param sweeps when the API reported the counts of each workflow
   */
  ExpectedAlerts(RelationReader reader, Map<String, NavigableSet<Long>> sweeps) {
    this.sweeps = sweeps;
    this.instances = reader.rows(Relation.INSTANCES);
    Map<List<Object>, Row> runs =
        instances.stream().collect(toMap(run -> run.key(Relation.INSTANCES), run -> run));
    this.steps =
        reader.rows(Relation.STEP_RUNS).stream()
            .map(
                step -> {
                  Long runEnd = time(runs.get(step.key(Relation.INSTANCES)), "ended_at");
                  Long end = time(step, "ended_at");
                  return new StepRun(step, end == null ? runEnd : end, runEnd);
                })
            .toList();
    this.stepMinutes = reader.rows(Relation.STEP_MINUTES);
    this.spikes = reader.rows(Relation.ERROR_SPIKES);
    this.versions = reader.rows(Relation.VERSIONS);
    for (Row status : reader.rows(Relation.STATUS_COUNTS)) {
      statuses
          .computeIfAbsent(
              List.of(status.text("workflow"), status.text("status")), any -> new TreeMap<>())
          .put(status.number("minute"), status);
    }
    this.collector =
        reader.rows(Relation.COLLECTOR_MINUTES).stream()
            .sorted(Comparator.comparing(row -> row.number("minute")))
            .toList();
  }

  /** The first minute in which the API was called. */
  long firstMinute() {
    return collector.stream()
        .filter(minute -> minute.number("requests") > 0)
        .mapToLong(minute -> minute.number("minute"))
        .min()
        .orElseThrow();
  }

  /**
   * The rule's rows.
   *
   * @return the value by the labels beside the account, joined by a space and a dot
   */
  Map<String, Double> values(String rule, long at) {
    return switch (rule) {
      case "error_spike" -> errorSpike(at);
      case "error_budget_burns_fast" -> burns(at, HOUR, 5 * MINUTE, HOUR);
      case "error_budget_burns_slow" -> burns(at, 6 * HOUR, 30 * MINUTE, 6 * HOUR);
      case "exhausted_retries" -> exhaustedRetries(at);
      case "new_error_group" -> newErrorGroup(at);
      case "stuck_instances" -> stuck(at);
      case "backlog_not_draining" -> backlog(at);
      case "near_limit" -> nearLimit(at);
      case "collector_silent" -> collectorSilent(at);
      case "pipeline_delayed" -> toldLate(at);
      case "drift" -> drift(at);
      default -> throw new IllegalArgumentException("no definition of the rule " + rule);
    };
  }

  /** Percent of the runs that errored, while the spike is open. */
  private Map<String, Double> errorSpike(long at) {
    return spikes.stream()
        .filter(spike -> spike.number("opened_at") < at && spike.number("opened_at") >= at - DAY)
        .filter(spike -> !spike.has("closed_at") || spike.number("closed_at") > at)
        .sorted(Comparator.comparing(spike -> spike.number("opened_at")))
        .collect(
            toMap(
                spike -> spike.text("workflow"),
                spike -> 100 * Double.parseDouble(spike.get("observed_share").toString()),
                (earlier, later) -> later));
  }

  /** The lower burn rate of two windows, if at least 5 runs failed in the counted one. */
  private Map<String, Double> burns(long at, long longer, long shorter, long counted) {
    Map<String, Double> burns = new TreeMap<>();
    byWorkflow(run -> endedIn(run, at - 6 * HOUR, at))
        .forEach(
            (workflow, ended) -> {
              if (ended.stream().filter(run -> isBad(run, at - counted, at)).count() >= 5) {
                double lower =
                    Math.min(badShare(ended, at - longer, at), badShare(ended, at - shorter, at));
                burns.put(workflow, lower / (1 - OBJECTIVE));
              }
            });
    return burns;
  }

  private static double badShare(List<Row> runs, long from, long to) {
    long ended = runs.stream().filter(run -> endedIn(run, from, to)).count();
    long bad = runs.stream().filter(run -> isBad(run, from, to)).count();
    return ended == 0 ? 0 : (double) bad / ended;
  }

  private static boolean isBad(Row run, long from, long to) {
    return endedIn(run, from, to) && !run.text("status").equals("complete");
  }

  /** Ended as the API reported it, not superseded and not vanished. */
  private static boolean endedIn(Row run, long from, long to) {
    return Facts.isEnded(run) && isIn(time(run, "ended_at"), from, to);
  }

  /** Percent of the step's runs in half an hour that failed with their last retry, from 5 on. */
  private Map<String, Double> exhaustedRetries(long at) {
    Map<String, Long> runs = new TreeMap<>();
    Map<String, Long> exhausted = new TreeMap<>();
    for (StepRun step : steps) {
      if (isIn(step.endedAt(), at - 30 * MINUTE, at)) {
        String label = step.row().text("workflow") + " · " + step.row().text("step");
        long weight = step.row().number("weight");
        runs.merge(label, weight, Long::sum);
        exhausted.merge(label, Facts.isExhausted(step.row()) ? weight : 0, Long::sum);
      }
    }
    exhausted.values().removeIf(n -> n < 5);
    return exhausted.entrySet().stream()
        .collect(
            toMap(Map.Entry::getKey, each -> 100.0 * each.getValue() / runs.get(each.getKey())));
  }

  /**
   * Runs with an error that only the workflow's newest version had, if it is a day old at most and
   * runs of another version are known.
   */
  private Map<String, Double> newErrorGroup(long at) {
    Map<String, List<Row>> deployed =
        versions.stream()
            .filter(version -> version.has("created_at") && version.number("created_at") < at)
            .collect(groupingBy(version -> version.text("workflow")));
    List<Row> errors =
        instances.stream()
            .filter(run -> run.has("error_group") && isIn(time(run, "ended_at"), 0, at))
            .toList();
    Map<String, Set<String>> had =
        errors.stream()
            .collect(
                groupingBy(
                    run -> run.text("error_group"),
                    mapping(run -> run.text("version_id"), toSet())));
    Map<String, Set<String>> ended =
        instances.stream()
            .filter(run -> endedIn(run, 0, at) && !run.text("version_id").isEmpty())
            .collect(
                groupingBy(
                    run -> run.text("workflow"), mapping(run -> run.text("version_id"), toSet())));
    Map<String, Double> values = new TreeMap<>();
    for (Row run : errors) {
      List<Row> known = deployed.getOrDefault(run.text("workflow"), List.of());
      Row newest =
          known.stream()
              .max(Comparator.comparing(version -> version.number("created_at")))
              .orElse(null);
      if (known.size() > 1
          && ended.getOrDefault(run.text("workflow"), Set.of()).size() > 1
          && newest.number("created_at") >= at - DAY
          && had.get(run.text("error_group")).equals(Set.of(newest.text("version_id")))) {
        String step = Objects.requireNonNullElse(run.text("failed_step"), "");
        values.merge(
            String.join(" · ", run.text("workflow"), newest.text("version_id"), step),
            (double) Math.max(run.number("weight"), 1),
            Double::sum);
      }
    }
    return values;
  }

  /** Live runs whose step has lasted for over 3 × its p99 of the last week, and over 5 s. */
  private Map<String, Double> stuck(long at) {
    Map<String, SortedMap<Long, Long>> walls = new HashMap<>();
    Map<String, Long> sampled = new HashMap<>();
    for (Row minute : stepMinutes) {
      if (isIn(minute.number("minute"), Math.floorDiv(at - 7 * DAY, DAY) * DAY, at)) {
        sampled.merge(stepOf(minute), minute.number("sampled"), Long::sum);
        SortedMap<Long, Long> sum = walls.computeIfAbsent(stepOf(minute), any -> new TreeMap<>());
        minute.buckets("wall_buckets").forEach((key, n) -> sum.merge(key, n, Long::sum));
      }
    }
    Collection<StepRun> current =
        steps.stream()
            .filter(step -> isIn(time(step.row(), "started_at"), 0, at))
            .filter(step -> isLive(step.endedAt(), at) && isLive(step.runEndedAt(), at))
            .collect(
                toMap(
                    step -> step.row().key(Relation.INSTANCES),
                    step -> step,
                    (one, other) ->
                        one.row().number("started_at") > other.row().number("started_at")
                            ? one
                            : other))
            .values();
    return current.stream()
        .map(StepRun::row)
        .filter(step -> !step.text("type").equals("sleep"))
        .filter(step -> sampled.getOrDefault(stepOf(step), 0L) >= 50)
        .filter(
            step ->
                at - step.number("started_at") > Math.max(3 * p99(walls.get(stepOf(step))), 5_000))
        .collect(
            groupingBy(
                step -> step.text("workflow") + " · " + step.text("step"),
                Collectors.summingDouble(any -> 1)));
  }

  private static String stepOf(Row row) {
    return String.join(" · ", row.text("workflow"), row.text("step"), row.text("type"));
  }

  /** The value that stands for the bucket of the duration that 99 % do not exceed. */
  private static double p99(SortedMap<Long, Long> buckets) {
    long n = buckets.values().stream().mapToLong(Long::longValue).sum();
    long below = 0;
    for (Map.Entry<Long, Long> bucket : buckets.entrySet()) {
      below += bucket.getValue();
      if (below > 0.99 * (n - 1)) {
        return bucket.getKey() < 0 ? 0 : 2 * Math.pow(1.02, bucket.getKey()) / 2.02;
      }
    }
    return 0;
  }

  /** Queued runs, if in the 15 minutes before the last sweep no more started than arrived. */
  private Map<String, Double> backlog(long at) {
    Map<String, Double> values = new TreeMap<>();
    lastCounts(at).stream()
        .filter(status -> status.text("status").equals("queued") && isSweptLately(status, at))
        .forEach(
            status -> {
              long backlog = status.number("count");
              boolean grows = backlog >= 10 && grows(status.text("workflow"), backlog, at);
              values.put(status.text("workflow"), grows ? (double) backlog : 0);
            });
    return values;
  }

  private boolean grows(String workflow, long backlog, long at) {
    long to = Math.floorDiv(sweptAt(workflow, at), MINUTE) * MINUTE;
    long arrived = count(workflow, "queued_at", to - 15 * MINUTE, to);
    long started = count(workflow, "started_at", to - 15 * MINUTE, to);
    return started <= arrived && started < backlog;
  }

  private long count(String workflow, String column, long from, long to) {
    return instances.stream()
        .filter(run -> run.text("workflow").equals(workflow))
        .filter(run -> isIn(time(run, column), from, to))
        .count();
  }

  /** Percent of the plan's limit, over all workflows. */
  private Map<String, Double> nearLimit(long at) {
    List<Row> running =
        lastCounts(at).stream()
            .filter(status -> status.text("status").equals("running") && isSweptLately(status, at))
            .toList();
    return running.isEmpty()
        ? Map.of()
        : Map.of(
            "",
            100
                * running.stream().mapToLong(status -> status.number("count")).sum()
                / RUNNING_LIMIT);
  }

  /** Minutes since the last one with a request; 10 if all requests of 10 minutes failed. */
  private Map<String, Double> collectorSilent(long at) {
    List<Row> called =
        collector.stream()
            .filter(minute -> minute.number("minute") < at && minute.number("requests") > 0)
            .toList();
    if (called.isEmpty()) {
      return Map.of();
    }
    Row last = called.get(called.size() - 1);
    ToDoubleFunction<Function<Row, Long>> lately =
        column ->
            collector.stream()
                .filter(minute -> isIn(minute.number("minute"), at - 10 * MINUTE, at))
                .mapToLong(column::apply)
                .sum();
    double answerable =
        lately.applyAsDouble(minute -> minute.number("requests")) - last.number("requests");
    double failed = lately.applyAsDouble(ExpectedAlerts::failures);
    double silent = (double) (at - last.number("minute")) / MINUTE;
    return Map.of("", Math.max(silent, failed > 0 && answerable <= failed ? 10 : 0));
  }

  private static long failures(Row minute) {
    return minute.number("rejected_429") + minute.number("failed");
  }

  /** Minutes from the newest sweep to the last minute in which the API responded. */
  private Map<String, Double> toldLate(long at) {
    long seen =
        collector.stream()
            .filter(minute -> minute.number("minute") < at)
            .filter(minute -> minute.number("requests") > failures(minute))
            .mapToLong(minute -> minute.number("minute"))
            .max()
            .orElse(0);
    long swept =
        lastCounts(at).stream()
            .mapToLong(status -> sweptAt(status.text("workflow"), at))
            .max()
            .orElse(0);
    return seen == 0 || swept == 0
        ? Map.of()
        : Map.of("", Math.max(0, (seen / 1000 - swept / 1000) / 60.0));
  }

  /** Sweeps since the count began to differ from the API's. */
  private Map<String, Double> drift(long at) {
    Map<String, Double> values = new TreeMap<>();
    lastCounts(at).stream()
        .filter(status -> status.has("drift") && isSweptLately(status, at))
        .forEach(
            status ->
                values.put(
                    status.text("workflow") + " · " + status.text("status"),
                    status.number("drift") == 0
                        ? 0.0
                        : sweeps
                            .get(status.text("workflow"))
                            .subSet(status.number("minute"), at)
                            .size()));
    return values;
  }

  /** Of each workflow and status, the count that was known last. */
  private List<Row> lastCounts(long at) {
    return statuses.values().stream()
        .map(minutes -> minutes.lowerEntry(at))
        .filter(Objects::nonNull)
        .map(Map.Entry::getValue)
        .filter(status -> sweptAt(status.text("workflow"), at) > 0)
        .toList();
  }

  /** The workflow's last sweep before the moment; 0 if there was none. */
  private long sweptAt(String workflow, long at) {
    Long swept = sweeps.getOrDefault(workflow, new TreeSet<>()).lower(at);
    return swept == null ? 0 : swept;
  }

  private boolean isSweptLately(Row status, long at) {
    return sweptAt(status.text("workflow"), at) >= at - HOUR;
  }

  private Map<String, List<Row>> byWorkflow(Predicate<Row> which) {
    return instances.stream().filter(which).collect(groupingBy(run -> run.text("workflow")));
  }

  private static Long time(Row row, String column) {
    return row == null ? null : (Long) row.get(column);
  }

  private static boolean isIn(Long time, long from, long to) {
    return time != null && time >= from && time < to;
  }

  private static boolean isLive(Long end, long at) {
    return end == null || end >= at;
  }
}
