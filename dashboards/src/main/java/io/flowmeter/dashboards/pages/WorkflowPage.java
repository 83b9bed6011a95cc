package io.flowmeter.dashboards.pages;

/** One workflow: where time goes, what retries cost, what fails, and since which version. */
final class WorkflowPage {

  static final String UID = "flowmeter-workflow";

  private WorkflowPage() {}

  static Page page() {
    Page page =
        Page.of(
                UID,
                "Flowmeter: workflow",
                "A workflow: its queue, its durations, its steps with what retries cost, its errors, and its"
                    + " versions compared.")
            .choosing(Variable.account(), Variable.workflow(), Variable.versions());
    return Charts.deploys(page)
        .row(
            "Now",
            Charts.statusNow(),
            Charts.inFlightNow(),
            Charts.successShare("<versions>"),
            Charts.retryRate("<versions>"),
            Charts.lostTime("<versions>"),
            backlog(),
            oldestPerStatus().size(14, 6),
            longestAlive().size(10, 6))
        .row(
            "Runs",
            Charts.statusOverTime(),
            Charts.throughput("<versions>"),
            Charts.quantiles(
                "How long do runs take?",
                "Run time: from the start to the end, of runs that ended.",
                "run_buckets",
                "<runs_by_time>",
                "<versions>"),
            Charts.quantiles(
                "How long do runs take, with their time in the queue?",
                "Total time: from queued to the end, of runs that ended.",
                "total_buckets",
                "<runs_by_time>",
                "<versions>"),
            Charts.quantiles(
                "How long do runs wait to start?",
                "Queue time: from queued to started, of runs that started.",
                "queue_buckets",
                "<runs_by_time>",
                "<versions>"),
            whereTimeGoes())
        .row(
            "Steps",
            StepsOfWorkflow.steps(),
            StepsOfWorkflow.durations(),
            StepsOfWorkflow.lostTimeByStep(),
            StepsOfWorkflow.failingSteps(),
            StepsOfWorkflow.headroom(),
            StepsOfWorkflow.funnel())
        .row(
            "Errors",
            Charts.spikes().size(24, 6),
            Charts.errorGroups(
                "<workflows> AND $__conditionalAll(hasAny(g.versions, [${version:singlequote}]), $version)"),
            Charts.latestErrors("<versions>"))
        .row(
            "Versions",
            versions().size(24, 7),
            Charts.byVersion(
                    "Do runs of the new version take longer?",
                    "95th percentile of run time, of runs that ended, by version. Within 1 %.",
                    "<runs_by_time>",
                    "<versions>",
                    "flowmeter_quantile(sumMap(m.run_buckets), 0.95)",
                    "p95",
                    "p95 IS NOT NULL")
                .unit("ms"),
            Charts.byVersion(
                    "Do runs of the new version fail more?",
                    "Share of ended runs that errored, by version.",
                    "<runs_by_time>",
                    "<versions>",
                    "sum(m.errored) / sum(m.completed + m.errored + m.terminated)",
                    "errored_share",
                    "sum(m.completed + m.errored + m.terminated) > 0")
                .unit("percentunit")
                .max(1),
            regressions().size(24, 9));
  }

  private static Question backlog() {
    return Question.stat("When is the queue empty?")
        .answeredBy(
            "Drain time: runs queued now ÷ (starts − arrivals over the 15 whole minutes before the last sweep). Not told"
                + " while no more runs start than come; 0 while none is queued.")
        .unit("s")
        .whenEmpty("not draining")
        .thresholds(Thresholds.badFrom(900, 3600))
        .sql(
            """
            WITH (SELECT toStartOfMinute(max(as_of)) FROM flowmeter.status_counts_now WHERE <workflows> AND status = 'queued') AS swept_at
            SELECT if(backlog = 0, 0, if(pace > 0, 900 * backlog / pace, NULL)) AS drain_s
            FROM (SELECT sum(count) AS backlog FROM flowmeter.status_counts_now WHERE <workflows> AND status = 'queued') AS q
            CROSS JOIN (
                SELECT sum(started) - sum(queued) AS pace
                FROM flowmeter.workflow_minute_parts
                WHERE <workflows> AND minute >= swept_at - INTERVAL 15 MINUTE AND minute < swept_at
            ) AS p
            """);
  }

