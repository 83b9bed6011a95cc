package io.flowmeter.dashboards.pages;

/** The steps of a workflow: where time goes, what retries cost, and how far runs get. */
final class StepsOfWorkflow {

  private static final String OF_LAST_DAY = " Of the last day of the time range.";

  private StepsOfWorkflow() {}

  static PanelBuilder steps() {
    return PanelBuilder.table("Slowest steps")
        .description(
            "Which steps take time, and what do their retries cost? Steps that ended in the time range. Wall time is"
                + " from start to end, with the waits between attempts. Recovered: succeeded after a retry. Exhausted:"
                + " failed with all retries used. Time lost: failed attempts and backoffs. Choose a step for its"
                + " dashboard.")
        .whenEmpty("No step ended in this range.")
        .columns("type", "recovered")
        .fields(
            Field.of("workflow").hidden(),
            Field.of("step").link(Link.stepOfVersions()).width(180),
            Field.of("step_runs"),
            Field.of("wall_p50").unit("ms"),
            Field.of("wall_p95").unit("ms"),
            Field.of("wall_p99").unit("ms"),
            Field.of("failed").thresholds(Thresholds.base("text").from(1, "red")),
            Field.of("timed_out").thresholds(Thresholds.base("text").from(1, "red")),
            Field.of("retry_rate")
                .unit("percentunit")
                .decimals(1)
                .thresholds(Thresholds.badFrom(0.1, 0.3)),
            Field.of("first_attempt_success").named("1st try OK").unit("percentunit").decimals(1),
            Field.of("exhausted").thresholds(Thresholds.base("text").from(1, "red")),
            Field.of("lost").named("Time lost").unit("ms"))
        .size(24, 10)
        .sql(
            """
            SELECT workflow, step, type,
                   sum(s.runs) AS step_runs,
                   flowmeter_quantile(sumMap(s.wall_buckets) AS walls, 0.50) AS wall_p50,
                   flowmeter_quantile(walls, 0.95) AS wall_p95,
                   flowmeter_quantile(walls, 0.99) AS wall_p99,
                   sum(s.failed) AS failed,
                   sum(s.timed_out) AS timed_out,
                   <<retry_rate of steps_between s>> AS retry_rate,
                   <<first_attempt_success of steps_between s>> AS first_attempt_success,
                   sum(s.recovered) AS recovered,
                   sum(s.exhausted) AS exhausted,
                   sum(s.lost_ms) AS lost
            FROM <steps_between> AS s
            WHERE <versions> AND step != ''
            GROUP BY workflow, step, type
            HAVING step_runs > 0
            ORDER BY wall_p95 DESC NULLS LAST
            LIMIT 200
            """);
  }

  /** Share of a step's durations in each class: step × duration. */
  static PanelBuilder durations() {
    StringBuilder columns = new StringBuilder();
    PanelBuilder panel =
        PanelBuilder.table("Step duration distribution")
            .description(
                "How are the durations of each step spread? Wall time of steps that ended in the time range: which share of a step's runs falls into"
                    + " which class of durations.")
            .whenEmpty("No step ended in this range.")
            .fields(
                Field.of("workflow").hidden(),
                Field.of("step").link(Link.stepOfVersions()).width(180))
            .size(24, 9);
    for (Durations.Span span : Durations.spans()) {
      columns
          .append(",\n       ")
          .append(span.share("buckets", "counted"))
          .append(" AS `")
          .append(span.name())
          .append('`');
      panel.fields(Field.of(span.name()).unit("percentunit").decimals(0).shaded(1));
    }
    return panel.sql(
        """
        SELECT workflow, step%s
        FROM (
            SELECT workflow, step, sumMap(s.wall_buckets) AS buckets, arraySum(mapValues(buckets)) AS counted
            FROM <steps_between> AS s
            WHERE <versions> AND step != ''
            GROUP BY workflow, step
            HAVING counted > 0
        )
        ORDER BY workflow, step
        LIMIT 200
        """
            .formatted(columns));
  }

  static PanelBuilder p95OverTime() {
    return overTime(
            "Step p95 over time",
            "When did a step get slower? 95th percentile of wall time, by step. Each step has its own range of"
                + " colours, from 0 to its highest. Within 1 %.",
            "continuous-blues",
            "No step ended in this range.",
            "sum(b.runs) > 0",
            "flowmeter_quantile(sumMap(s.wall_buckets), 0.95)",
            "p95")
        .unit("ms")
        .min(0)
        .colorsBySeries();
  }

  static PanelBuilder failuresOverTime() {
    return overTime(
            "Step failures over time",
            "When did a step fail? Step runs that failed or timed out, by step. Steps without failures are left out.",
            "continuous-reds",
            "No step failed in this range.",
            "sum(b.failed + b.timed_out) > 0",
            "sum(s.failed + s.timed_out)",
            "failures")
        .unit("short")
        .min(0);
  }

