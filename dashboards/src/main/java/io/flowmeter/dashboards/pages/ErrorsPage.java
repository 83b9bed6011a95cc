package io.flowmeter.dashboards.pages;

/** What breaks: since when, in which step, in which version, and which instances had it. */
final class ErrorsPage {

  static final String UID = "flowmeter-errors";

  private ErrorsPage() {}

  static Page page() {
    Page page =
        Page.of(
                UID,
                "Flowmeter: errors",
                "What breaks, since when, in which step and which version: error spikes, error groups, failing"
                    + " steps and the latest errored instances.")
            .choosing(Variable.account(), Variable.workflows());
    return Charts.deploys(page)
        .row(
            "In this range",
            count(
                "How many runs errored?",
                "Runs that ended as errored in the time range.",
                "sum(r.errored)",
                "errored",
                "red"),
            Charts.successShare("<workflows>"),
            count(
                "How many terminated?",
                "Runs that somebody stopped, ended in the time range.",
                "sum(r.terminated)",
                "terminated",
                "orange"),
            groups(
                "How many kinds of errors?",
                "Error groups of which a run was seen in the time range.",
                "last_seen >= $__fromTime_ms AND first_seen <= $__toTime_ms",
                "error_groups",
                "blue"),
            groups(
                "How many are new?",
                "Error groups that were first seen in the time range.",
                "first_seen >= $__fromTime_ms AND first_seen <= $__toTime_ms",
                "new_groups",
                "red"),
            stepFailures(
                "How many steps failed?", "Step runs that failed in the time range.", "failed"),
            stepFailures(
                "How many timed out?",
                "Step runs that timed out in the time range: told apart from other errors.",
                "timed_out"),
            exhausted())
        .row("Over time", erroredByWorkflow(), failuresByStep())
        .row(
            "What",
            Charts.spikes().size(24, 6),
            Charts.errorGroups("<workflows>"),
            newSinceVersion(),
            failingSteps(),
            Charts.latestErrors("<workflows>"));
  }

  private static Question count(
      String question, String answeredBy, String value, String name, String color) {
    return Question.stat(question)
        .answeredBy(answeredBy)
        .unit("short")
        .whenEmpty("none")
        .color(color)
        .sql("SELECT %s AS %s FROM <runs_between> AS r WHERE <workflows>".formatted(value, name));
  }

  private static Question groups(
      String question, String answeredBy, String condition, String name, String color) {
    return Question.stat(question)
        .answeredBy(answeredBy)
        .unit("short")
        .whenEmpty("none")
        .color(color)
        .sql(
            "SELECT count() AS %s FROM flowmeter.error_groups WHERE <workflows> AND %s"
                .formatted(name, condition));
  }

  private static Question stepFailures(String question, String answeredBy, String column) {
    return Question.stat(question)
        .answeredBy(answeredBy)
        .unit("short")
        .whenEmpty("none")
        .color("red")
        .sql(
            "SELECT sum(s.%1$s) AS %1$s FROM <steps_between> AS s WHERE <workflows>"
                .formatted(column));
  }

  private static Question exhausted() {
    return Question.stat("How many exhausted?")
        .answeredBy(
            "Exhausted: step runs that failed with all retries used, ended in the time range.")
        .unit("short")
        .whenEmpty("none")
        .color("red")
        .sql("SELECT sum(s.exhausted) AS exhausted FROM <steps_between> AS s WHERE <workflows>");
  }

  private static Question erroredByWorkflow() {
    return Question.bars("When do runs err, and of which workflow?")
        .answeredBy("Runs that ended as errored, by workflow, between two points in time.")
        .unit("short")
        .whenEmpty("No run errored in this range.")
        .seriesBy("workflow")
        .sql(
            """
            SELECT $__timeInterval(at) AS time, workflow, sum(r.errored) AS errored
            FROM <runs_by_time> AS r
            WHERE <workflows>
            GROUP BY time, workflow
            HAVING errored > 0
            ORDER BY time, workflow
            """);
  }

