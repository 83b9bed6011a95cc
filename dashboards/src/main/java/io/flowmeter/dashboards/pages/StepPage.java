package io.flowmeter.dashboards.pages;

/**
 * A workflow's steps, one or several: how long, how often retried, how it fails, in which version.
 */
final class StepPage {

  static final String UID = "flowmeter-step";

  private StepPage() {}

  static DashboardBuilder page() {
    DashboardBuilder dashboard =
        DashboardBuilder.of(
                UID,
                "Flowmeter: step",
                "A step: its durations with and without retries, its outcomes, what retries cost and whether they"
                    + " help, and its slowest and failed runs.")
            .choosing(
                Variable.account(), Variable.workflow(), Variable.versions(), Variable.steps());
    return Charts.deploys(dashboard)
        .row(
            "Summary",
            number(
                "Step runs",
                "How often did it run? Step runs that ended in the time range.",
                "short",
                "blue",
                "sum(s.runs)",
                "step_runs"),
            share(
                "Failure rate",
                "Which share failed? Step runs that failed or timed out ÷ step runs.",
                "<<failure_rate of steps_between s>>",
                "failed_share",
                Thresholds.badFrom(0.01, 0.05)),
            share(
                "First-attempt success",
                "Which succeed at once? First-attempt success: steps of type step whose first attempt succeeded ÷ those that finished.",
                "<<first_attempt_success of steps_between s>>",
                "first_attempt_success",
                Thresholds.goodFrom(0.9, 0.98)),
            share(
                "Retry rate",
                "How much is retried? Retry rate: retries ÷ attempts, of steps of type step.",
                "<<retry_rate of steps_between s>>",
                "retry_rate",
                Thresholds.badFrom(0.1, 0.3)),
            retriedShare(),
            number(
                "Recovered by retry",
                "How many recovered? Recovered: succeeded after a retry.",
                "short",
                "green",
                "sum(s.recovered)",
                "recovered"),
            number(
                "Retries exhausted",
                "How many exhausted? Exhausted: failed with all retries used.",
                "short",
                "red",
                "sum(s.exhausted)",
                "exhausted"),
            number(
                "Time lost to retries",
                "How much time is lost? Lost time: failed attempts, and backoffs between attempts.",
                "ms",
                "orange",
                "sum(s.lost_ms)",
                "lost_ms"),
            number(
                "Max duration",
                "How long is the longest? The upper edge of the highest bucket of wall time: within 2 %.",
                "ms",
                "blue",
                "flowmeter_longest_ms(sumMap(s.wall_buckets))",
                "wall_ms_max"))
        .row(
            "Durations",
            Charts.quantiles(
                "Wall time",
                "How long does it take, retries included? Wall time, from start to end with all attempts and the waits between them.",
                "wall_buckets",
                "<steps_by_time>",
                "<steps>"),
            Charts.quantiles(
                "Attempt time",
                "How long does it take without waiting between attempts? Attempt time of steps of type step: the sum of a step's attempts.",
                "attempt_buckets",
                "<steps_by_time>",
                "<steps> AND type = 'step'"),
            WorkflowPage.eventWaits("<steps>"),
            eventTimeouts(),
            heatmap(),
            Charts.byVersion(
                    "Wall time by version",
                    "Is the new version slower? 95th percentile of wall time, by version. Within 1 %.",
                    "<steps_by_time>",
                    "<steps>",
                    "flowmeter_quantile(sumMap(m.wall_buckets), 0.95)",
                    "p95",
                    "p95 IS NOT NULL")
                .unit("ms"))
        .row(
            "Outcomes",
            outcomes(),
            retryRateByStep(),
            lostByStep(),
            Charts.byVersion(
                    "Failure rate by version",
                    "Does the new version fail more? Share of step runs that failed or timed out, by version.",
                    "<steps_by_time>",
                    "<steps>",
                    "<<failure_rate of steps_between m>>",
                    "failed_share",
                    "sum(m.runs) > 0")
                .unit("percentunit")
                .max(1),
            byVersion(),
            StepsOfWorkflow.precision("<steps>"))
        .row("Recent step runs", failed(), slowest(), outliers());
  }

  private static PanelBuilder number(
      String question, String answeredBy, String unit, String color, String value, String name) {
    return PanelBuilder.stat(question)
        .description(answeredBy)
        .unit(unit)
        .whenEmpty("none ended")
        .color(color)
        .size(8, 3)
        .sql("SELECT %s AS %s FROM <steps_between> AS s WHERE <steps>".formatted(value, name));
  }

  private static PanelBuilder share(
      String question, String answeredBy, String value, String name, Thresholds thresholds) {
    return PanelBuilder.stat(question)
        .description(answeredBy + " Of steps that ended in the time range.")
        .unit("percentunit")
        .decimals(2)
        .whenEmpty("none ended")
        .thresholds(thresholds)
        .size(8, 3)
        .sql("SELECT %s AS %s FROM <steps_between> AS s WHERE <steps>".formatted(value, name));
  }

