package io.flowmeter.dashboards.pages;

/** Flowmeter itself: whether it is fresh, complete, and within its request budget. */
final class HealthPage {

  static final String UID = "flowmeter-health";

  private HealthPage() {}

  static DashboardBuilder page() {
    return DashboardBuilder.of(
            UID,
            "Flowmeter: pipeline health",
            "Whether Flowmeter itself is well: its request budget, what was fetched of what is known, how fresh"
                + " rows are, what was lost and why, and whether its counts agree with the API's.")
        .choosing(Variable.account(), Variable.workflows())
        .row(
            "Current state",
            Charts.age().size(6, 3),
            Charts.drift().size(6, 3),
            Charts.coverage().size(6, 3),
            lastMinute(),
            budgetLeft(),
            total(
                "429 responses",
                "How many requests were rejected? Responses with status 429 in the time range: the account's limit was used"
                    + " up, by Flowmeter or another tool.",
                "rejected_429",
                Thresholds.badFrom(1, 100)),
            total(
                "Failed requests",
                "How many requests failed otherwise? Responses with status 5xx, resets and truncated responses in the time"
                    + " range.",
                "failed",
                Thresholds.badFrom(10, 1000)),
            total(
                "Dead letters",
                "How many dead letters? Records that were published to the dead-letter topic in the time range. Each has its cause in its headers.",
                "dead_letters",
                Thresholds.base("green").from(1, "red")))
        .row("Collector", requests(), budget(), fetched(), lost())
        .row("Freshness", freshness(), sweeps(), driftOverTime(), passedOver())
        .row("Stream processing", lag(), written(), stores(), failures());
  }

  private static PanelBuilder lastMinute() {
    return PanelBuilder.stat("Collector heartbeat")
        .description(
            "Is the collector alive? Time since the last minute in which most of its requests got a response. If its token"
                + " expired, the collector still runs, but its requests fail.")
        .unit("s")
        .whenEmpty("never")
        .size(6, 3)
        .thresholds(Thresholds.badFrom(180, 600))
        .sql(
            """
            SELECT dateDiff('second', max(minute), now()) AS age_s
            FROM flowmeter.collector_minutes
            WHERE account_id = ${account:singlequote} AND minute >= now() - INTERVAL 7 DAY
              AND requests > 2 * (rejected_429 + failed)
            HAVING count() > 0
            """);
  }

  private static PanelBuilder budgetLeft() {
    return PanelBuilder.stat("Request budget left")
        .description(
            "How many requests are left? What was left of Flowmeter's share of the account's limit at the last request of"
                + " the last minute.")
        .unit("short")
        .whenEmpty("not known")
        .size(6, 3)
        .thresholds(Thresholds.base("red").from(10, "orange").from(50, "green"))
        .sql(
            """
            SELECT argMax(c.budget_left, minute) AS requests_left
            FROM flowmeter.collector_minutes AS c
            WHERE account_id = ${account:singlequote} AND $__timeFilter(minute) AND budget_left IS NOT NULL
            """);
  }

  private static PanelBuilder total(
      String question, String answeredBy, String column, Thresholds thresholds) {
    return PanelBuilder.stat(question)
        .description(answeredBy)
        .unit("short")
        .whenEmpty("none")
        .size(6, 3)
        .thresholds(thresholds)
        .sql(
            """
            SELECT sum(c.%1$s) AS %1$s
            FROM flowmeter.collector_minutes AS c
            WHERE account_id = ${account:singlequote} AND $__timeFilter(minute)
            """
                .formatted(column));
  }

  private static PanelBuilder requests() {
    return PanelBuilder.bars("API requests by outcome")
        .description(
            "How many requests are made, and how many fail? Requests per minute, by outcome: a response, a response with"
                + " status 429, or a failure.")
        .unit("short")
        .whenEmpty(
            "The collector made no request in this range. Does it run? Run flowmeter doctor.")
        .fields(
            Field.of("succeeded").color("blue"),
            Field.of("rejected").color("orange"),
            Field.of("failed").color("red"))
        .sql(
            """
            SELECT $__timeInterval(minute) AS time,
                   60 / $__interval_s * sum(c.requests - c.rejected_429 - c.failed) AS succeeded,
                   60 / $__interval_s * sum(c.rejected_429) AS rejected,
                   60 / $__interval_s * sum(c.failed) AS failed
            FROM flowmeter.collector_minutes AS c
            WHERE account_id = ${account:singlequote} AND $__timeFilter(minute)
            GROUP BY time
            ORDER BY time
            """);
  }

