package io.flowmeter.dashboards.pages;

/** Panels that judge workflows by what was promised: objectives, limits and costs. */
final class ServiceLevels {

  private ServiceLevels() {}

  static PanelBuilder errorBudget() {
    return PanelBuilder.table("Error budget burn rate")
        .description(
            "How fast does each error budget burn, and how much is left? Burn rate: (errored + terminated runs ÷ ended"
                + " runs) ÷ (1 − objective), over the last hour and the last 6 hours; 1 uses up a budget in exactly"
                + " its period. Budget left: 1 − the same over 30 days. It does not depend on the time range; the"
                + " alerts use the objective of the setting slo.objective.")
        .whenEmpty("No run ended in the last 30 days.")
        .fields(
            Field.of("workflow").link(Link.workflow()),
            Field.of("burn_1h").named("Burn rate 1 h").decimals(2).thresholds(burning(14.4)),
            Field.of("burn_6h").named("Burn rate 6 h").decimals(2).thresholds(burning(6)),
            Field.of("budget_left")
                .named("Budget left, 30 d")
                .width(140)
                .unit("percentunit")
                .decimals(1)
                .thresholds(Thresholds.goodFrom(0, 0.25)),
            Field.of("ended_30d").named("Ended, 30 d").unit("locale"))
        .size(12, 8)
        .sql(
            """
            WITH toFloat64(${objective:singlequote}) AS objective
            SELECT workflow,
                   rate_1h / (1 - objective) AS burn_1h,
                   rate_6h / (1 - objective) AS burn_6h,
                   1 - rate_30d / (1 - objective) AS budget_left,
                   ended_30d
            FROM (
                SELECT account_id, workflow, <<bad_run_rate of runs_between r>> AS rate_30d,
                       sum(r.completed + r.errored + r.terminated) AS ended_30d
                FROM flowmeter.runs_between(since = now('UTC') - INTERVAL 30 DAY, until = now('UTC'), every = 0) AS r
                WHERE <workflows>
                GROUP BY account_id, workflow
                HAVING ended_30d > 0
            ) AS month
            LEFT JOIN (SELECT * FROM flowmeter.bad_run_rates WHERE <workflows>) AS lately USING (account_id, workflow)
            ORDER BY budget_left, workflow
            LIMIT 200
            """);
  }

  private static Thresholds burning(double fast) {
    return Thresholds.base("green").from(1, "orange").from(fast, "red");
  }

  static PanelBuilder saturation() {
    return PanelBuilder.stat("Concurrency saturation")
        .description(
            "How much of the plan's limit is in use? Running instances of all workflows of the account ÷ the setting"
                + " plan.running.limit, as of the last sweep. Instances that sleep, wait or are paused do not count.")
        .unit("percentunit")
        .decimals(2)
        .whenEmpty("not swept yet")
        .thresholds(Thresholds.badFrom(0.5, 0.8))
        .sql(
            """
            SELECT sum(count) / (SELECT any(running_limit) FROM flowmeter.settings) AS saturation
            FROM flowmeter.status_counts_now
            WHERE account_id = ${account:singlequote} AND status = 'running'
            """);
  }

  static PanelBuilder retrySpend() {
    return PanelBuilder.table("Week over week")
        .description(
            "What do failures and retries cost in step time, this week against the week before? Time lost to failed"
                + " attempts and backoffs, and its share of the steps' wall time. It does not depend on the time"
                + " range.")
        .whenEmpty("No step ended in the last 14 days.")
        .fields(
            Field.of("workflow").link(Link.workflow()),
            Field.of("lost_now").named("Time lost, 7 d").unit("ms"),
            Field.of("lost_before").named("Week before").unit("ms"),
            Field.of("share_now").named("Lost share, 7 d").unit("percentunit").decimals(1),
            Field.of("share_before").named("Share before").unit("percentunit").decimals(1))
        .size(12, 8)
        .sql(
            """
            SELECT workflow,
                   sumIf(s.lost_ms, is_new) AS lost_now,
                   sumIf(s.lost_ms, NOT is_new) AS lost_before,
                   <<lost_share of steps_between s if is_new>> AS share_now,
                   <<lost_share of steps_between s if NOT is_new>> AS share_before
            FROM (
                SELECT workflow, lost_ms, wall_ms_sum, true AS is_new
                FROM flowmeter.steps_between(since = now('UTC') - INTERVAL 7 DAY, until = now('UTC'), every = 0)
                WHERE <workflows> AND type = 'step'
                UNION ALL
                SELECT workflow, lost_ms, wall_ms_sum, false AS is_new
                FROM flowmeter.steps_between(since = now('UTC') - INTERVAL 14 DAY, until = now('UTC') - INTERVAL 7 DAY, every = 0)
                WHERE <workflows> AND type = 'step'
            ) AS s
            GROUP BY workflow
            ORDER BY lost_now DESC, workflow
            LIMIT 200
            """);
  }

  /** The mean time to recovery, over the runs of a workflow. */
  static PanelBuilder mttr() {
    return PanelBuilder.stat("MTTR")
        .description(
            "How long does it take to complete a run again after one errored? The mean over outages that are over: from"
                + " the first errored run after a completed one to the next completed one, of runs that ended in the"
                + " last day of the time range. Terminated runs count as neither.")
        .unit("ms")
        .decimals(1)
        .whenEmpty("no outage ended")
        .color("blue")
        .sql(
            """
            SELECT avgOrNull(dateDiff('millisecond', began_at, recovered_at)) AS mttr_ms
            FROM (
                SELECT minIf(ended_at, status = 'errored') AS began_at, maxIf(ended_at, status = 'complete') AS recovered_at
                FROM (
                    SELECT workflow, ended_at, status,
                           countIf(status = 'complete') OVER (
                               PARTITION BY workflow ORDER BY ended_at, run, instance_id
                               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS completed_before
                    FROM flowmeter.instances
                    WHERE <versions> AND status IN ('complete', 'errored') AND <last_day>
                )
                GROUP BY workflow, completed_before
                HAVING countIf(status = 'errored') > 0 AND countIf(status = 'complete') > 0
            )
            """);
  }
}
