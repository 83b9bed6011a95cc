package io.flowmeter.dashboards.pages;

/** Panels of more than one dashboard. */
final class Charts {

  private Charts() {}

  static PanelBuilder statusNow() {
    return PanelBuilder.stat("Instances by status")
        .description(
            "How many instances are in each status? Instances by the status of their newest run, as of the last sweep. It does not depend on"
                + " the time range.")
        .unit("locale")
        .whenEmpty("no instance yet")
        .eachRow()
        .statusSeries()
        .size(24, 3)
        .sql(
            """
            SELECT status, sum(count) AS instances
            FROM flowmeter.status_counts_now
            WHERE <workflows> AND count > 0
            GROUP BY status
            ORDER BY instances DESC
            """);
  }

  static PanelBuilder inFlightNow() {
    return PanelBuilder.stat("In flight")
        .description(
            "How many are in flight? Instances whose newest run has not ended: every status but complete, errored and"
                + " terminated. As of the last sweep.")
        .unit("short")
        .whenEmpty("none")
        .color("blue")
        .sql(
            """
            SELECT sum(count) AS in_flight
            FROM flowmeter.status_counts_now
            WHERE <workflows> AND status NOT IN ('complete', 'errored', 'terminated')
            """);
  }

  /**
   * @param filter whose runs
   */
  static PanelBuilder successShare(String filter) {
    return PanelBuilder.stat("Success rate")
        .description(
            "Which share succeeded? complete ÷ (complete + errored + terminated), of runs that ended in the time range.")
        .unit("percentunit")
        .decimals(2)
        .whenEmpty("no run ended")
        .thresholds(Thresholds.goodFrom(0.95, 0.99))
        .sql(
            """
            SELECT <<success_rate of runs_between>> AS success_share
            FROM <runs_between>
            WHERE %s
            """
                .formatted(filter));
  }

  /**
   * @param filter whose runs
   */
  static PanelBuilder retryRate(String filter) {
    return PanelBuilder.stat("Retry rate")
        .description(
            "How much is retried? Retry rate: retries ÷ attempts of steps of type step, of runs that ended in the time range.")
        .unit("percentunit")
        .decimals(2)
        .whenEmpty("no attempt")
        .thresholds(Thresholds.badFrom(0.1, 0.3))
        .sql(
            """
            SELECT <<retry_rate of runs_between r>> AS retry_rate
            FROM <runs_between> AS r
            WHERE %s
            """
                .formatted(filter));
  }

  /**
   * @param filter whose runs
   */
  static PanelBuilder lostTime(String filter) {
    return PanelBuilder.stat("Time lost to retries")
        .description(
            "How much time is lost? Lost time: that of failed attempts and of the waits between attempts, of runs that ended in"
                + " the time range.")
        .unit("ms")
        .decimals(1)
        .whenEmpty("none")
        .color("orange")
        .sql(
            """
            SELECT sum(r.lost_ms) AS lost_ms
            FROM <runs_between> AS r
            WHERE %s
            """
                .formatted(filter));
  }

  static PanelBuilder drift() {
    return PanelBuilder.stat("Status count drift")
        .description(
            "Do counts agree? Drift: how far Flowmeter's counts of live statuses are from what the API reports, summed"
                + " without sign, as of each workflow's last sweep. A sweep that was not complete, or during which"
                + " the API's own counts changed, has no drift.")
        .unit("short")
        .whenEmpty("not known yet")
        .thresholds(Thresholds.badFrom(1, 10))
        .sql(
            """
            SELECT sum(abs(drift)) AS drift
            FROM flowmeter.status_counts_now
            WHERE <present>
            """);
  }

  static PanelBuilder coverage() {
    return PanelBuilder.stat("Detail coverage")
        .description(
            "Which share is fetched? Coverage: runs that were fetched in full in the time range ÷ runs that became known to have ended,"
                + " vanished ones included, of all workflows of the account: over 100 % while it catches up. All are"
                + " counted; durations and retries rest on those that were fetched.")
        .unit("percentunit")
        .decimals(1)
        .whenEmpty("no run ended")
        .thresholds(Thresholds.goodFrom(0.5, 0.9))
        .sql(
            """
            SELECT <<detail_coverage of collector_minutes c>> AS coverage
            FROM flowmeter.collector_minutes AS c
            WHERE account_id = ${account:singlequote} AND $__timeFilter(minute)
            """);
  }

  static PanelBuilder age() {
    return PanelBuilder.stat("Sweep age")
        .description(
            "How old is what we see? Age of the last sweep, complete or not, of the workflow that was swept longest ago, of those selected"
                + " that were not deleted.")
        .unit("s")
        .whenEmpty("no sweep yet")
        .thresholds(Thresholds.badFrom(300, 1800))
        .sql(
            """
            SELECT dateDiff('second', min(as_of), now64(3)) AS age_s
            FROM flowmeter.status_counts_now
            WHERE <present>
            HAVING count() > 0
            """);
  }

