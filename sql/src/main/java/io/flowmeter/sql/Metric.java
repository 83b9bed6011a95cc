package io.flowmeter.sql;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The quotients that Flowmeter shows, each defined here and nowhere else. Panels, ready-made
 * queries, alerts and {@code top} name them, and {@link #fill} puts the SQL in their place:
 *
 * <ul>
 *   <li>{@code <<retry_rate of steps_between>>}: over all rows of a group
 *   <li>{@code <<retry_rate of steps_between s>>}: the same with columns of the alias {@code s}
 *   <li>{@code <<retry_rate of steps_between if is_new>>}: over rows that fulfil a condition
 * </ul>
 *
 * <p>Each is a sum over rows divided by another, NULL if the latter is 0. Rows of facts are
 * weighted, because a fetched run stands for those that were sampled out; rollups already are.
 */
public enum Metric {
  SUCCESS_RATE(
      "Success rate",
      "Runs that completed, of all that ended.",
      over(
          "completed runs",
          "ended runs",
          runs("~completed", "~completed + ~errored + ~terminated"),
          facts(
              "instances",
              "~status = 'complete'",
              "~status IN ('complete', 'errored', 'terminated')"))),
  ERROR_RATE(
      "Error rate",
      "Runs that errored, of all that ended.",
      over(
          "errored runs",
          "ended runs",
          runs("~errored", "~completed + ~errored + ~terminated"),
          facts(
              "instances",
              "~status = 'errored'",
              "~status IN ('complete', 'errored', 'terminated')"))),
  BAD_RUN_RATE(
      "Bad run rate",
      "Runs that did not complete, of all that ended: what burns an error budget.",
      over(
          "errored and terminated runs",
          "ended runs",
          runs("~errored + ~terminated", "~completed + ~errored + ~terminated"),
          facts(
              "instances",
              "~status IN ('errored', 'terminated')",
              "~status IN ('complete', 'errored', 'terminated')"))),
  RETRY_RATE(
      "Retry rate",
      "Attempts that were retries, of steps of type step.",
      over(
          "retries",
          "attempts",
          runs("~retries", "~attempts"),
          steps("if(~type = 'step', ~retries, 0)", "if(~type = 'step', ~attempts, 0)"),
          facts("instances", "~weight * ~retries", "~weight * ~attempts"),
          facts(
              "step_runs",
              "if(~type = 'step', ~weight * ~retries, 0)",
              "if(~type = 'step', ~weight * ~attempts, 0)"))),
  RETRIED_SHARE(
      "Retried share",
      "Steps of type step that needed a retry.",
      over(
          "step runs with a retry",
          "step runs",
          facts(
              "step_runs",
              "if(~type = 'step' AND ~retries > 0, ~weight, 0)",
              "if(~type = 'step', ~weight, 0)"))),
  FIRST_ATTEMPT_SUCCESS(
      "First-attempt success",
      "Steps of type step whose first attempt succeeded, of those that finished.",
      over(
          "step runs that succeeded at once",
          "finished step runs",
          steps(
              "if(~type = 'step', ~first_attempt_ok, 0)",
              "if(~type = 'step', ~runs - ~unfinished, 0)"),
          facts(
              "step_runs",
              "if(~type = 'step' AND ~first_attempt_ok, ~weight, 0)",
              "if(~type = 'step' AND ~outcome != 'unfinished', ~weight, 0)"))),
  FAILURE_RATE(
      "Failure rate",
      "Step runs that failed or timed out.",
      over(
          "failed and timed-out step runs",
          "step runs",
          steps("~failed + ~timed_out", "~runs"),
          facts("step_runs", "if(~outcome IN ('failed', 'timed_out'), ~weight, 0)", "~weight"))),
  TIMEOUT_RATE(
      "Timeout rate",
      "Step runs that timed out.",
      over(
          "timed-out step runs",
          "step runs",
          steps("~timed_out", "~runs"),
          facts("step_runs", "if(~outcome = 'timed_out', ~weight, 0)", "~weight"))),
  EXHAUSTED_RATE(
      "Exhausted rate",
      "Step runs that failed with all their retries used.",
      over("exhausted step runs", "step runs", steps("~exhausted", "~runs"))),
  SAVED_SHARE(
      "Saved share",
      "Of step runs in which a retry decided: those that a retry saved.",
      over(
          "recovered step runs",
          "recovered and exhausted step runs",
          steps("~recovered", "~recovered + ~exhausted"))),
  RETRY_HEADROOM(
      "Retry headroom",
      "The share of its retries that a step did not need, the mean of steps with a limit.",
      over(
          "1 − retries ÷ limit",
          "step runs with a limit",
          facts(
              "step_runs",
              "if(~retry_limit > 0, ~weight * (1 - ~retries / ~retry_limit), 0)",
              "if(~retry_limit > 0, ~weight, 0)"))),
  ATTEMPT_SHARE(
      "Attempt share",
      "The part of steps' wall time that was spent in attempts, not in waits between them.",
      over("attempt time", "wall time", steps("~attempt_ms_sum", "~wall_ms_sum"))),
  LOST_SHARE(
      "Lost share",
      "The part of the time that was lost to failed attempts and backoffs.",
      over(
          "time lost to retries",
          "run duration, of steps wall time",
          runs("~lost_ms", "~run_ms_sum"),
          steps("~lost_ms", "~wall_ms_sum"))),
  LOST_PER_RUN(
      "Time lost per run",
      "Milliseconds that a run lost to failed attempts and backoffs, the mean.",
      over(
          "time lost to retries",
          "ended runs with a known duration, weighted",
          runs("~lost_ms", "arraySum(mapValues(~run_buckets))"))),
  DETAIL_COVERAGE(
      "Detail coverage",
      "Ended runs that were fetched in full, of those that became known. Over 1 while a backlog is fetched.",
      over(
          "fetched runs",
          "known ended runs, vanished ones included",
          rollups("collector_minutes", "~fetched", "~known"))),
  FETCHED_SHARE(
      "Fetched share",
      "Runs that ended in a time range and were fetched in full.",
      over("fetched runs", "ended runs", runs("~sampled", "~completed + ~errored + ~terminated"))),
  REQUESTS_PER_RUN(
      "Requests per run",
      "What one fetched run costs of the request budget.",
      over("requests", "fetched runs", rollups("collector_minutes", "~requests", "~fetched")));

  /** Of a metric's SQL in a text: name, relation, alias and condition. */
  private static final Pattern NAMED =
      Pattern.compile("<<(\\w+) of (\\w+)(?: (?!if\\b)(\\w+))?(?: if (.+?))?>>");

  /** What looks like one and is none. */
  private static final Pattern UNCLEAR = Pattern.compile("<<[^>]*>>");

  private final String title;
  private final String definition;
  private final Quotient quotient;

  Metric(String title, String definition, Quotient quotient) {
    this.title = title;
    this.definition = definition;
    this.quotient = quotient;
  }

  /**
   * Two sums, in words and over each relation that has what they need.
   *
   * @param numerator in words
   * @param denominator in words
   */
  private record Quotient(String numerator, String denominator, List<Terms> terms) {}

  /**
   * The terms that are summed over rows of some relations.
   *
   * @param relations those that have the columns
   * @param numerator with a tilde before each column
   */
  private record Terms(List<String> relations, String numerator, String denominator) {}

  private static Quotient over(String numerator, String denominator, Terms... terms) {
    return new Quotient(numerator, denominator, List.of(terms));
  }

  /** Rollups of runs. */
  private static Terms runs(String numerator, String denominator) {
    return new Terms(
        List.of("workflow_minutes", "workflow_minute_parts", "runs_between"),
        numerator,
        denominator);
  }

  /** Rollups of steps. */
  private static Terms steps(String numerator, String denominator) {
    return new Terms(
        List.of("step_minutes", "step_minute_parts", "steps_between"), numerator, denominator);
  }

  private static Terms rollups(String relation, String numerator, String denominator) {
    return new Terms(List.of(relation), numerator, denominator);
  }

  private static Terms facts(String relation, String numerator, String denominator) {
    return new Terms(List.of(relation), numerator, denominator);
  }

  /** As texts name it, such as {@code retry_rate}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** As people read it. */
  public String title() {
    return title;
  }

  /** In one sentence. */
  public String definition() {
    return definition;
  }

  /** What is divided, in words. */
  public String numerator() {
    return quotient.numerator();
  }

  /** By what, in words. */
  public String denominator() {
    return quotient.denominator();
  }

  /** The relations over which there is SQL. */
  public List<String> relations() {
    return quotient.terms().stream().flatMap(terms -> terms.relations().stream()).toList();
  }

  /**
   * The quotient over the rows of a group.
   *
   * @param relation one of {@link #relations}
   * @throws IllegalArgumentException if the relation has not got the columns
   */
  public String sql(String relation) {
    return sql(relation, Optional.empty(), Optional.empty());
  }

  private String sql(String relation, Optional<String> alias, Optional<String> condition) {
    Terms terms =
        quotient.terms().stream()
            .filter(each -> each.relations().contains(relation))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Expected %s over one of %s, but got %s"
                            .formatted(key(), String.join(", ", relations()), relation)));
    Function<String, String> sum =
        term -> {
          String columns = term.replace("~", alias.map(name -> name + ".").orElse(""));
          return condition
              .map(rows -> "sumIf(%s, %s)".formatted(columns, rows))
              .orElse("sum(" + columns + ")");
        };
    return "%s / nullIf(%s, 0)"
        .formatted(sum.apply(terms.numerator()), sum.apply(terms.denominator()));
  }

  /**
   * The text with SQL in place of the metrics that it names.
   *
   * @throws IllegalArgumentException if it names one that does not exist, or not over that relation
   */
  public static String fill(String text) {
    String filled = NAMED.matcher(text).replaceAll(Metric::replacement);
    Matcher unclear = UNCLEAR.matcher(filled);
    if (unclear.find()) {
      throw new IllegalArgumentException(
          "Expected <<METRIC of RELATION [ALIAS] [if CONDITION]>>, but got " + unclear.group());
    }
    return filled;
  }

  private static String replacement(MatchResult named) {
    String sql =
        named(named.group(1))
            .sql(
                named.group(2),
                Optional.ofNullable(named.group(3)),
                Optional.ofNullable(named.group(4)));
    return Matcher.quoteReplacement(sql);
  }

  private static Metric named(String key) {
    return Stream.of(values())
        .filter(metric -> metric.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Expected one of the metrics %s, but got %s"
                        .formatted(
                            Stream.of(values()).map(Metric::key).collect(Collectors.joining(", ")),
                            key)));
  }
}