  /**
   * The 30 steps with most runs at most, so that each has a row that can be read. Every point of
   * the range is there: a cell is as wide as the way to the next point.
   *
   * @param shown which steps, by their sums {@code b} over the range
   * @param value of one step between two points, of its sums {@code s}
   */
  private static PanelBuilder overTime(
      String title,
      String description,
      String scheme,
      String whenEmpty,
      String shown,
      String value,
      String name) {
    return PanelBuilder.statusHistory(title, scheme)
        .description(description)
        .whenEmpty(whenEmpty)
        .seriesBy("step")
        .size(12, 9)
        .sql(
            """
            WITH busiest AS (
                    SELECT step FROM <steps_between> AS b
                    WHERE <versions> AND step != ''
                    GROUP BY step HAVING %1$s ORDER BY sum(b.runs) DESC LIMIT 30
                )
            SELECT time, step, %3$s
            FROM (
                SELECT toDateTime(number * $__interval_s, 'UTC') AS time, step
                FROM numbers(toUInt64(intDiv(toUnixTimestamp($__fromTime), $__interval_s)),
                             toUInt64(intDiv(toUnixTimestamp($__toTime), $__interval_s)
                                      - intDiv(toUnixTimestamp($__fromTime), $__interval_s) + 1)) AS points
                CROSS JOIN busiest
            ) AS cells
            LEFT JOIN (
                SELECT $__timeInterval(at) AS time, step, %2$s AS %3$s
                FROM <steps_by_time> AS s
                WHERE <versions> AND step IN (SELECT step FROM busiest)
                GROUP BY time, step
            ) AS sums USING (time, step)
            ORDER BY time, step
            """
                .formatted(shown, value, name));
  }

  static PanelBuilder criticalPath() {
    return PanelBuilder.ranking("Critical path share")
        .description(
            "Which steps decide how long a run takes? Share of run time on the critical path: from the run's end back,"
                + " the step that ended last before the next one began. Making another step faster changes nothing."
                + " By weight, of the 1,000 runs that ended and were fetched last."
                + OF_LAST_DAY)
        .unit("percentunit")
        .whenEmpty("No run that was fetched in full ended in the last day of this range.")
        .color("blue")
        .size(12, 9)
        .sql(
            """
            WITH fetched AS (
                    SELECT workflow, run, instance_id, weight, run_ms
                    FROM flowmeter.instances
                    WHERE <versions> AND <last_day> AND weight > 0 AND run_ms > 0
                    ORDER BY ended_at DESC
                    LIMIT 1000
                ),
                paths AS (
                    SELECT run, instance_id,
                           flowmeter_critical_path(groupArray(
                               (toUnixTimestamp64Milli(assumeNotNull(started_at)),
                                toUnixTimestamp64Milli(assumeNotNull(ended_at)), toString(step), toString(type)))) AS on_path
                    FROM flowmeter.step_runs
                    WHERE <workflows> AND (workflow, run, instance_id) IN (SELECT workflow, run, instance_id FROM fetched)
                      AND started_at IS NOT NULL AND ended_at IS NOT NULL
                    GROUP BY run, instance_id
                )
            SELECT part.1 AS step, sum(weight * part.3) / any(total_ms) AS share
            FROM (
                SELECT weight, sum(weight * run_ms) OVER () AS total_ms,
                       arrayPushBack(on_path, ('(between steps)', '', run_ms - arraySum(s -> s.3, on_path))) AS parts
                FROM fetched
                LEFT JOIN paths USING (run, instance_id)
            )
            ARRAY JOIN parts AS part
            GROUP BY step
            HAVING share > 0
            ORDER BY share DESC
            LIMIT 15
            """);
  }

  static PanelBuilder lostTimeByStep() {
    return PanelBuilder.ranking("Time lost by step")
        .description(
            "Which steps lose most time to retries? Lost time of steps that ended in the time range: failed attempts, and backoffs between attempts.")
        .unit("ms")
        .whenEmpty("No step lost time to retries in this range.")
        .fields(Field.of("failed attempts").color("red"), Field.of("backoffs").color("orange"))
        .size(12, 9)
        .sql(
            """
            SELECT step,
                   lost - backoff AS `failed attempts`,
                   backoff AS backoffs
            FROM (
                SELECT step, sum(s.lost_ms) AS lost, least(sum(s.backoff_ms_sum), lost) AS backoff
                FROM <steps_between> AS s
                WHERE <versions> AND type = 'step'
                GROUP BY step
                HAVING lost > 0
            )
            ORDER BY lost DESC
            LIMIT 15
            """);
  }

  static PanelBuilder failingSteps() {
    return PanelBuilder.ranking("Top failing steps")
        .description(
            "Which few steps make most of the failures? Step runs that failed or timed out in the time range, most first: a Pareto of failing steps.")
        .unit("short")
        .whenEmpty("No step failed in this range.")
        .fields(Field.of("failed").color("red"), Field.of("timed_out").color("dark-red"))
        .size(12, 9)
        .sql(
            """
            SELECT step, sum(s.failed) AS failed, sum(s.timed_out) AS timed_out
            FROM <steps_between> AS s
            WHERE <versions> AND step != ''
            GROUP BY step
            HAVING failed + timed_out > 0
            ORDER BY failed + timed_out DESC
            LIMIT 15
            """);
  }