  private static Question oldestPerStatus() {
    return Question.table("Which live run has been in its status for longest?")
        .answeredBy(
            "Live runs now, by status, and the one that has been in it for longest. A change that no poll"
                + " saw happen counts from the first poll after it.")
        .whenEmpty("No run is live now.")
        .fields(
            Field.of("workflow").hidden(),
            Field.of("status").statuses().width(120),
            Field.of("oldest").link(Link.instance("oldest")),
            Field.of("since").unit("dateTimeAsIso").width(170),
            Field.of("age").unit("s"))
        .sql(
            """
            WITH live AS (
                    SELECT account_id, workflow, instance_id, run, status, queued_at
                    FROM flowmeter.instances
                    WHERE <workflows> AND <live>
                ),
                changes AS (
                    SELECT account_id, workflow, instance_id, run, toNullable(max(at)) AS changed_at
                    FROM flowmeter.transitions
                    WHERE <workflows>
                      AND (account_id, workflow, run, instance_id) IN (SELECT account_id, workflow, run, instance_id FROM live)
                    GROUP BY account_id, workflow, instance_id, run
                )
            SELECT workflow, status, count() AS live_runs,
                   argMin(instance_id, coalesce(changed_at, queued_at)) AS oldest,
                   min(coalesce(changed_at, queued_at)) AS since,
                   dateDiff('second', since, now64(3)) AS age
            FROM live
            LEFT JOIN changes USING (account_id, workflow, instance_id, run)
            GROUP BY workflow, status
            ORDER BY age DESC
            LIMIT 50
            """);
  }

  private static Question longestAlive() {
    return Question.table("What do the longest-living runs do?")
        .answeredBy(
            "Live runs, oldest first, with their current step as of the last look at them, and in_step: for how long"
                + " they had been in it then. flowmeter sql stuck tells which is unusual.")
        .whenEmpty("No run is live now.")
        .fields(
            Field.of("workflow").hidden(),
            Field.of("instance_id").link(Link.instance("instance_id")),
            Field.of("status").statuses().width(110),
            Field.of("alive").unit("s").width(100),
            Field.of("in_step").unit("s").width(100))
        .sql(
            """
            SELECT workflow, instance_id, status,
                   dateDiff('second', coalesce(started_at, queued_at), now64(3)) AS alive,
                   ifNull(current_step, '') AS current_step, current_attempt AS attempt,
                   dateDiff('second', current_since, detail_at) AS in_step
            FROM flowmeter.instances
            WHERE <workflows> AND <live> AND ended_at IS NULL
            ORDER BY alive DESC
            LIMIT 50
            """);
  }

  private static Question whereTimeGoes() {
    return Question.bars("Where does the time of steps go?")
        .answeredBy(
            "Summed time of steps that ended: attempts, backoffs between attempts, sleeps and waits for events, and all"
                + " else: rollbacks, steps of which no attempts are told, and types that are not known.")
        .unit("ms")
        .whenEmpty("No step ended in this range.")
        .fields(
            Field.of("attempts").color("blue"),
            Field.of("backoffs").color("orange"),
            Field.of("sleeps and waits").color("yellow"),
            Field.of("all else").color("text"))
        .sql(
            """
            SELECT $__timeInterval(at) AS time,
                   sumIf(s.attempt_ms_sum, type = 'step') AS attempts,
                   sumIf(s.backoff_ms_sum, type = 'step') AS backoffs,
                   sumIf(s.wall_ms_sum, type IN ('sleep', 'waitForEvent')) AS `sleeps and waits`,
                   sumIf(s.wall_ms_sum, type NOT IN ('step', 'sleep', 'waitForEvent'))
                       + sumIf(s.wall_ms_sum - s.attempt_ms_sum - s.backoff_ms_sum, type = 'step') AS `all else`
            FROM <steps_by_time> AS s
            WHERE <versions>
            GROUP BY time
            ORDER BY time
            """);
  }

