package io.flowmeter.e2e;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.flowmeter.cli.top.FigureQueries;
import io.flowmeter.sql.Metric;
import io.flowmeter.sql.ReadyQuery;
import io.flowmeter.testkit.PastQueries;
import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.RelationReader;
import io.flowmeter.verify.relation.Row;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The ready-made queries and those of {@code flowmeter top}, at the end of a simulated day. Values
 * of some are compared with sums that Java makes of facts; the facts must have been verified
 * before. The day ends with a whole minute, so that whole minutes are whole facts.
 */
final class QueriesOnADay {

  private static final Duration DAY = Duration.ofDays(1);

  private static final double EXACT = 1e-9;

  /** Half of the last digit, for a query that rounds to 1, 2 or 4 digits behind the point. */
  private static final double TO_1_DIGIT = 0.05 + EXACT;

  private static final double TO_2_DIGITS = 0.005 + EXACT;
  private static final double TO_4_DIGITS = 0.00005 + EXACT;

  private final RelationReader reader;
  private final PastQueries past;
  private final Instant moment;
  private final List<Row> instances;
  private final List<Row> runs;
  private final List<Row> ownSteps;
  private final List<Row> steps;
  private final List<Row> everEnded;
  private int compared;

  /**
   * @param end of the day
   */
  QueriesOnADay(RelationReader reader, Instant end) {
    this.reader = reader;
    this.past = AlertsOnADay.past(reader);
    this.moment = end.truncatedTo(ChronoUnit.MINUTES).plus(Duration.ofMinutes(1));
    this.instances = reader.rows(Relation.INSTANCES);
    this.runs = instances.stream().filter(run -> isOfDay(run.get("ended_at"))).toList();
    Map<List<Object>, Row> byKey =
        instances.stream().collect(toMap(run -> run.key(Relation.INSTANCES), run -> run));
    List<Row> all = reader.rows(Relation.STEP_RUNS);
    this.ownSteps = all.stream().filter(step -> isOfDay(step.get("ended_at"))).toList();
    // A step without an end counts when its run ended.
    Function<Row, Object> endOf =
        step ->
            step.has("ended_at")
                ? step.get("ended_at")
                : byKey.get(step.key(Relation.INSTANCES)).get("ended_at");
    this.everEnded = all.stream().filter(step -> endOf.apply(step) != null).toList();
    this.steps = all.stream().filter(step -> isOfDay(endOf.apply(step))).toList();
  }

  private boolean isOfDay(Object time) {
    return time instanceof Long ms
        && ms >= moment.minus(DAY).toEpochMilli()
        && ms < moment.toEpochMilli();
  }

  /**
   * Runs all and compares.
   *
   * @return how many values were compared
   */
  int compare() throws IOException {
    Map<String, List<Row>> rows = new TreeMap<>();
    for (ReadyQuery query : ReadyQuery.all()) {
      rows.put(query.name(), rows(query.name(), query.sql()));
    }
    compareRuns(rows);
    compareErrors(rows);
    compareSteps(rows);
    compareTop();
    return compared;
  }

  private List<Row> rows(String name, String sql) {
    try {
      return reader.query(past.at(moment, sql));
    } catch (RuntimeException e) {
      throw new AssertionError("the query " + name, e);
    }
  }

