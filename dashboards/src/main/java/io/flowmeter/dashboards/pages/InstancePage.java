package io.flowmeter.dashboards.pages;

/** One instance: what it did, step by step, and what went wrong. */
final class InstancePage {

  static final String UID = "flowmeter-instance";

  /** The instance's run that is looked at; the key comes first, so that few rows are read. */
  private static final String THIS_RUN =
      "account_id = ${account:singlequote} AND workflow = ${workflow:singlequote}"
          + " AND run = toInt64OrZero(${run:singlequote}) AND instance_id = ${instance:singlequote}";

  private static final String NO_SUCH = "No such run. Choose an instance, or paste its id.";

  private InstancePage() {}

  static DashboardBuilder page() {
    return DashboardBuilder.of(
            UID,
            "Flowmeter: instance",
            "One run of one instance: its waterfall with attempts, backoffs and waits, its transitions,"
                + " and its error. Live runs too.")
        .choosing(Variable.account(), Variable.workflow(), Variable.instance(), Variable.run())
        .row(
            "Run summary",
            text("Status", "In which status is it? Status of the run, as last seen.", "status")
                .statuses()
                .size(6, 4),
            duration(
                "Total duration",
                "How long did it take? Total time: from queued to its end; of a live run, until now.",
                "multiIf(total_ms IS NOT NULL, total_ms, end_kind = '', dateDiff('millisecond', queued_at, now64(3)),"
                    + " dateDiff('millisecond', queued_at, ended_at))",
                "total_ms"),
            duration(
                "Queue latency",
                "How long was it queued? Queue time: from queued to started.",
                "queue_ms",
                "queue_ms"),
            duration(
                "Active time",
                "How long was it at work? Active time: run time without sleeps, waits for events and backoffs, as far as no attempt ran"
                    + " beside them. Known once the run has ended.",
                "active_ms",
                "active_ms"),
            duration(
                "Sleep and event wait",
                "How long did it wait? Sleeps and waits for events, summed; side by side they may exceed the total. Known once the run has ended.",
                "sleep_ms + event_wait_ms",
                "waited_ms"),
            duration(
                "Time lost to retries",
                "How much time was lost? Lost time: failed attempts and the waits between attempts. Known once the run has ended.",
                "lost_ms",
                "lost_ms"),
            text(
                    "Failed step",
                    "Which step failed? Failed step of the run: the one that ended it. None if no step did.",
                    "if(ifNull(failed_step, '') = '', 'none', assumeNotNull(failed_step))")
                .color("red")
                .calm("none")
                .size(12, 4))
        .row("Execution", waterfall().size(24, 16))
        .row("Details", steps(), transitions(), error(), runs());
  }

  private static PanelBuilder duration(
      String question, String answeredBy, String value, String name) {
    return PanelBuilder.stat(question)
        .description(answeredBy)
        .unit("ms")
        .whenEmpty("not known")
        .color("blue")
        .size(6, 4)
        .sql("SELECT %s AS %s FROM flowmeter.instances WHERE %s".formatted(value, name, THIS_RUN));
  }

  private static PanelBuilder text(String question, String answeredBy, String value) {
    return PanelBuilder.stat(question)
        .description(answeredBy)
        .unit("string")
        .whenEmpty("no such run")
        .asText()
        .sql("SELECT %s AS value FROM flowmeter.instances WHERE %s".formatted(value, THIS_RUN));
  }

