package io.flowmeter.dashboards.pages;

/** All workflows of an account: what is going on, and where to look closer. */
final class OverviewPage {

  static final String UID = "flowmeter-overview";

  private OverviewPage() {}

  static DashboardBuilder page() {
    return DashboardBuilder.of(
            UID,
            "Flowmeter: overview",
            "All workflows: how many instances are in which state, how runs end, what retries cost, what"
                + " fails, and whether Flowmeter sees it all.")
        .choosing(Variable.account(), Variable.workflows(), Variable.objective())
        .row(
            "Current state",
            Charts.statusNow(),
            Charts.inFlightNow(),
            Charts.successShare("<workflows>"),
            Charts.retryRate("<workflows>"),
            Charts.lostTime("<workflows>").size(6, 4),
            openSpikes().size(6, 4),
            Charts.drift().size(6, 3),
            Charts.coverage().size(6, 3),
            Charts.age().size(6, 3),
            ServiceLevels.saturation().size(6, 3),
            ended().size(24, 3),
            LiveRuns.retrying(),
            LiveRuns.stuck())
        .row(
            "Workflows",
            workflows(),
            ServiceLevels.errorBudget(),
            ServiceLevels.retrySpend(),
            StepsOfWorkflow.precisionOfWorkflows())
        .row(
            "Trends",
            Charts.statusOverTime(),
            Charts.throughput("<workflows>"),
            byWorkflow(
                    "Success rate by workflow",
                    "Which workflows fail? Success share of runs that ended: complete ÷ (complete + errored + terminated), by"
                        + " workflow.",
                    "success_share",
                    "<<success_rate of runs_between r>>",
                    "sum(r.completed + r.errored + r.terminated) > 0")
                .unit("percentunit")
                .max(1),
            byWorkflow(
                    "Retry rate by workflow",
                    "Which workflows retry? Retry rate: retries ÷ attempts of runs that ended, by workflow.",
                    "retry_rate",
                    "<<retry_rate of runs_between r>>",
                    "sum(r.attempts) > 0")
                .unit("percentunit"),
            byWorkflow(
                    "Time lost by workflow",
                    "Where is time lost to retries? Lost time of runs that ended: failed attempts and the waits between attempts, by workflow.",
                    "lost_ms",
                    "sum(r.lost_ms)",
                    "sum(r.lost_ms) > 0")
                .unit("ms"),
            LiveRuns.inFlight(),
            driftOverTime().size(24, 8))
        .row(
            "Errors",
            Charts.spikes().size(24, 6),
            Charts.errorGroups("<workflows>"),
            Charts.latestErrors("<workflows>"));
  }

  private static PanelBuilder openSpikes() {
    return PanelBuilder.stat("Open error spikes")
        .description(
            "How many error spikes? Workflows with an error spike that is open now. It does not depend on the time range.")
        .unit("short")
        .whenEmpty("none")
        .thresholds(Thresholds.base("green").from(1, "red"))
        .sql(
            """
            SELECT uniqExact(workflow) AS open_spikes
            FROM flowmeter.error_spikes
            WHERE <workflows> AND closed_at IS NULL AND opened_at >= now() - INTERVAL 1 DAY
            """);
  }

  private static PanelBuilder ended() {
    return PanelBuilder.stat("Run totals")
        .description(
            "How many runs arrived, and how did they end? Arrivals: runs that were queued in the time range. The others:"
                + " runs that ended in it, by outcome.")
        .unit("locale")
        .whenEmpty("no run")
        .statusSeries()
        .fields(Field.of("arrivals").color("purple"))
        .sql(
            """
            SELECT sum(r.queued) AS arrivals,
                   sum(r.completed) AS complete,
                   sum(r.errored) AS errored,
                   sum(r.terminated) AS terminated
            FROM <runs_between> AS r
            WHERE <workflows>
            """);
  }