  private void compareRuns(Map<String, List<Row>> rows) {
    List<Row> times = rows.get("where_time_goes");
    Map<String, List<Row>> fetched = by(runs, run -> run.number("weight") > 0, "workflow");
    compare(times, "workflow", "runs", fetched, all -> weight(all, any -> true), EXACT);
    for (String part : List.of("queue", "run", "active", "sleep", "event_wait", "paused", "lost")) {
      compare(
          times,
          "workflow",
          part + "_s",
          fetched,
          all -> mean(all, part + "_ms") / 1000,
          TO_2_DIGITS);
    }

    Map<String, List<Row>> byTrigger =
        by(runs, QueriesOnADay::isOfApi, "workflow", "trigger_source");
    List<Row> triggers = rows.get("throughput_by_trigger");
    for (Row row : triggers) {
      List<Row> ended = byTrigger.getOrDefault(key(row, "workflow", "trigger_source"), List.of());
      equal(row, "ok", count(ended, "complete"), EXACT);
      equal(row, "failed", count(ended, "errored"), EXACT);
      equal(row, "stopped", count(ended, "terminated"), EXACT);
      equal(
          row,
          "came",
          instances.stream()
              .filter(run -> isOfDay(run.get("queued_at")))
              .filter(
                  run ->
                      key(run, "workflow", "trigger_source")
                          .equals(key(row, "workflow", "trigger_source")))
              .count(),
          EXACT);
    }
    long then = moment.minus(Duration.ofHours(1)).toEpochMilli();
    compare(
        rows.get("in_flight_at"),
        "workflow",
        "in_flight",
        by(
            instances,
            run ->
                run.has("queued_at")
                    && run.number("queued_at") <= then
                    && (run.text("end_kind").isEmpty()
                        || run.has("ended_at") && run.number("ended_at") > then),
            "workflow"),
        List::size,
        EXACT);
  }

  private void compareErrors(Map<String, List<Row>> rows) {
    Map<String, List<Row>> errored =
        instances.stream()
            .filter(run -> run.text("status").equals("errored") && run.has("ended_at"))
            .collect(
                groupingBy(
                    run -> {
                      String step = run.has("failed_step") ? run.text("failed_step") : "";
                      return run.text("workflow") + " · " + (step.isEmpty() ? "(none)" : step);
                    }));
    compare(
        rows.get("failing_step_pareto"), "workflow step", "errored", errored, List::size, EXACT);
    long all = errored.values().stream().mapToLong(List::size).sum();
    compare(
        rows.get("failing_step_pareto"),
        "workflow step",
        "share",
        errored,
        some -> (double) some.size() / all,
        TO_4_DIGITS);

    Row shown = rows.get("mttr").get(0);
    assertThat(shown.text("workflow")).isEqualTo(busiest());
    List<Double> outages = outages(shown.text("workflow"));
    equal(shown, "outages_mended", outages.size(), EXACT);
    equal(
        shown,
        "mttr_minutes",
        outages.stream().mapToDouble(minutes -> minutes).average().orElse(0),
        TO_1_DIGIT);
    equal(
        shown,
        "longest_minutes",
        outages.stream().mapToDouble(minutes -> minutes).max().orElse(0),
        TO_1_DIGIT);
  }

  /** The workflow of which most runs ended, ever. */
  private String busiest() {
    return by(instances, QueriesOnADay::isOfApi, "workflow").entrySet().stream()
        .max(Comparator.comparing(each -> each.getValue().size()))
        .orElseThrow()
        .getKey();
  }

  /** Minutes from the first errored run after a completed one to the next completed one. */
  private List<Double> outages(String workflow) {
    List<Row> ended =
        instances.stream()
            .filter(run -> run.text("workflow").equals(workflow) && run.has("ended_at"))
            .filter(run -> Set.of("complete", "errored").contains(run.text("status")))
            .sorted(
                Comparator.<Row, Long>comparing(run -> run.number("ended_at"))
                    .thenComparing(run -> run.number("run"))
                    .thenComparing(run -> run.text("instance_id")))
            .toList();
    List<Double> minutes = new ArrayList<>();
    Row first = null;
    for (Row run : ended) {
      boolean errored = run.text("status").equals("errored");
      if (errored && first == null) {
        first = run;
      } else if (!errored && first != null) {
        minutes.add((run.number("ended_at") - first.number("ended_at")) / 60_000.0);
        first = null;
      }
    }
    return minutes;
  }