  /**
   * How far rates of steps can be off where runs are sampled, the least precise first.
   *
   * @param scope which steps
   */
  static PanelBuilder precision(String scope) {
    return precisionBy("workflow, step", scope)
        .fields(Field.of("workflow").hidden(), Field.of("step").link(Link.stepOfVersions()));
  }

  /** The same for all steps of each workflow. */
  static PanelBuilder precisionOfWorkflows() {
    return precisionBy("workflow", "<workflows>")
        .fields(Field.of("workflow").link(Link.workflow()).width(180));
  }

  private static PanelBuilder precisionBy(String key, String scope) {
    return PanelBuilder.table(PanelBuilder.PRECISION)
        .description(
            "How far can a failure rate be off? It rests on the step runs that were fetched. With 95 % the true rate"
                + " is between the two bounds (Wilson's score interval). Weight: step runs that each fetched one"
                + " stands for, the mean; 1 where nothing is sampled. Other rates of the same row are about as precise.")
        .whenEmpty("No step run that was fetched ended in this range.")
        .columns("fetched")
        .fields(
            Field.of("runs").named("Step runs"),
            Field.of("failure_rate").unit("percentunit").decimals(2),
            Field.of("at_least").unit("percentunit").decimals(2),
            Field.of("at_most").unit("percentunit").decimals(2),
            Field.of("weight").decimals(2))
        .size(24, 7)
        .sql(
            """
            SELECT %1$s,
                   <<failure_rate of steps_between s>> AS failure_rate,
                   flowmeter_share_low(failure_rate, fetched) AS at_least,
                   flowmeter_share_high(failure_rate, fetched) AS at_most,
                   sum(s.runs) / fetched AS weight,
                   sum(s.runs) AS runs,
                   sum(s.sampled) AS fetched
            FROM <steps_between> AS s
            WHERE %2$s AND step != ''
            GROUP BY %1$s
            HAVING fetched > 0
            ORDER BY at_most - at_least DESC
            LIMIT 50
            """
                .formatted(key, scope));
  }

  static PanelBuilder headroom() {
    return PanelBuilder.table("Retry headroom")
        .description(
            "Which steps come close to using up their retries? Retry headroom: the share of a step's retries that it did not need, of steps with a limit. Retried share:"
                + " steps that needed a retry. Exhausted: steps that used all their retries."
                + OF_LAST_DAY)
        .whenEmpty("No step with a retry limit ended in the last day of this range.")
        .columns("step_runs", "exhausted")
        .fields(
            Field.of("workflow").hidden(),
            Field.of("step").link(Link.stepOfVersions()),
            Field.of("mean_headroom")
                .unit("percentunit")
                .decimals(1)
                .thresholds(Thresholds.goodFrom(0.7, 0.9)),
            Field.of("min_headroom").unit("percentunit").decimals(0),
            Field.of("retried_share").unit("percentunit").decimals(1))
        .size(24, 7)
        .sql(
            """
            SELECT workflow, step,
                   sum(weight) AS step_runs,
                   <<retry_headroom of step_runs s>> AS mean_headroom,
                   min(1 - retries / retry_limit) AS min_headroom,
                   <<retried_share of step_runs s>> AS retried_share,
                   sumIf(weight, retries >= retry_limit) AS exhausted
            FROM flowmeter.step_runs AS s
            WHERE <versions> AND <last_day> AND type = 'step' AND retry_limit > 0 AND weight > 0
            GROUP BY workflow, step
            ORDER BY mean_headroom, step_runs DESC
            LIMIT 50
            """);
  }

  static PanelBuilder funnel() {
    return PanelBuilder.ranking("Step funnel")
        .description(
            "How far do runs get? Runs that passed each step, and runs that did not, steps in the order of the run. If a"
                + " run repeated a step, its last execution counts. By weight, of the 1,000 runs that ended and were"
                + " fetched last."
                + OF_LAST_DAY)
        .unit("short")
        .whenEmpty("No run that was fetched in full ended in the last day of this range.")
        .fields(Field.of("passed").color("green"), Field.of("did not pass").color("red"))
        .size(12, 9)
        .sql(
            """
            WITH ended AS (
                    SELECT account_id, workflow, run, instance_id, weight
                    FROM flowmeter.instances
                    WHERE <versions> AND <last_day> AND weight > 0
                    ORDER BY ended_at DESC
                    LIMIT 1000 BY account_id
                ),
                reached AS (
                    SELECT run, instance_id, step, type,
                           any(weight) AS n, min(step_index) AS position, argMax(outcome, step_index) = 'succeeded' AS ok
                    FROM flowmeter.step_runs
                    WHERE <workflows>
                      AND (account_id, workflow, run, instance_id) IN (SELECT account_id, workflow, run, instance_id FROM ended)
                      AND step != ''
                    GROUP BY run, instance_id, step, type
                )
            SELECT if(type = 'rollback', concat(step, ' (rollback)'), step) AS name,
                   sumIf(n, ok) AS passed,
                   sum(n) - passed AS `did not pass`
            FROM reached
            GROUP BY step, type
            ORDER BY round(sum(n * position) / sum(n), 2), step
            LIMIT 30
            """);
  }
}