  private static PanelBuilder budget() {
    return PanelBuilder.lines("Minimum request budget")
        .description(
            "Is the request budget kept? The minimum left of Flowmeter's share of the account's limit, at the last request of a minute. At 0 the"
                + " collector waits.")
        .unit("short")
        .color("green")
        .whenEmpty("The collector made no request in this range.")
        .sql(
            """
            SELECT $__timeInterval(minute) AS time, min(c.budget_left) AS `requests left`
            FROM flowmeter.collector_minutes AS c
            WHERE account_id = ${account:singlequote} AND $__timeFilter(minute) AND budget_left IS NOT NULL
            GROUP BY time
            ORDER BY time
            """);
  }

  private static PanelBuilder fetched() {
    return PanelBuilder.lines("Known and fetched runs")
        .description(
            "Is all fetched that is known to have ended? Ended runs that became known, and ended runs that were fetched in full for the first time.")
        .unit("short")
        .whenEmpty("No run ended in this range.")
        .fields(Field.of("known").color("purple"), Field.of("fetched").color("green"))
        .sql(
            """
            SELECT $__timeInterval(minute) AS time, sum(c.known) AS known, sum(c.fetched) AS fetched
            FROM flowmeter.collector_minutes AS c
            WHERE account_id = ${account:singlequote} AND $__timeFilter(minute)
            GROUP BY time
            ORDER BY time
            """);
  }

  private static PanelBuilder lost() {
    return PanelBuilder.bars("Lost runs by reason")
        .description(
            "What will never be fetched, and why? Ended runs that are counted but never fetched: sampled out, restarted"
                + " before they were fetched, or vanished from the API.")
        .unit("short")
        .whenEmpty("No minute of the collector is known in this range.")
        .fields(
            Field.of("sampled out").color("blue"),
            Field.of("restarted").color("orange"),
            Field.of("vanished").color("red"))
        .sql(
            """
            SELECT $__timeInterval(minute) AS time,
                   sum(c.lost_sampled_out) AS `sampled out`,
                   sum(c.lost_restarted) AS restarted,
                   sum(c.lost_vanished) AS vanished
            FROM flowmeter.collector_minutes AS c
            WHERE account_id = ${account:singlequote} AND $__timeFilter(minute)
            GROUP BY time
            ORDER BY time
            """);
  }

  private static PanelBuilder freshness() {
    return PanelBuilder.lines("Data freshness")
        .description(
            "How long after its end is a run here? Freshness: when the row was written − when the run ended, of runs fetched in full. Of the last day of"
                + " the time range. A run that changed again counts up to its last change.")
        .unit("ms")
        .whenEmpty("No run that was fetched in full ended in the last day of this range.")
        .fields(
            Field.of("p50").color("blue"),
            Field.of("p95").color("orange"),
            Field.of("p99").color("red"))
        .sql(
            """
            SELECT $__timeInterval(ended_at) AS time,
                   quantile(0.50)(dateDiff('millisecond', ended_at, inserted_at)) AS p50,
                   quantile(0.95)(dateDiff('millisecond', ended_at, inserted_at)) AS p95,
                   quantile(0.99)(dateDiff('millisecond', ended_at, inserted_at)) AS p99
            FROM flowmeter.instances
            WHERE <workflows> AND <last_day> AND weight > 0 AND end_kind = 'api'
            GROUP BY time
            ORDER BY time
            """);
  }

  private static PanelBuilder sweeps() {
    return PanelBuilder.table("Sweep status by workflow")
        .description(
            "When was each workflow swept last, and did the counts agree? The last sweep, complete or not, of each workflow that was not deleted, its drift summed without sign,"
                + " and how many sweeps running had one.")
        .whenEmpty("No workflow was swept yet. Does the collector run? Run flowmeter doctor.")
        .fields(
            Field.of("workflow").width(140).link(Link.workflow()),
            Field.of("as_of").unit("dateTimeAsIso").width(155),
            Field.of("instances").width(85),
            Field.of("age").unit("s").width(90).thresholds(Thresholds.badFrom(300, 1800)),
            Field.of("drift").thresholds(Thresholds.badFrom(1, 10)).width(50),
            Field.of("drift_sweeps").thresholds(Thresholds.badFrom(1, 3)))
        .sql(
            """
            SELECT workflow,
                   max(n.as_of) AS as_of,
                   dateDiff('second', as_of, now64(3)) AS age,
                   sum(n.count) AS instances,
                   ifNull(sum(abs(n.drift)), 0) AS drift,
                   max(n.drift_sweeps) AS drift_sweeps
            FROM flowmeter.status_counts_now AS n
            WHERE <present>
            GROUP BY workflow
            ORDER BY drift_sweeps DESC, age DESC
            LIMIT 500
            """);
  }

