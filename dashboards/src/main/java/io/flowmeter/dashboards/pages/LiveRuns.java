package io.flowmeter.dashboards.pages;

/** Panels of runs that have not ended, shown on more than one dashboard. */
final class LiveRuns {

  private LiveRuns() {}

  static PanelBuilder retrying() {
    return PanelBuilder.table("Retrying runs")
        .description(
            "Which runs are retrying a step now? Live runs whose current step has more than one attempt, as of their"
                + " last detail. Allowed: the attempts that the step's configuration allows, if it ended in the last"
                + " day. It does not depend on the time range.")
        .whenEmpty("No run is retrying a step.")
        .fields(
            Field.of("workflow").link(Link.workflow()).width(150),
            Field.of("instance_id").named("Instance").link(Link.run("instance_id")),
            Field.of("run_id").hidden(),
            Field.of("step").link(Link.step()),
            Field.of("attempt").width(80),
            Field.of("allowed").width(80),
            Field.of("since").unit("dateTimeAsIso").width(160))
        .size(24, 5)
        .sql(
            """
            SELECT workflow, instance_id, step, attempt, allowed, since, toString(run) AS run_id
            FROM flowmeter.retrying_runs
            WHERE <workflows>
            ORDER BY attempt DESC, since
            LIMIT 50
            """);
  }

  static PanelBuilder stuck() {
    return PanelBuilder.table("Stuck runs")
        .description(
            "Which runs are stuck? Live runs that are in a step for more than 3 × its p99 of the last week, and for"
                + " more than 5 s. A step needs 50 known runs to be judged; sleeps are not."
                + " The alert has the same definition. It does not depend on the time range.")
        .whenEmpty("No run is stuck.")
        .fields(
            Field.of("workflow").link(Link.workflow()).width(150),
            Field.of("instance_id").named("Instance").link(Link.run("instance_id")),
            Field.of("run_id").hidden(),
            Field.of("step").link(Link.step()),
            Field.of("time_in_step").unit("ms").width(100),
            Field.of("p99").named("Usual p99").unit("ms").width(90),
            Field.of("since").unit("dateTimeAsIso").width(160))
        .size(24, 5)
        .sql(
            """
            SELECT workflow, instance_id, step, in_step_ms AS time_in_step, p99_ms AS p99, since, toString(run) AS run_id
            FROM flowmeter.stuck_runs
            WHERE <workflows>
            ORDER BY in_step_ms / p99_ms DESC
            LIMIT 50
            """);
  }

  static PanelBuilder waitingForEvents() {
    return PanelBuilder.table("Runs waiting for events")
        .description(
            "Which runs wait for an event now, and since when? Live runs whose current step is of type waitForEvent,"
                + " as of their last detail, the longest wait first. It does not depend on the time range.")
        .whenEmpty("No run waits for an event.")
        .fields(
            Field.of("workflow").hidden(),
            Field.of("instance_id").named("Instance").link(Link.run("instance_id")),
            Field.of("run_id").hidden(),
            Field.of("step").link(Link.step()),
            Field.of("since").unit("dateTimeAsIso").width(160),
            Field.of("waiting").unit("s").width(100))
        .size(12, 8)
        .sql(
            """
            SELECT workflow, instance_id, ifNull(current_step, '') AS step, current_since AS since,
                   dateDiff('second', current_since, now64(3)) AS waiting, toString(run) AS run_id
            FROM flowmeter.instances
            WHERE <workflows> AND <live> AND current_type = 'waitForEvent'
            ORDER BY waiting DESC
            LIMIT 50
            """);
  }

  static PanelBuilder inFlight() {
    return PanelBuilder.lines("Runs in flight")
        .description(
            "How many runs were in flight at each moment? Runs queued by then that had not ended and were not"
                + " superseded or vanished. Exact, from the API's timestamps, unlike the counts of the sweeps. Runs"
                + " queued more than 30 days before the time range are not counted.")
        .unit("short")
        .whenEmpty("No run was in flight in this range.")
        .color("blue")
        .sql(
            """
            WITH known AS (
                    SELECT queued_at, if(end_kind = '', NULL, ended_at) AS gone_at, end_kind
                    FROM flowmeter.instances
                    WHERE <workflows> AND queued_at <= $__toTime_ms
                      AND run >= toUnixTimestamp64Milli($__fromTime_ms - INTERVAL 30 DAY)
                      AND run <= toUnixTimestamp64Milli($__toTime_ms)
                      AND (end_kind = '' OR ended_at >= $__fromTime_ms)
                ),
                changes AS (
                    SELECT greatest(toDateTime(intDiv(toUnixTimestamp64Milli(change.1), 1000 * $__interval_s) * $__interval_s, 'UTC'),
                                    toDateTime(intDiv(toUnixTimestamp($__fromTime), $__interval_s) * $__interval_s, 'UTC')) AS time,
                           sum(change.2) AS more
                    FROM (
                        SELECT arrayJoin(arrayFilter(c -> c.1 <= $__toTime_ms,
                                   [(assumeNotNull(queued_at), 1), (ifNull(gone_at, toDateTime64('2100-01-01 00:00:00', 3, 'UTC')), -1)])) AS change
                        FROM known
                    )
                    GROUP BY time
                )
            SELECT time, sum(more) OVER (ORDER BY time) AS `in flight`
            FROM changes
            ORDER BY time
            """);
  }
}