  private void compareSteps(Map<String, List<Row>> rows) {
    Predicate<Row> isStep = step -> step.text("type").equals("step");
    Map<String, List<Row>> ofBusiest =
        by(
            ownSteps,
            isStep.and(step -> step.text("workflow").equals(busiest())),
            "workflow",
            "step");
    List<Row> rates = rows.get("retry_rate");
    compare(rates, "workflow step", "times", ofBusiest, all -> weight(all, any -> true), EXACT);
    compare(rates, "workflow step", "retry_rate", ofBusiest, QueriesOnADay::retryRate, TO_4_DIGITS);
    compare(
        rates,
        "workflow step",
        "retried_share",
        ofBusiest,
        all -> weight(all, step -> step.number("retries") > 0) / weight(all, any -> true),
        TO_4_DIGITS);

    // These two look back a week, and so beyond the day's begin.
    Map<String, List<Row>> byStep = by(everEnded, isStep, "workflow", "step");
    Map<String, List<Row>> losing = new TreeMap<>(byStep);
    losing.values().removeIf(all -> sum(all, "lost_ms") == 0);
    List<Row> costs = rows.get("cost_of_retries");
    compare(costs, "workflow step", "retried", losing, all -> sum(all, "retries"), EXACT);
    compare(
        costs,
        "workflow step",
        "lost_minutes",
        losing,
        all -> sum(all, "lost_ms") / 60_000,
        TO_1_DIGIT);

    Map<String, List<Row>> retried = new TreeMap<>(by(everEnded, any -> true, "workflow", "step"));
    retried
        .values()
        .removeIf(all -> weight(all, step -> isExhausted(step) || isRecovered(step)) == 0);
    List<Row> used = rows.get("exhausted_retries");
    compare(
        used,
        "workflow step",
        "gave_up",
        retried,
        all -> weight(all, QueriesOnADay::isExhausted),
        EXACT);
    compare(
        used,
        "workflow step",
        "saved_by_retry",
        retried,
        all -> weight(all, QueriesOnADay::isRecovered),
        EXACT);

    Map<String, List<Row>> byType = by(steps, any -> true, "workflow", "step", "type");
    List<Row> slowest = rows.get("slowest_steps");
    compare(slowest, "workflow step type", "times", byType, all -> weight(all, any -> true), EXACT);
  }

  /** What top shows of a day. */
  private void compareTop() throws IOException {
    Map<String, List<Row>> ended = by(runs, QueriesOnADay::isOfApi, "workflow");
    Map<String, List<Row>> attempted =
        by(steps, step -> step.text("type").equals("step"), "workflow");
    List<Row> now = reader.rows(Relation.STATUS_COUNTS_NOW);
    for (Row row : rows("top: workflows", top("workflows"))) {
      String workflow = row.text("workflow");
      List<Row> all = ended.getOrDefault(workflow, List.of());
      for (String status : List.of("queued", "running", "paused")) {
        equal(
            row,
            status,
            now.stream()
                .filter(
                    each ->
                        each.text("workflow").equals(workflow)
                            && each.text("status").equals(status))
                .mapToLong(each -> each.number("count"))
                .sum(),
            EXACT);
      }
      equal(row, "ended_a_minute", all.size() / (double) DAY.toMinutes(), EXACT);
      equal(row, "lost_ms", sum(all, "lost_ms"), EXACT);
      if (!all.isEmpty()) {
        equal(row, "success_share", (double) count(all, "complete") / all.size(), EXACT);
        equal(row, "p95_ms", quantile(all, "run_ms"), 0.01 * quantile(all, "run_ms"));
        equal(row, "retry_rate", retryRate(attempted.get(workflow)), EXACT);
      }
    }
    Map<String, List<Row>> troubled =
        new TreeMap<>(by(steps, step -> step.text("type").equals("step"), "workflow", "step"));
    troubled
        .values()
        .removeIf(all -> weight(all, QueriesOnADay::isFailed) == 0 && sum(all, "lost_ms") == 0);
    List<Row> worst = rows("top: steps", top("steps"));
    compare(worst, "workflow step", "times", troubled, all -> weight(all, any -> true), EXACT);
    compare(
        worst,
        "workflow step",
        "failures",
        troubled,
        all -> weight(all, QueriesOnADay::isFailed),
        EXACT);
    compare(
        worst,
        "workflow step",
        "gave_up",
        troubled,
        all -> weight(all, QueriesOnADay::isExhausted),
        EXACT);
    compare(worst, "workflow step", "retry_rate", troubled, QueriesOnADay::retryRate, EXACT);
    compare(worst, "workflow step", "lost", troubled, all -> sum(all, "lost_ms"), EXACT);

    assertThat(
            rows("top: errors", top("errors")).stream()
                .map(row -> row.text("instance_id") + " · " + row.get("ended_at")))
        .containsExactlyElementsOf(
            runs.stream()
                .filter(run -> Set.of("errored", "terminated").contains(run.text("status")))
                .sorted(Comparator.<Row, Long>comparing(run -> run.number("ended_at")).reversed())
                .limit(50)
                .map(run -> run.text("instance_id") + " · " + run.get("ended_at"))
                .toList());
    compared++;
  }