  static PanelBuilder statusOverTime() {
    return PanelBuilder.areas("Live instances by status")
        .description(
            "How many instances were in each live status? Instances in flight, by status, at each point in time. A count holds until the next sweep"
                + " that saw a change, up to 30 days.")
        .unit("short")
        .whenEmpty("No instance was in flight in this range, or it was not swept yet.")
        .seriesBy("status")
        .statusSeries()
        .sql(
            """
            WITH
                toDateTime(intDiv(toUnixTimestamp($__fromTime), $__interval_s) * $__interval_s, 'UTC') AS first_point,
                known AS (
                    SELECT workflow, status,
                           greatest(first_point, toDateTime(intDiv(toUnixTimestamp(minute) + $__interval_s - 1, $__interval_s) * $__interval_s, 'UTC')) AS point,
                           argMax(count, minute) AS instances
                    FROM flowmeter.status_counts
                    WHERE <workflows> AND status NOT IN ('complete', 'errored', 'terminated')
                      AND minute >= $__fromTime - INTERVAL 30 DAY AND minute <= $__toTime
                    GROUP BY workflow, status, point
                ),
                changes AS (
                    SELECT status, point,
                           instances - lagInFrame(instances) OVER (PARTITION BY workflow, status ORDER BY point) AS more
                    FROM known
                ),
                sums AS (
                    SELECT status, point, sum(sum(more)) OVER (PARTITION BY status ORDER BY point) AS instances
                    FROM changes
                    GROUP BY status, point
                ),
                wanted AS (
                    SELECT status, first_point + number * $__interval_s AS time
                    FROM numbers(toUInt64(intDiv(toUnixTimestamp($__toTime) - toUnixTimestamp($__fromTime), $__interval_s) + 1)) AS points
                    CROSS JOIN (SELECT DISTINCT status FROM known) AS statuses
                    WHERE time <= now()
                )
            SELECT time, status, instances
            FROM wanted
            ASOF JOIN sums ON wanted.status = sums.status AND wanted.time >= sums.point
            ORDER BY time, status
            """);
  }

  /**
   * @param filter whose runs
   */
  static PanelBuilder throughput(String filter) {
    return PanelBuilder.bars("Runs by outcome")
        .description(
            "How many runs arrive, and how do they end? Runs that ended, by outcome, and arrivals, which are runs by the"
                + " time at which they were queued. Each point counts until the next one.")
        .unit("short")
        .whenEmpty("No run arrived or ended in this range.")
        .statusSeries()
        .fields(Field.of("arrivals").color("purple").line())
        .sql(
            """
            SELECT $__timeInterval(at) AS time,
                   sum(r.completed) AS complete,
                   sum(r.errored) AS errored,
                   sum(r.terminated) AS terminated,
                   sum(r.queued) AS arrivals
            FROM <runs_by_time> AS r
            WHERE %s
            GROUP BY time
            ORDER BY time
            """
                .formatted(filter));
  }

  /** Quantiles of a rollup's buckets over time. */
  static PanelBuilder quantiles(
      String question, String answeredBy, String buckets, String relation, String filter) {
    return PanelBuilder.lines(question)
        .description(answeredBy + " Within 1 % of the exact quantiles.")
        .unit("ms")
        .whenEmpty("Nothing ended in this range.")
        .fields(
            Field.of("p50").color("blue"),
            Field.of("p95").color("orange"),
            Field.of("p99").color("red"))
        .sql(
            """
            SELECT $__timeInterval(at) AS time,
                   flowmeter_quantile(sumMap(%1$s) AS buckets, 0.50) AS p50,
                   flowmeter_quantile(buckets, 0.95) AS p95,
                   flowmeter_quantile(buckets, 0.99) AS p99
            FROM %2$s
            WHERE %3$s
            GROUP BY time
            HAVING p50 IS NOT NULL
            ORDER BY time
            """
                .formatted(buckets, relation, filter));
  }

  /**
   * Versions beside each other over time.
   *
   * @param relation rollups by time, as {@code m}
   * @param value of a version's rollups
   * @param counted whether a point has a value
   */
  static PanelBuilder byVersion(
      String question,
      String answeredBy,
      String relation,
      String filter,
      String value,
      String name,
      String counted) {
    return PanelBuilder.lines(question)
        .description(answeredBy)
        .whenEmpty("Nothing ended in this range.")
        .seriesBy("version")
        .sql(
            """
            SELECT $__timeInterval(at) AS time,
                   if(version_id = '', '(unknown)', version_id) AS version,
                   %s AS %s
            FROM %s AS m
            WHERE %s
            GROUP BY time, version
            HAVING %s
            ORDER BY time, version
            """
                .formatted(value, name, relation, filter, counted));
  }