  private static PanelBuilder waterfall() {
    return PanelBuilder.waterfall("Run waterfall")
        .description(
            "What did it do, and when? The run with its time in the queue, its steps, their attempts, and the backoffs between them."
                + " What is not over yet ends now.")
        .whenEmpty(NO_SUCH)
        .sql(
            """
            WITH (SELECT ifNull(max(ended_at), now64(3, 'UTC')) FROM flowmeter.instances WHERE %1$s) AS run_end
            SELECT ${instance:singlequote} AS traceID,
                   span.1 AS spanID,
                   span.2 AS parentSpanID,
                   span.3 AS operationName,
                   span.4 AS serviceName,
                   span.5 AS startTime,
                   toFloat64(greatest(dateDiff('millisecond', span.5, span.6), 0)) AS duration,
                   arrayMap(t -> map('key', t.1, 'value', t.2), arrayFilter(t -> t.2 != '', span.7)) AS tags,
                   [map('key', 'workflow', 'value', ${workflow:singlequote})] AS serviceTags,
                   span.8 AS statusCode
            FROM (
                SELECT ('run', '', concat('run: ', toString(status)), 'run',
                        assumeNotNull(queued_at), run_end,
                        [('status', toString(status)), ('version', toString(version_id)), ('trigger', toString(trigger_source)),
                         ('error', concat(ifNull(toString(error_name), ''), if(error_message IS NULL, '', ': '), ifNull(error_message, '')))],
                        if(status = 'errored', 2, 0)) AS span
                FROM flowmeter.instances
                WHERE %1$s AND queued_at IS NOT NULL
                UNION ALL
                SELECT ('queue', 'run', 'in the queue', 'wait',
                        assumeNotNull(queued_at), ifNull(started_at, run_end),
                        CAST([('', '')], 'Array(Tuple(String, String))'), 0) AS span
                FROM flowmeter.instances
                WHERE %1$s AND queued_at IS NOT NULL
                UNION ALL
                SELECT (concat('step ', toString(step_index)), 'run', if(step_name = '', toString(type), step_name),
                        if(type IN ('sleep', 'waitForEvent'), 'wait', 'step'),
                        assumeNotNull(started_at), ifNull(ended_at, run_end),
                        [('outcome', toString(outcome)), ('type', toString(type)), ('attempts', ifNull(toString(attempts), '')),
                         ('retry limit', ifNull(toString(retry_limit), '')),
                         ('error', concat(ifNull(toString(error_name), ''), if(error_message IS NULL, '', ': '), ifNull(error_message, '')))],
                        if(outcome IN ('failed', 'timed_out'), 2, 0)) AS span
                FROM flowmeter.step_runs
                WHERE %1$s AND started_at IS NOT NULL
                UNION ALL
                SELECT (concat('attempt ', toString(step_index), '.', toString(attempt)), concat('step ', toString(step_index)),
                        concat('attempt ', toString(attempt)), if(ifNull(success, true), 'attempt', 'failed attempt'),
                        assumeNotNull(started_at), ifNull(ended_at, run_end),
                        [('outcome', multiIf(success IS NULL, 'unfinished', success, 'succeeded', 'failed')),
                         ('error', concat(ifNull(toString(error_name), ''), if(error_message IS NULL, '', ': '), ifNull(error_message, '')))],
                        if(ifNull(success, true), 0, 2)) AS span
                FROM flowmeter.step_attempts
                WHERE %1$s AND started_at IS NOT NULL
                UNION ALL
                SELECT (concat('backoff ', toString(step_index), '.', toString(attempt)), concat('step ', toString(step_index)),
                        concat('backoff before attempt ', toString(attempt)), 'backoff',
                        subtractMilliseconds(assumeNotNull(started_at), assumeNotNull(backoff_before_ms)), assumeNotNull(started_at),
                        CAST([('', '')], 'Array(Tuple(String, String))'), 0) AS span
                FROM flowmeter.step_attempts
                WHERE %1$s AND started_at IS NOT NULL AND backoff_before_ms > 0
                UNION ALL
                SELECT ('current', 'run', concat(ifNull(current_step, ''), ' (now)'), 'live',
                        assumeNotNull(current_since), now64(3, 'UTC'),
                        [('type', ifNull(toString(current_type), '')), ('attempt', ifNull(toString(current_attempt), '')),
                         ('as of', ifNull(toString(detail_at), ''))],
                        0) AS span
                FROM flowmeter.instances
                WHERE %1$s AND end_kind = '' AND current_since IS NOT NULL
            )
            ORDER BY startTime, duration DESC, spanID
            """
                .formatted(THIS_RUN));
  }