  private static String top(String name) throws IOException {
    try (InputStream in = FigureQueries.class.getResourceAsStream(name + ".sql")) {
      return Metric.fill(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .replace("${seconds}", Long.toString(DAY.toSeconds()))
          .strip()
          .replaceFirst(";$", "");
    }
  }

  /** A column of all rows; of those that a LIMIT leaves, where there are more. */
  private void compare(
      List<Row> shown,
      String key,
      String column,
      Map<String, List<Row>> facts,
      ToDoubleFunction<List<Row>> expected,
      double tolerance) {
    assertThat(shown.stream().map(row -> key(row, key.split(" "))))
        .as(column)
        .doesNotHaveDuplicates()
        .isSubsetOf(facts.keySet());
    assertThat(shown.size()).as("rows with " + column).isIn(facts.size(), 20, 50);
    for (Row row : shown) {
      equal(row, column, expected.applyAsDouble(facts.get(key(row, key.split(" ")))), tolerance);
    }
  }

  private void equal(Row row, String column, double expected, double tolerance) {
    assertThat(row.has(column) ? Double.parseDouble(row.get(column).toString()) : Double.NaN)
        .as("%s of %s", column, row)
        .isCloseTo(expected, within(tolerance));
    compared++;
  }

  private static Map<String, List<Row>> by(List<Row> rows, Predicate<Row> which, String... key) {
    return rows.stream().filter(which).collect(groupingBy(row -> key(row, key)));
  }

  private static String key(Row row, String... columns) {
    return Stream.of(columns).map(row::text).collect(Collectors.joining(" · "));
  }

  private static boolean isOfApi(Row run) {
    return run.text("end_kind").equals("api");
  }

  private static boolean isFailed(Row step) {
    return Set.of("failed", "timed_out").contains(step.text("outcome"));
  }

  private static boolean isExhausted(Row step) {
    return isFailed(step)
        && step.has("retry_limit")
        && step.number("attempts") == step.number("retry_limit") + 1;
  }

  private static boolean isRecovered(Row step) {
    return step.text("outcome").equals("succeeded")
        && step.has("retries")
        && step.number("retries") > 0;
  }

  private static long count(List<Row> runs, String status) {
    return runs.stream().filter(run -> run.text("status").equals(status)).count();
  }

  private static double weight(List<Row> rows, Predicate<Row> which) {
    return rows.stream().filter(which).mapToLong(row -> row.number("weight")).sum();
  }

  private static double sum(List<Row> rows, String column) {
    return rows.stream()
        .filter(row -> row.has(column))
        .mapToLong(row -> row.number("weight") * row.number(column))
        .sum();
  }

  private static double mean(List<Row> rows, String column) {
    return sum(rows, column) / weight(rows, row -> row.has(column));
  }

  private static double retryRate(List<Row> steps) {
    return sum(steps, "retries") / sum(steps, "attempts");
  }

  /** The 95th percentile; a bucket stands for it with an error of 1 % at most. */
  private static double quantile(List<Row> runs, String column) {
    List<Long> sorted =
        runs.stream()
            .filter(run -> run.has(column) && run.number("weight") > 0)
            .map(run -> run.number(column))
            .sorted()
            .toList();
    return sorted.get((int) Math.floor(0.95 * (sorted.size() - 1)));
  }
}