  private static Question versions() {
    return Question.table("Is the newest version better than the ones before?")
        .answeredBy("Versions of which runs came or ended in the time range, newest first.")
        .whenEmpty("No run came or ended in this range.")
        .fields(
            Field.of("workflow").hidden(),
            Field.of("version_id")
                .link(
                    Link.to(
                        UID,
                        "This version alone",
                        "var-workflow=${__data.fields.workflow:percentencode}",
                        "var-version=${__data.fields.version_id:percentencode}")),
            Field.of("deployed_at").unit("dateTimeAsIso").width(170),
            Field.of("success_share")
                .unit("percentunit")
                .decimals(2)
                .thresholds(Thresholds.goodFrom(0.95, 0.99)),
            Field.of("retry_rate").unit("percentunit").decimals(2),
            Field.of("run_p50").unit("ms"),
            Field.of("run_p95").unit("ms"),
            Field.of("lost_each").unit("ms"))
        .sql(
            """
            SELECT r.workflow AS workflow, r.version_id AS version_id, v.created_at AS deployed_at,
                   came, ended, success_share, errored, retry_rate, run_p50, run_p95, lost_each
            FROM (
                SELECT account_id, workflow, version_id,
                       sum(m.queued) AS came,
                       sum(m.completed + m.errored + m.terminated) AS ended,
                       sum(m.completed) / nullIf(ended, 0) AS success_share,
                       sum(m.errored) AS errored,
                       sum(m.retries) / nullIf(sum(m.attempts), 0) AS retry_rate,
                       flowmeter_quantile(sumMap(m.run_buckets) AS buckets, 0.50) AS run_p50,
                       flowmeter_quantile(buckets, 0.95) AS run_p95,
                       sum(m.lost_ms) / nullIf(arraySum(mapValues(buckets)), 0) AS lost_each
                FROM <runs_between> AS m
                WHERE <versions>
                GROUP BY account_id, workflow, version_id
            ) AS r
            LEFT JOIN (
                SELECT account_id, workflow, version_id, created_at FROM flowmeter.versions WHERE <workflows>
            ) AS v USING (account_id, workflow, version_id)
            ORDER BY workflow, deployed_at DESC, version_id
            LIMIT 100
            """);
  }

  private static Question regressions() {
    return Question.table("In which steps is the newest version worse, beyond chance?")
        .answeredBy(
            "The newest version against the one before, of which runs ended in the time range: the whole run, and each"
                + " step. p_fails and p_slower: how likely mere chance makes such a difference, corrected for the number"
                + " of tests of the workflow; below 0.05 it is worse.")
        .whenEmpty("There are no runs of two versions in this range to compare.")
        .fields(
            Field.of("workflow").hidden(),
            Field.of("step").link(Link.step()),
            Field.of("old_failed").unit("percent").decimals(2),
            Field.of("new_failed").unit("percent").decimals(2),
            Field.of("p_fails").decimals(4).thresholds(Thresholds.base("red").from(0.05, "text")),
            Field.of("old_p95").unit("ms"),
            Field.of("new_p95").unit("ms"),
            Field.of("p_slower").decimals(4).thresholds(Thresholds.base("red").from(0.05, "text")))
        .sql(
            """
            SELECT workflow, step, verdict, old_version, new_version, old_times, new_times,
                   old_failed_pct AS old_failed, new_failed_pct AS new_failed, p_fails,
                   old_p95_ms AS old_p95, new_p95_ms AS new_p95, p_slower
            FROM flowmeter.version_regressions(since = %s, until = %s)
            WHERE <workflows>
            ORDER BY least(p_fails, p_slower), workflow, step
            LIMIT 100
            """
                .formatted(Scope.FROM, Scope.TO));
  }
}