  private static PanelBuilder steps() {
    return PanelBuilder.table("Steps")
        .description(
            "Which steps did it take? Steps in the order of the run: wall time from start to end, and how much of it was in attempts and in the"
                + " waits between them.")
        .whenEmpty("No step of this run is known yet.")
        .columns("error_message")
        .fields(
            Field.of("nr").width(50),
            Field.of("type").width(85),
            Field.of("attempts").width(80),
            Field.of("retry_limit").width(90),
            Field.of("error_name").width(130),
            Field.of("step").link(stepOfThis()).width(150),
            Field.of("outcome").statuses().width(105),
            Field.of("started_at").unit("dateTimeAsIso").width(160),
            Field.of("wall").unit("ms").width(80),
            Field.of("attempt").unit("ms").width(80),
            Field.of("backoff").unit("ms").width(80))
        .size(24, 8)
        .sql(
            """
            SELECT step_index AS nr, step, type, outcome, started_at, wall_ms AS wall, attempt_ms AS attempt,
                   backoff_ms AS backoff, attempts, retry_limit, error_name, error_message
            FROM flowmeter.step_runs
            WHERE %s
            ORDER BY nr
            LIMIT 2000
            """
                .formatted(THIS_RUN));
  }

  private static Link stepOfThis() {
    return Link.to(
        StepPage.UID,
        "Step ${__value.text}",
        "var-workflow=${workflow:percentencode}",
        "var-step=${__data.fields.step:percentencode}");
  }

  private static PanelBuilder transitions() {
    return PanelBuilder.table("Status transitions")
        .description(
            "Which statuses did it go through? Changes of status, with the time spent in the status before. If the API reports no timestamp, a"
                + " change happened between two polls: not before, and at.")
        .whenEmpty("No change of status of this run is known yet.")
        .columns("seq", "exact")
        .fields(
            Field.of("from_status").statuses(),
            Field.of("to_status").statuses(),
            Field.of("at").unit("dateTimeAsIso").width(160),
            Field.of("not_before").unit("dateTimeAsIso").width(160),
            Field.of("before").unit("ms"))
        .size(24, 6)
        .sql(
            """
            SELECT seq, from_status, to_status, at, at_is_exact AS exact, not_before, previous_ms AS before
            FROM flowmeter.transitions
            WHERE %s
            ORDER BY seq
            """
                .formatted(THIS_RUN));
  }

  private static PanelBuilder error() {
    return PanelBuilder.table("Run error")
        .description(
            "What went wrong? The run's error: that of the last attempt of its failed step, else the instance's own. Empty"
                + " if the run did not error.")
        .whenEmpty(NO_SUCH)
        .columns("error_message")
        .fields(
            Field.of("status").statuses().width(95),
            Field.of("failed_step").width(130),
            Field.of("error_name").width(140),
            Field.of("error_group").width(110),
            Field.of("version_id").width(110),
            Field.of("trigger_source").named("Trigger").width(90),
            Field.of("reopened").width(90),
            Field.of("end_kind").width(95),
            Field.of("current_step").width(120))
        .size(24, 6)
        .sql(
            """
            SELECT status, failed_step, error_name, error_message, error_group, version_id, trigger_source, reopened,
                   end_kind, current_step
            FROM flowmeter.instances
            WHERE %s
            """
                .formatted(THIS_RUN));
  }

  private static PanelBuilder runs() {
    return PanelBuilder.table("Run history")
        .description(
            "Which runs did this instance have? Newest first: each restart starts a new one. Superseded and vanished runs"
                + " keep their last status.")
        .whenEmpty(NO_SUCH)
        .columns("end_kind", "steps", "attempts", "retries", "version_id", "error_name")
        .fields(
            Field.of("run")
                .width(130)
                .link(
                    Link.to(
                        UID,
                        "This run",
                        "var-workflow=${workflow:percentencode}",
                        "var-instance=${instance:percentencode}",
                        "var-run=${__data.fields.run:percentencode}")),
            Field.of("status").statuses(),
            Field.of("queued_at").unit("dateTimeAsIso").width(160),
            Field.of("ended_at").unit("dateTimeAsIso").width(160),
            Field.of("total").unit("ms"),
            Field.of("lost").named("Time lost").unit("ms"))
        .size(24, 5)
        .sql(
            """
            SELECT toString(run) AS run, status, end_kind, queued_at, ended_at, total_ms AS total, step_count AS steps,
                   attempts, retries, lost_ms AS lost, version_id, error_name
            FROM flowmeter.instances
            WHERE account_id = ${account:singlequote} AND workflow = ${workflow:singlequote}
              AND instance_id = ${instance:singlequote}
            ORDER BY run DESC
            LIMIT 100
            """);
  }
}