  /**
   * The latest runs that went wrong. Rollups show how far back it takes to find them.
   *
   * @param filter whose runs
   */
  static PanelBuilder latestErrors(String filter) {
    return PanelBuilder.table("Recent failures")
        .description(
            "What went wrong last? The latest runs of the time range that errored or were terminated. Choose an instance to"
                + " see what it did.")
        .whenEmpty("No run errored or was terminated in this range.")
        .columns("error_message")
        .fields(Field.of("error_name").width(150))
        .fields(Field.of("failed_step").width(140))
        .fields(
            Field.of("ended_at").unit("dateTimeAsIso").width(160),
            Field.of("workflow").width(140).link(Link.workflow()),
            Field.of("instance_id").named("Instance").width(180).link(Link.run("instance_id")),
            Field.of("run_id").hidden(),
            Field.of("status").statuses().width(110))
        .size(24, 9)
        .sql(
            """
            WITH (
                    SELECT min(at)
                    FROM (
                        SELECT at, sum(errored + terminated) AS n, sum(n) OVER (ORDER BY at DESC ROWS UNBOUNDED PRECEDING) AS until_now
                        FROM <runs_between>
                        WHERE %1$s
                        GROUP BY at)
                    WHERE until_now - n < 50
                ) AS far_enough_back
            SELECT ended_at, workflow, instance_id, status, failed_step, error_name, error_message, toString(run) AS run_id
            FROM flowmeter.instances
            WHERE %1$s AND status IN ('errored', 'terminated') AND ended_at >= far_enough_back
              AND run <= toUnixTimestamp64Milli($__toTime_ms) AND $__timeFilter_ms(ended_at)
            ORDER BY ended_at DESC
            LIMIT 50
            """
                .formatted(filter));
  }

  static PanelBuilder spikes() {
    return PanelBuilder.table("Error spikes")
        .description(
            "When did a workflow fail much more often than usual? Error spikes that were open in the time range: how many of how many runs errored, what was"
                + " usual, and how improbable that is: a score of 8 is one in 10^8.")
        .whenEmpty("No error spike in this range.")
        .columns("errored", "finished")
        .fields(
            Field.of("workflow").link(Link.workflow()),
            Field.of("opened_at").unit("dateTimeAsIso").width(160),
            Field.of("closed_at").unit("dateTimeAsIso").width(160),
            Field.of("observed_share").named("Error rate").unit("percentunit").decimals(1),
            Field.of("baseline_share").named("Usual error rate").unit("percentunit").decimals(1),
            Field.of("score").decimals(1))
        .sql(
            """
            SELECT workflow, opened_at, closed_at, errored, finished, observed_share, baseline_share, score
            FROM flowmeter.error_spikes
            WHERE <workflows> AND opened_at <= $__toTime_ms AND ifNull(closed_at, now64(3, 'UTC')) >= $__fromTime_ms
            ORDER BY opened_at DESC
            LIMIT 50
            """);
  }

  /**
   * @param filter which groups
   */
  static PanelBuilder errorGroups(String filter) {
    return PanelBuilder.table("Error groups")
        .description(
            "Which errors are there, and since when? Errors of runs, those that differ in ids and numbers only being one group, seen in the time"
                + " range. Runs are counted since it was first seen. Choose the sample to see a run that had it.")
        .whenEmpty("No run errored in this range.")
        .columns("message_pattern")
        .fields(Field.of("versions").width(120))
        .fields(Field.of("runs").width(70))
        .fields(Field.of("error_name").width(130))
        .fields(
            Field.of("workflow").width(130).link(Link.workflow()),
            Field.of("step").width(130).link(Link.step()),
            Field.of("first_seen").unit("dateTimeAsIso").width(160),
            Field.of("last_seen").unit("dateTimeAsIso").width(160),
            Field.of("sample").named("Sample").width(130).link(Link.run("sample")),
            Field.of("run_id").hidden())
        .size(24, 9)
        .sql(
            """
            SELECT workflow, step, error_name, message_pattern, runs, first_seen, last_seen,
                   arrayStringConcat(g.versions, ', ') AS versions, sample_instance_id AS sample, toString(sample_run) AS run_id
            FROM flowmeter.error_groups AS g
            WHERE %s AND last_seen >= $__fromTime_ms AND first_seen <= $__toTime_ms
            ORDER BY runs DESC, last_seen DESC
            LIMIT 50
            """
                .formatted(filter));
  }

  /** A workflow's deploys, for charts to show what changed with them. */
  static DashboardBuilder deploys(DashboardBuilder dashboard) {
    return dashboard.marking(
        "Deploys",
        "purple",
        """
        SELECT created_at AS time, concat('deploy of ', workflow, ': ', version_id) AS text
        FROM flowmeter.versions
        WHERE <workflows> AND created_at >= $__fromTime_ms AND created_at <= $__toTime_ms
        ORDER BY time
        LIMIT 200
        """);
  }
}