  private static PanelBuilder workflows() {
    return PanelBuilder.table("Workflow summary")
        .description(
            "How is each workflow doing? In flight, queued and drift: now. The others: of runs that ended in the time"
                + " range. Fetched: the share of them that was fetched in full. Choose a workflow for its"
                + " dashboard.")
        .whenEmpty("No workflow is known yet. Is the collector running? Run flowmeter doctor.")
        .columns("in_flight", "queued", "ended")
        .fields(
            Field.of("workflow").link(Link.workflow()).width(180),
            Field.of("success_share")
                .named("Success rate")
                .width(105)
                .unit("percentunit")
                .decimals(2)
                .thresholds(Thresholds.goodFrom(0.95, 0.99)),
            Field.of("retry_rate")
                .unit("percentunit")
                .decimals(2)
                .thresholds(Thresholds.badFrom(0.1, 0.3)),
            Field.of("total_p50").unit("ms"),
            Field.of("total_p95").unit("ms"),
            Field.of("lost").named("Time lost").unit("ms"),
            Field.of("fetched_share").named("Fetched").unit("percentunit").decimals(1),
            Field.of("spikes").thresholds(Thresholds.base("green").from(1, "red")),
            Field.of("drift").thresholds(Thresholds.badFrom(1, 10)))
        .size(24, 9)
        .sql(
            """
            SELECT w.workflow AS workflow,
                   n.in_flight AS in_flight,
                   n.queued AS queued,
                   r.ended AS ended,
                   r.success_share AS success_share,
                   r.retry_rate AS retry_rate,
                   r.total_p50 AS total_p50,
                   r.total_p95 AS total_p95,
                   r.lost AS lost,
                   r.fetched_share AS fetched_share,
                   s.spikes AS spikes,
                   n.drift AS drift
            FROM (SELECT account_id, workflow FROM flowmeter.workflows WHERE <workflows>) AS w
            LEFT JOIN (
                SELECT account_id, workflow,
                       sumIf(c.count, status NOT IN ('complete', 'errored', 'terminated')) AS in_flight,
                       sumIf(c.count, status = 'queued') AS queued,
                       sum(abs(c.drift)) AS drift
                FROM flowmeter.status_counts_now AS c
                WHERE <workflows>
                GROUP BY account_id, workflow
            ) AS n USING (account_id, workflow)
            LEFT JOIN (
                SELECT account_id, workflow,
                       sum(m.completed + m.errored + m.terminated) AS ended,
                       <<success_rate of runs_between m>> AS success_share,
                       <<retry_rate of runs_between m>> AS retry_rate,
                       flowmeter_quantile(sumMap(m.total_buckets) AS buckets, 0.50) AS total_p50,
                       flowmeter_quantile(buckets, 0.95) AS total_p95,
                       sum(m.lost_ms) AS lost,
                       <<fetched_share of runs_between m>> AS fetched_share
                FROM <runs_between> AS m
                WHERE <workflows>
                GROUP BY account_id, workflow
            ) AS r USING (account_id, workflow)
            LEFT JOIN (
                SELECT account_id, workflow, count() AS spikes
                FROM flowmeter.error_spikes
                WHERE <workflows> AND opened_at <= $__toTime_ms AND ifNull(closed_at, now64(3, 'UTC')) >= $__fromTime_ms
                GROUP BY account_id, workflow
            ) AS s USING (account_id, workflow)
            ORDER BY ended DESC, workflow
            LIMIT 500
            """);
  }

  private static PanelBuilder byWorkflow(
      String question, String answeredBy, String name, String value, String when) {
    return PanelBuilder.lines(question)
        .description(answeredBy)
        .whenEmpty("No run ended in this range, or none was retried.")
        .seriesBy("workflow")
        .size(12, 8)
        .sql(
            """
            SELECT $__timeInterval(at) AS time, workflow, %s AS %s
            FROM <runs_by_time> AS r
            WHERE <workflows>
            GROUP BY time, workflow
            HAVING %s
            ORDER BY time, workflow
            """
                .formatted(value, name, when));
  }

  private static PanelBuilder driftOverTime() {
    return PanelBuilder.lines("Drift by workflow")
        .description(
            "When did our counts differ from the API's? Drift: Flowmeter's counts of live statuses minus what the API reports, summed without sign, by"
                + " workflow, in the minutes in which something changed and a sweep could measure it.")
        .unit("short")
        .whenEmpty("No sweep of this range could measure drift.")
        .seriesBy("workflow")
        .sql(
            """
            SELECT $__timeInterval(minute) AS time, workflow, max(off) AS drift
            FROM (
                SELECT minute, workflow, sum(abs(drift)) AS off
                FROM flowmeter.status_counts
                WHERE <workflows> AND $__timeFilter(minute) AND drift IS NOT NULL
                GROUP BY minute, workflow
            )
            GROUP BY time, workflow
            ORDER BY time, workflow
            """);
  }
}