  private static PanelBuilder retriedShare() {
    return PanelBuilder.stat("Retried share")
        .description(
            "How many step runs needed a retry? Retried share: steps of type step with a retry ÷ steps of type step."
                + " Of the last day of the time range.")
        .unit("percentunit")
        .decimals(2)
        .whenEmpty("none ended")
        .thresholds(Thresholds.badFrom(0.1, 0.3))
        .size(8, 3)
        .sql(
            """
            SELECT <<retried_share of step_runs s>> AS retried_share
            FROM flowmeter.step_runs AS s
            WHERE <steps> AND <last_day>
            """);
  }

  private static PanelBuilder outliers() {
    return stepRuns("Duration outliers")
        .description(
            "Which runs of it took much longer than usual? Wall time beyond q3 × (q3 ÷ q1)³ of the 7 days before the"
                + " end of the time range, and beyond twice q3. A step needs 50 known runs to be judged. Of the last"
                + " day of the time range.")
        .whenEmpty("No run of the step took much longer than usual.")
        .fields(
            Field.of("wall").unit("ms"),
            Field.of("usual").named("Usual (median)").unit("ms"),
            Field.of("times_usual").named("Times usual").decimals(1))
        .size(24, 8)
        .sql(
            """
            WITH usual AS (
                    SELECT workflow, step, type,
                           flowmeter_quantile(sumMap(u.wall_buckets) AS buckets, 0.50) AS median_ms,
                           flowmeter_outlier_fence(flowmeter_quantile(buckets, 0.25), flowmeter_quantile(buckets, 0.75)) AS fence_ms
                    FROM flowmeter.steps_between(since = toStartOfDay(%1$s - INTERVAL 7 DAY), until = %1$s, every = 0) AS u
                    WHERE <steps> AND step != ''
                    GROUP BY workflow, step, type
                    HAVING sum(u.sampled) >= 50
                )
            SELECT workflow, ended_at, instance_id, step, wall_ms AS wall, median_ms AS usual,
                   wall_ms / nullIf(median_ms, 0) AS times_usual, attempts, outcome, toString(run) AS run_id
            FROM (
                SELECT workflow, step, type, ended_at, instance_id, run, wall_ms, attempts, outcome
                FROM flowmeter.step_runs
                WHERE <steps> AND <last_day> AND weight > 0
                  AND wall_ms > (SELECT min(fence_ms) FROM usual)
            ) AS s
            INNER JOIN usual USING (workflow, step, type)
            WHERE wall_ms > fence_ms
            ORDER BY times_usual DESC
            LIMIT 50
            """
                .formatted(Scope.TO));
  }

  private static PanelBuilder eventTimeouts() {
    return PanelBuilder.lines("Event wait timeouts")
        .description(
            "How many waits end without their event? Steps of type waitForEvent that timed out ÷ those that ended, by"
                + " step.")
        .unit("percentunit")
        .max(1)
        .whenEmpty("No wait for an event ended in this range.")
        .seriesBy("step")
        .sql(
            """
            SELECT $__timeInterval(at) AS time, step, <<timeout_rate of steps_between s>> AS timed_out
            FROM <steps_by_time> AS s
            WHERE <steps> AND type = 'waitForEvent'
            GROUP BY time, step
            HAVING timed_out IS NOT NULL
            ORDER BY time, step
            """);
  }

  private static PanelBuilder heatmap() {
    StringBuilder columns = new StringBuilder();
    for (Durations.Span span : Durations.spans()) {
      columns
          .append(",\n       ")
          .append(span.count("buckets"))
          .append(" AS `")
          .append(span.name())
          .append('`');
    }
    return PanelBuilder.heatmap("Duration heatmap")
        .description(
            "How are its durations spread over time? Step runs that ended between two points in time, by their wall time: two bands are two kinds of work.")
        .unit("short")
        .whenEmpty("No run of the step ended in this range.")
        .sql(
            """
            SELECT time%s
            FROM (
                SELECT $__timeInterval(at) AS time, sumMap(wall_buckets) AS buckets
                FROM <steps_by_time>
                WHERE <steps>
                GROUP BY time
                HAVING arraySum(mapValues(buckets)) > 0
            )
            ORDER BY time
            """
                .formatted(columns));
  }

  private static PanelBuilder outcomes() {
    return PanelBuilder.bars("Step runs by outcome")
        .description(
            "How does it end? Step runs that ended, by outcome, between two points in time.")
        .unit("short")
        .whenEmpty("No run of the step ended in this range.")
        .statusSeries()
        .sql(
            """
            SELECT $__timeInterval(at) AS time,
                   sum(s.succeeded) AS succeeded,
                   sum(s.failed) AS failed,
                   sum(s.timed_out) AS timed_out,
                   sum(s.unfinished) AS unfinished
            FROM <steps_by_time> AS s
            WHERE <steps>
            GROUP BY time
            ORDER BY time
            """);
  }