  private static Question failuresByStep() {
    return Question.bars("When do steps fail, and which?")
        .answeredBy(
            "Step runs that failed or timed out, between two points in time: the 10 steps that fail most, each"
                + " with its workflow.")
        .unit("short")
        .whenEmpty("No step failed in this range.")
        .seriesBy("failing")
        .sql(
            """
            WITH worst AS (
                    SELECT workflow, step
                    FROM <steps_between> AS s
                    WHERE <workflows>
                    GROUP BY workflow, step
                    HAVING sum(s.failed + s.timed_out) > 0
                    ORDER BY sum(s.failed + s.timed_out) DESC
                    LIMIT 10
                )
            SELECT $__timeInterval(at) AS time, concat(workflow, ': ', step) AS failing, sum(s.failed + s.timed_out) AS failures
            FROM <steps_by_time> AS s
            WHERE <workflows> AND (workflow, step) IN (SELECT workflow, step FROM worst)
            GROUP BY time, failing
            HAVING failures > 0
            ORDER BY time, failing
            """);
  }

  private static Question newSinceVersion() {
    return Question.table("Which errors are new since the newest version?")
        .answeredBy(
            "Error groups that no run of an earlier version of the workflow had. Runs that a deploy found under"
                + " way keep their version.")
        .whenEmpty("No error is new since the newest version of its workflow.")
        .fields(
            Field.of("workflow").link(Link.workflow()),
            Field.of("step").link(Link.step()),
            Field.of("deployed_at").unit("dateTimeAsIso").width(170),
            Field.of("first_seen").unit("dateTimeAsIso").width(170),
            Field.of("sample").link(Link.run("sample")),
            Field.of("life").hidden())
        .size(24, 7)
        .sql(
            """
            SELECT g.workflow AS workflow, n.version_id AS since_version, n.deployed_at AS deployed_at,
                   step, error_name, message_pattern, runs, first_seen, sample_instance_id AS sample,
                   toString(sample_run) AS life
            FROM (SELECT * FROM flowmeter.error_groups WHERE <workflows>) AS g
            INNER JOIN (
                SELECT account_id, workflow, argMax(v.version_id, v.created_at) AS version_id, max(v.created_at) AS deployed_at
                FROM flowmeter.versions AS v
                WHERE <workflows>
                GROUP BY account_id, workflow
            ) AS n USING (account_id, workflow)
            WHERE g.versions = [n.version_id]
            ORDER BY runs DESC, first_seen
            LIMIT 50
            """);
  }

  private static Question failingSteps() {
    return Question.table("Which steps fail, and with what?")
        .answeredBy(
            "Steps that failed or timed out, most first, with the latest error of each. Of the last day of the"
                + " time range.")
        .whenEmpty("No step failed in the last day of this range.")
        .fields(
            Field.of("workflow").link(Link.workflow()),
            Field.of("step").link(Link.step()),
            Field.of("since").unit("dateTimeAsIso").width(170),
            Field.of("last_at").unit("dateTimeAsIso").width(170),
            Field.of("instance_id").link(Link.run("instance_id")),
            Field.of("life").hidden())
        .size(24, 8)
        .sql(
            """
            SELECT workflow, step,
                   sum(weight) AS failures,
                   sumIf(weight, ifNull(attempts = retry_limit + 1, false)) AS exhausted,
                   min(ended_at) AS since,
                   max(ended_at) AS last_at,
                   argMax(error_name, ended_at) AS last_error,
                   argMax(error_message, ended_at) AS last_message,
                   argMax(instance_id, ended_at) AS instance_id,
                   argMax(toString(run), ended_at) AS life
            FROM flowmeter.step_runs
            WHERE <workflows> AND <last_day> AND outcome IN ('failed', 'timed_out') AND weight > 0
            GROUP BY workflow, step
            ORDER BY failures DESC
            LIMIT 50
            """);
  }
}
