package io.flowmeter.e2e.verify;

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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  /** At the end of a query, and of all of its rows. */
  private static final Pattern LIMIT = Pattern.compile("LIMIT (\\d+)[;\\s]*$");

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
   * @param limit how many rows the query shows at most
   */
  private record Answer(List<Row> rows, int limit) {}

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
    Map<String, Answer> answers = new TreeMap<>();
    for (ReadyQuery query : ReadyQuery.all()) {
      answers.put(query.name(), answer(query.name(), query.sql()));
    }
    compareRuns(answers);
    compareErrors(answers);
    compareSteps(answers);
    compareTop();
    return compared;
  }

  private Answer answer(String name, String sql) {
    Matcher limit = LIMIT.matcher(sql);
    try {
      return new Answer(
          reader.query(past.at(moment, sql)),
          limit.find() ? Integer.parseInt(limit.group(1)) : Integer.MAX_VALUE);
    } catch (RuntimeException e) {
      throw new AssertionError("the query " + name, e);
    }
  }

  private void compareRuns(Map<String, Answer> answers) {
    Answer times = answers.get("where_time_goes");
    Map<String, List<Row>> fetched = by(runs, run -> run.number("weight") > 0, "workflow");
    compare(times, "workflow", "runs", fetched, Facts::weight, EXACT);
    for (String part : List.of("queue", "run", "active", "sleep", "event_wait", "paused", "lost")) {
      compare(
          times,
          "workflow",
          part + "_s",
          fetched,
          all -> Facts.mean(all, part + "_ms") / 1000,
          TO_2_DIGITS);
    }

    Map<String, List<Row>> byTrigger = by(runs, Facts::isEnded, "workflow", "trigger_source");
    for (Row row : answers.get("throughput_by_trigger").rows()) {
      List<Row> ended = byTrigger.getOrDefault(key(row, "workflow", "trigger_source"), List.of());
      equal(row, "ok", Facts.count(ended, "complete"), EXACT);
      equal(row, "failed", Facts.count(ended, "errored"), EXACT);
      equal(row, "stopped", Facts.count(ended, "terminated"), EXACT);
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
        answers.get("in_flight_at"),
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

  private void compareErrors(Map<String, Answer> answers) {
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
        answers.get("failing_step_pareto"), "workflow step", "errored", errored, List::size, EXACT);
    long all = errored.values().stream().mapToLong(List::size).sum();
    compare(
        answers.get("failing_step_pareto"),
        "workflow step",
        "share",
        errored,
        some -> (double) some.size() / all,
        TO_4_DIGITS);

    Row shown = answers.get("mttr").rows().get(0);
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
    return by(instances, Facts::isEnded, "workflow").entrySet().stream()
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

  private void compareSteps(Map<String, Answer> answers) {
    Predicate<Row> isStep = step -> step.text("type").equals("step");
    Map<String, List<Row>> ofBusiest =
        by(
            ownSteps,
            isStep.and(step -> step.text("workflow").equals(busiest())),
            "workflow",
            "step");
    Answer rates = answers.get("retry_rate");
    compare(rates, "workflow step", "times", ofBusiest, Facts::weight, EXACT);
    compare(rates, "workflow step", "retry_rate", ofBusiest, Facts::retryRate, TO_4_DIGITS);
    compare(
        rates,
        "workflow step",
        "retried_share",
        ofBusiest,
        all -> (double) Facts.weight(all, step -> step.number("retries") > 0) / Facts.weight(all),
        TO_4_DIGITS);

    // These two look back a week, and so beyond the day's begin.
    Map<String, List<Row>> byStep = by(everEnded, isStep, "workflow", "step");
    Map<String, List<Row>> losing = new TreeMap<>(byStep);
    losing.values().removeIf(all -> Facts.sum(all, "lost_ms") == 0);
    Answer costs = answers.get("cost_of_retries");
    compare(costs, "workflow step", "retried", losing, all -> Facts.sum(all, "retries"), EXACT);
    compare(
        costs,
        "workflow step",
        "lost_minutes",
        losing,
        all -> Facts.sum(all, "lost_ms") / 60_000.0,
        TO_1_DIGIT);

    Map<String, List<Row>> retried = new TreeMap<>(by(everEnded, any -> true, "workflow", "step"));
    retried
        .values()
        .removeIf(
            all ->
                Facts.weight(all, step -> Facts.isExhausted(step) || Facts.isRecovered(step)) == 0);
    Answer used = answers.get("exhausted_retries");
    compare(
        used,
        "workflow step",
        "gave_up",
        retried,
        all -> Facts.weight(all, Facts::isExhausted),
        EXACT);
    compare(
        used,
        "workflow step",
        "saved_by_retry",
        retried,
        all -> Facts.weight(all, Facts::isRecovered),
        EXACT);

    Map<String, List<Row>> byType = by(steps, any -> true, "workflow", "step", "type");
    Answer slowest = answers.get("slowest_steps");
    compare(slowest, "workflow step type", "times", byType, Facts::weight, EXACT);
  }

  /** What top shows of a day. */
  private void compareTop() throws IOException {
    Map<String, List<Row>> ended = by(runs, Facts::isEnded, "workflow");
    Map<String, List<Row>> attempted =
        by(steps, step -> step.text("type").equals("step"), "workflow");
    List<Row> now = reader.rows(Relation.STATUS_COUNTS_NOW);
    for (Row row : answer("top: workflows", top("workflows")).rows()) {
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
      equal(row, "lost_ms", Facts.sum(all, "lost_ms"), EXACT);
      if (!all.isEmpty()) {
        equal(row, "success_share", (double) Facts.count(all, "complete") / all.size(), EXACT);
        equal(row, "p95_ms", quantile(all, "run_ms"), 0.01 * quantile(all, "run_ms"));
        equal(row, "retry_rate", Facts.retryRate(attempted.get(workflow)), EXACT);
      }
    }
    Map<String, List<Row>> troubled =
        new TreeMap<>(by(steps, step -> step.text("type").equals("step"), "workflow", "step"));
    troubled
        .values()
        .removeIf(all -> Facts.weight(all, Facts::isFailed) == 0 && Facts.sum(all, "lost_ms") == 0);
    Answer worst = answer("top: steps", top("steps"));
    compare(worst, "workflow step", "times", troubled, Facts::weight, EXACT);
    compare(
        worst,
        "workflow step",
        "failures",
        troubled,
        all -> Facts.weight(all, Facts::isFailed),
        EXACT);
    compare(
        worst,
        "workflow step",
        "gave_up",
        troubled,
        all -> Facts.weight(all, Facts::isExhausted),
        EXACT);
    compare(worst, "workflow step", "retry_rate", troubled, Facts::retryRate, EXACT);
    compare(worst, "workflow step", "lost", troubled, all -> Facts.sum(all, "lost_ms"), EXACT);

    assertThat(
            answer("top: errors", top("errors")).rows().stream()
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

  /** A column of all rows, or of as many as the query shows. */
  private void compare(
      Answer shown,
      String key,
      String column,
      Map<String, List<Row>> facts,
      ToDoubleFunction<List<Row>> expected,
      double tolerance) {
    assertThat(shown.rows().stream().map(row -> key(row, key.split(" "))))
        .as(column)
        .doesNotHaveDuplicates()
        .isSubsetOf(facts.keySet());
    assertThat(shown.rows())
        .as("rows with " + column)
        .hasSize(Math.min(facts.size(), shown.limit()));
    for (Row row : shown.rows()) {
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