  private static PanelBuilder retryRateByStep() {
    return PanelBuilder.lines("Retry rate by step")
        .description(
            "When is it retried? Retry rate: retries ÷ attempts of steps of type step, by step.")
        .unit("percentunit")
        .max(1)
        .whenEmpty("No attempt ended in this range.")
        .seriesBy("step")
        .sql(
            """
            SELECT $__timeInterval(at) AS time, step, <<retry_rate of steps_between s>> AS retry_rate
            FROM <steps_by_time> AS s
            WHERE <steps> AND type = 'step'
            GROUP BY time, step
            HAVING sum(s.attempts) > 0
            ORDER BY time, step
            """);
  }

  private static PanelBuilder lostByStep() {
    return PanelBuilder.bars("Time lost by step")
        .description(
            "When is time lost to retries? Lost time, by step: failed attempts, and backoffs between attempts.")
        .unit("ms")
        .whenEmpty("No time was lost to retries in this range.")
        .seriesBy("step")
        .sql(
            """
            SELECT $__timeInterval(at) AS time, step, sum(s.lost_ms) AS lost
            FROM <steps_by_time> AS s
            WHERE <steps> AND type = 'step'
            GROUP BY time, step
            HAVING lost > 0
            ORDER BY time, step
            """);
  }

  /** A table of step runs, with the columns that all of them have. */
  private static PanelBuilder stepRuns(String title) {
    return PanelBuilder.table(title)
        .fields(
            Field.of("step").width(160),
            Field.of("attempts").width(90),
            Field.of("workflow").hidden(),
            Field.of("instance_id").named("Instance").link(Link.run("instance_id")),
            Field.of("run_id").hidden(),
            Field.of("outcome").statuses().width(110),
            Field.of("ended_at").unit("dateTimeAsIso").width(160));
  }

  private static PanelBuilder slowest() {
    return stepRuns("Slowest step runs")
        .description(
            "Which runs of it took longest? Step runs with the longest wall time, of the last day of the time range. Choose an instance to see"
                + " all it did.")
        .whenEmpty("No run of the step ended in the last day of this range.")
        .fields(Field.of("wall").unit("ms"), Field.of("attempt").unit("ms"))
        .size(24, 8)
        .sql(
            """
            SELECT workflow, instance_id, step, wall_ms AS wall, attempt_ms AS attempt, attempts, outcome, ended_at, toString(run) AS run_id
            FROM flowmeter.step_runs
            WHERE <steps> AND <last_day> AND weight > 0
            ORDER BY wall DESC
            LIMIT 50
            """);
  }

  private static PanelBuilder failed() {
    return stepRuns("Recent step failures")
        .description(
            "Which runs of it failed last, and with what? The latest step runs that failed or timed out, of the last day of the time range. Choose an instance"
                + " to see all it did.")
        .whenEmpty("No run of the step failed in the last day of this range.")
        .columns("error_message")
        .fields(Field.of("error_name").width(150))
        .size(24, 8)
        .sql(
            """
            SELECT workflow, ended_at, instance_id, step, outcome, attempts, error_name, error_message, toString(run) AS run_id
            FROM flowmeter.step_runs
            WHERE <steps> AND <last_day> AND outcome IN ('failed', 'timed_out')
            ORDER BY ended_at DESC
            LIMIT 50
            """);
  }

  private static PanelBuilder byVersion() {
    return PanelBuilder.table("Version comparison")
        .description(
            "How do versions of it compare? Step runs that ended in the time range, by version, newest first.")
        .whenEmpty("No run of the step ended in this range.")
        .columns("workflow", "step_runs")
        .fields(
            Field.of("step").link(Link.step()),
            Field.of("version_id").link(Link.stepOfVersion()),
            Field.of("deployed_at").named("Deployed").unit("dateTimeAsIso").width(160),
            Field.of("failed_share")
                .named("Failure rate")
                .unit("percentunit")
                .decimals(2)
                .thresholds(Thresholds.badFrom(0.01, 0.05)),
            Field.of("retry_rate").unit("percentunit").decimals(2),
            Field.of("wall_p50").unit("ms"),
            Field.of("wall_p95").unit("ms"),
            Field.of("lost").named("Time lost").unit("ms"))
        .size(24, 8)
        .sql(
            """
            SELECT s.workflow AS workflow, s.step AS step, s.version_id AS version_id, v.created_at AS deployed_at,
                   step_runs, failed_share, retry_rate, wall_p50, wall_p95, lost
            FROM (
                SELECT account_id, workflow, step, version_id,
                       sum(m.runs) AS step_runs,
                       <<failure_rate of steps_between m>> AS failed_share,
                       <<retry_rate of steps_between m>> AS retry_rate,
                       flowmeter_quantile(sumMap(m.wall_buckets) AS buckets, 0.50) AS wall_p50,
                       flowmeter_quantile(buckets, 0.95) AS wall_p95,
                       sum(m.lost_ms) AS lost
                FROM <steps_between> AS m
                WHERE <steps> AND step != ''
                GROUP BY account_id, workflow, step, version_id
                HAVING step_runs > 0
            ) AS s
            LEFT JOIN (
                SELECT account_id, workflow, version_id, created_at FROM flowmeter.versions WHERE <workflows>
            ) AS v USING (account_id, workflow, version_id)
            ORDER BY workflow, step, deployed_at DESC, version_id
            LIMIT 200
            """);
  }
}