  private static PanelBuilder driftOverTime() {
    return PanelBuilder.lines("Drift by status")
        .description(
            "When did our counts differ from the API's? Drift: how far our counts are from what the API reports, by live status, summed over workflows without"
                + " sign, each at its maximum, in the minutes in which something changed and a sweep could measure it.")
        .unit("short")
        .whenEmpty("No sweep of this range could measure drift.")
        .seriesBy("status")
        .statusSeries()
        .sql(
            """
            SELECT time, status, sum(most) AS drift
            FROM (
                SELECT $__timeInterval(minute) AS time, workflow, status, max(abs(drift)) AS most
                FROM flowmeter.status_counts
                WHERE <workflows> AND $__timeFilter(minute) AND drift IS NOT NULL
                GROUP BY time, workflow, status
            )
            GROUP BY time, status
            ORDER BY time, status
            """);
  }

  private static PanelBuilder passedOver() {
    return PanelBuilder.bars("Unprocessed records")
        .description(
            "What could not be processed? Skipped rows: list rows without ID or status. Late: observed statuses that arrived"
                + " after the grace period. Dead letters: records that could not be processed.")
        .unit("short")
        .whenEmpty("No minute of the collector is known in this range.")
        .fields(
            Field.of("skipped rows").color("blue"),
            Field.of("late").color("orange"),
            Field.of("dead letters").color("red"))
        .sql(
            """
            SELECT $__timeInterval(minute) AS time,
                   sum(c.skipped_rows) AS `skipped rows`,
                   sum(c.late_ignored) AS late,
                   sum(c.dead_letters) AS `dead letters`
            FROM flowmeter.collector_minutes AS c
            WHERE account_id = ${account:singlequote} AND $__timeFilter(minute)
            GROUP BY time
            ORDER BY time
            """);
  }

  private static PanelBuilder lag() {
    return ofStream(
            PanelBuilder.lines("Consumer lag"),
            "max(s.topology_lag) AS topology, max(s.writer_lag) AS writer")
        .description(
            "Are the topology and the writer behind? Records that the topology had not read, and records that the writer had"
                + " not written, at the end of a minute, over all processes. Of all accounts.")
        .unit("short")
        .fields(Field.of("topology").color("blue"), Field.of("writer").color("orange"));
  }

  private static PanelBuilder written() {
    return ofStream(
            PanelBuilder.bars("Rows written per minute"),
            "60 / $__interval_s * sum(s.rows_written) AS `rows per minute`")
        .description(
            "How many rows are written? Rows written into ClickHouse per minute, by all processes. Of all accounts.")
        .unit("short")
        .color("green");
  }

  private static PanelBuilder stores() {
    return ofStream(PanelBuilder.lines("State store size"), "max(s.store_bytes) AS `on disk`")
        .description(
            "How large is the topology's state? Bytes of the topology's stores on disk, over all processes. Of all accounts.")
        .unit("bytes")
        .color("purple");
  }

  private static PanelBuilder failures() {
    return ofStream(
            PanelBuilder.bars("Processes and thread failures"),
            "max(s.processes) AS processes, sum(s.failures) AS `failed threads`")
        .description(
            "Do processes stay up? Processes that derive and write, and threads of their topology that failed and were replaced. Of all"
                + " accounts.")
        .unit("short")
        .fields(
            Field.of("processes").color("blue").line(), Field.of("failed threads").color("red"));
  }

  private static PanelBuilder ofStream(PanelBuilder panel, String values) {
    return panel
        .whenEmpty("No process reported in this range. Does flowmeter stream run?")
        .size(12, 7)
        .sql(
            """
            SELECT $__timeInterval(minute) AS time, %s
            FROM flowmeter.stream_minutes AS s
            WHERE $__timeFilter(minute)
            GROUP BY time
            ORDER BY time
            """
                .formatted(values));
  }
}
