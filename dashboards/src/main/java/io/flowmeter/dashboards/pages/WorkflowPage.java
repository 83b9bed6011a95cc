package io.flowmeter.dashboards.pages;

/** One workflow: where time goes, what retries cost, what fails, and since which version. */
final class WorkflowPage {

  static final String UID = "flowmeter-workflow";

  private WorkflowPage() {}

  static DashboardBuilder page() {
    DashboardBuilder dashboard =
        DashboardBuilder.of(
                UID,
                "Flowmeter: workflow",
                "A workflow: its queue, its durations, its steps with what retries cost, its errors, and its"
                    + " versions compared.")
            .choosing(
                Variable.account(), Variable.workflow(), Variable.versions(), Variable.objective());
    return Charts.deploys(dashboard)
        .row(
            "Current state",
            Charts.statusNow(),
            Charts.inFlightNow().size(8, 3),
            Charts.successShare("<versions>").size(8, 3),
            Charts.retryRate("<versions>").size(8, 3),
            Charts.lostTime("<versions>").size(8, 3),
            backlog().size(8, 3),
            ServiceLevels.mttr().size(8, 3),
            oldestPerStatus().size(12, 6),
            longestAlive().size(12, 6),
            LiveRuns.retrying(),
            LiveRuns.stuck(),
            ServiceLevels.errorBudget(),
            LiveRuns.waitingForEvents())
        .row(
            "Runs",
            Charts.statusOverTime(),
            Charts.throughput("<versions>"),
            Charts.quantiles(
                "Run duration",
                "How long do runs take? Run time: from the start to the end, of runs that ended.",
                "run_buckets",
                "<runs_by_time>",
                "<versions>"),
            Charts.quantiles(
                "Total duration",
                "How long do runs take, with their time in the queue? Total time: from queued to the end, of runs that ended.",
                "total_buckets",
                "<runs_by_time>",
                "<versions>"),
            Charts.quantiles(
                "Queue latency",
                "How long do runs wait to start? Queue time: from queued to started, of runs that started.",
                "queue_buckets",
                "<runs_by_time>",
                "<versions>"),
            activeTime(),
            whereTimeGoes(),
            byTrigger(),
            restartsAndLostRuns(),
            pausedTime(),
            eventWaits("<versions>").size(24, 8))
        .row(
            "Steps",
            StepsOfWorkflow.steps(),
            StepsOfWorkflow.p95OverTime(),
            StepsOfWorkflow.failuresOverTime(),
            StepsOfWorkflow.durations(),
            StepsOfWorkflow.criticalPath(),
            StepsOfWorkflow.lostTimeByStep(),
            StepsOfWorkflow.failingSteps(),
            StepsOfWorkflow.funnel(),
            StepsOfWorkflow.headroom(),
            StepsOfWorkflow.precision("<versions>"))
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
                    "Run duration by version",
                    "Do runs of the new version take longer? 95th percentile of run time, of runs that ended, by version. Within 1 %.",
                    "<runs_by_time>",
                    "<versions>",
                    "flowmeter_quantile(sumMap(m.run_buckets), 0.95)",
                    "p95",
                    "p95 IS NOT NULL")
                .unit("ms"),
            Charts.byVersion(
                    "Error rate by version",
                    "Do runs of the new version fail more? Share of ended runs that errored, by version.",
                    "<runs_by_time>",
                    "<versions>",
                    "<<error_rate of runs_between m>>",
                    "errored_share",
                    "sum(m.completed + m.errored + m.terminated) > 0")
                .unit("percentunit")
                .max(1),
            regressions().size(24, 9));
  }

  private static PanelBuilder activeTime() {
    return PanelBuilder.lines("Active time")
        .description(
            "How long are runs at work? Active time: run time without sleeps, waits for events and backoffs, of runs"
                + " that ended. Within 1 %. Of the last day of the time range.")
        .unit("ms")
        .whenEmpty("No run that was fetched in full ended in the last day of this range.")
        .fields(
            Field.of("p50").color("blue"),
            Field.of("p95").color("orange"),
            Field.of("p99").color("red"))
        .sql(
            """
            SELECT $__timeInterval(ended_at) AS time,
                   flowmeter_quantile(sumMap(flowmeter_buckets(active_ms, weight)) AS buckets, 0.50) AS p50,
                   flowmeter_quantile(buckets, 0.95) AS p95,
                   flowmeter_quantile(buckets, 0.99) AS p99
            FROM flowmeter.instances
            WHERE <versions> AND <last_day> AND weight > 0 AND active_ms IS NOT NULL
            GROUP BY time
            ORDER BY time
            """);
  }

  private static PanelBuilder byTrigger() {
    return PanelBuilder.bars("Runs by trigger")
        .description(
            "What creates runs? Runs that arrived, by what triggered them, between two points in time.")
        .unit("short")
        .whenEmpty("No run arrived in this range.")
        .seriesBy("trigger_source")
        .sql(
            """
            SELECT $__timeInterval(at) AS time, toString(trigger_source) AS trigger_source, sum(r.queued) AS arrived
            FROM <runs_by_time> AS r
            WHERE <versions>
            GROUP BY time, trigger_source
            HAVING arrived > 0
            ORDER BY time, trigger_source
            """);
  }

  private static PanelBuilder restartsAndLostRuns() {
    return PanelBuilder.bars("Restarts and lost runs")
        .description(
            "How often are runs restarted, reopened or lost? Restarts: runs that replaced an earlier one of their"
                + " instance, when they were queued. Reopened: how often runs left a terminal status. Superseded: replaced"
                + " before their end was seen. Vanished: live, and gone from the API. Exact counts of known runs, of the last day of"
                + " the time range.")
        .unit("short")
        .whenEmpty("No run was restarted, reopened or lost in this range.")
        .fields(
            Field.of("restarts").color("blue"),
            Field.of("reopened").color("purple"),
            Field.of("superseded").color("orange"),
            Field.of("vanished").color("red"))
        .sql(
            """
            WITH restarted AS (
                    SELECT workflow, instance_id, min(run) AS first_run
                    FROM flowmeter.instances
                    WHERE <versions> AND run >= toUnixTimestamp64Milli($__toTime_ms - INTERVAL 7 DAY) AND (workflow, instance_id) IN (
                        SELECT workflow, instance_id FROM flowmeter.instances
                        WHERE <versions> AND NOT is_newest AND ended_at >= $__toTime_ms - INTERVAL 7 DAY)
                    GROUP BY workflow, instance_id
                ),
                happened AS (
                    SELECT i.queued_at AS at, 1 AS restarts, 0 AS reopenings, 0 AS superseded, 0 AS vanished
                    FROM (SELECT workflow, instance_id, run, queued_at FROM flowmeter.instances
                          WHERE <versions> AND run >= toUnixTimestamp64Milli(greatest($__fromTime_ms, $__toTime_ms - INTERVAL 1 DAY))
                            AND run <= toUnixTimestamp64Milli($__toTime_ms) AND $__timeFilter_ms(queued_at)) AS i
                    INNER JOIN restarted AS r ON i.workflow = r.workflow AND i.instance_id = r.instance_id
                    WHERE i.run > r.first_run
                    UNION ALL
                    SELECT ended_at AS at, 0, toInt64(reopened), end_kind = 'superseded', end_kind = 'vanished'
                    FROM flowmeter.instances
                    WHERE <versions> AND <last_day>
                      AND (reopened > 0 OR end_kind IN ('superseded', 'vanished'))
                )
            SELECT $__timeInterval(at) AS time, sum(h.restarts) AS restarts, sum(h.reopenings) AS reopened,
                   sum(h.superseded) AS superseded, sum(h.vanished) AS vanished
            FROM happened AS h
            GROUP BY time
            ORDER BY time
            """);
  }

  private static PanelBuilder pausedTime() {
    return PanelBuilder.bars("Paused time")
        .description(
            "For how long were runs paused? The time before changes out of the status paused, when they changed,"
                + " summed. As polls saw it: within a sweep's interval.")
        .unit("ms")
        .color("orange")
        .whenEmpty("No pause ended in this range.")
        .sql(
            """
            SELECT $__timeInterval(at) AS time, sum(previous_ms) AS paused
            FROM flowmeter.transitions
            WHERE <workflows> AND from_status = 'paused' AND $__timeFilter_ms(at)
            GROUP BY time
            ORDER BY time
            """);
  }

  /**
   * @param filter whose steps
   */
  static PanelBuilder eventWaits(String filter) {
    return Charts.quantiles(
        "Event wait latency",
        "How long do steps wait for events? Wall time of steps of type waitForEvent that ended, by an event or by"
            + " their timeout.",
        "wall_buckets",
        "<steps_by_time>",
        filter + " AND type = 'waitForEvent'");
  }

  private static PanelBuilder backlog() {
    return PanelBuilder.stat("Queue drain time")
        .description(
            "When is the queue empty? Drain time: runs queued now ÷ (starts − arrivals over the 15 whole minutes before the last sweep). Unknown"
                + " while no more runs start than arrive. 0 while none is queued.")
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

  private static PanelBuilder oldestPerStatus() {
    return PanelBuilder.table("Oldest run per status")
        .description(
            "Which live run has been in its status for longest? Live runs now, by status, and the one that has been in it for longest. A change that no poll"
                + " saw happen counts from the first poll after it.")
        .whenEmpty("No run is live now.")
        .columns("live_runs")
        .fields(
            Field.of("workflow").hidden(),
            Field.of("status").statuses().width(120),
            Field.of("oldest").link(Link.instance("oldest")),
            Field.of("since").unit("dateTimeAsIso").width(160),
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

  private static PanelBuilder longestAlive() {
    return PanelBuilder.table("Longest-running runs")
        .description(
            "What do the oldest live runs do? Live runs, oldest first. The current step, and the time in it, are as of the"
                + " last poll of the run. flowmeter sql stuck shows which are unusual.")
        .whenEmpty("No run is live now.")
        .columns("current_step")
        .fields(
            Field.of("workflow").hidden(),
            Field.of("instance_id").named("Instance").link(Link.instance("instance_id")),
            Field.of("status").statuses().width(110),
            Field.of("attempt").width(75),
            Field.of("age").unit("s").width(85),
            Field.of("time_in_step").unit("s").width(100))
        .sql(
            """
            SELECT workflow, instance_id, status,
                   dateDiff('second', coalesce(started_at, queued_at), now64(3)) AS age,
                   ifNull(current_step, '') AS current_step, current_attempt AS attempt,
                   dateDiff('second', current_since, detail_at) AS time_in_step
            FROM flowmeter.instances
            WHERE <workflows> AND <live> AND ended_at IS NULL
            ORDER BY age DESC
            LIMIT 50
            """);
  }

  private static PanelBuilder whereTimeGoes() {
    return PanelBuilder.bars("Step time breakdown")
        .description(
            "Where does the time of steps go? Summed time of steps that ended: attempts, backoffs between attempts, sleeps and waits for events. Other:"
                + " rollbacks, steps without reported attempts, and unknown types.")
        .unit("ms")
        .whenEmpty("No step ended in this range.")
        .fields(
            Field.of("attempts").color("blue"),
            Field.of("backoffs").color("orange"),
            Field.of("sleeps and waits").color("yellow"),
            Field.of("other").color("text"))
        .sql(
            """
            SELECT $__timeInterval(at) AS time,
                   sumIf(s.attempt_ms_sum, type = 'step') AS attempts,
                   sumIf(s.backoff_ms_sum, type = 'step') AS backoffs,
                   sumIf(s.wall_ms_sum, type IN ('sleep', 'waitForEvent')) AS `sleeps and waits`,
                   sumIf(s.wall_ms_sum, type NOT IN ('step', 'sleep', 'waitForEvent'))
                       + sumIf(s.wall_ms_sum - s.attempt_ms_sum - s.backoff_ms_sum, type = 'step') AS other
            FROM <steps_by_time> AS s
            WHERE <versions>
            GROUP BY time
            ORDER BY time
            """);
  }

  private static PanelBuilder versions() {
    return PanelBuilder.table("Version comparison")
        .description(
            "Is the newest version better than the ones before? Versions whose runs arrived or ended in the time range, newest first.")
        .whenEmpty("No run arrived or ended in this range.")
        .columns("arrivals", "ended", "errored")
        .fields(
            Field.of("workflow").hidden(),
            Field.of("version_id")
                .link(
                    Link.to(
                        UID,
                        "This version alone",
                        "var-workflow=${__data.fields.workflow:percentencode}",
                        "var-version=${__data.fields.version_id:percentencode}")),
            Field.of("deployed_at").named("Deployed").unit("dateTimeAsIso").width(160),
            Field.of("success_share")
                .named("Success rate")
                .unit("percentunit")
                .decimals(2)
                .thresholds(Thresholds.goodFrom(0.95, 0.99)),
            Field.of("retry_rate").unit("percentunit").decimals(2),
            Field.of("run_p50").unit("ms"),
            Field.of("run_p95").unit("ms"),
            Field.of("lost_each").named("Time lost per run").unit("ms").width(145))
        .sql(
            """
            SELECT r.workflow AS workflow, r.version_id AS version_id, v.created_at AS deployed_at,
                   arrivals, ended, success_share, errored, retry_rate, run_p50, run_p95, lost_each
            FROM (
                SELECT account_id, workflow, version_id,
                       sum(m.queued) AS arrivals,
                       sum(m.completed + m.errored + m.terminated) AS ended,
                       <<success_rate of runs_between m>> AS success_share,
                       sum(m.errored) AS errored,
                       <<retry_rate of runs_between m>> AS retry_rate,
                       flowmeter_quantile(sumMap(m.run_buckets) AS buckets, 0.50) AS run_p50,
                       flowmeter_quantile(buckets, 0.95) AS run_p95,
                       <<lost_per_run of runs_between m>> AS lost_each
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

  private static PanelBuilder regressions() {
    return PanelBuilder.table("Version regressions")
        .description(
            "In which steps is the newest version worse, beyond chance? The newest version against the one before, of those whose runs ended in the time range: the whole run, and each"
                + " step. p_fails and p_slower: how likely mere chance makes such a difference, corrected for the number"
                + " of tests of the workflow; below 0.05 it is worse.")
        .whenEmpty("There are no runs of two versions in this range to compare.")
        .columns("verdict", "old_version", "new_version", "old_runs", "new_runs")
        .fields(
            Field.of("workflow").hidden(),
            Field.of("step").link(Link.stepOf("step_or_all")),
            Field.of("step_or_all").hidden(),
            Field.of("old_failed").unit("percent").decimals(2),
            Field.of("new_failed").unit("percent").decimals(2),
            Field.of("p_fails")
                .named("p (failures)")
                .decimals(4)
                .thresholds(Thresholds.base("red").from(0.05, "text")),
            Field.of("old_p95").unit("ms"),
            Field.of("new_p95").unit("ms"),
            Field.of("p_slower")
                .named("p (durations)")
                .decimals(4)
                .thresholds(Thresholds.base("red").from(0.05, "text")))
        .sql(
            """
            SELECT workflow, step, if(step = '(run)', concat(char(36), '__all'), step) AS step_or_all, verdict, old_version, new_version,
                   old_times AS old_runs, new_times AS new_runs,
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
