package io.flowmeter.dashboards.pages;

/** What breaks: since when, in which step, in which version, and which instances had it. */
final class ErrorsPage {

  static final String UID = "flowmeter-errors";

  private ErrorsPage() {}

  static DashboardBuilder page() {
    DashboardBuilder dashboard =
        DashboardBuilder.of(
                UID,
                "Flowmeter: errors",
                "What breaks, since when, in which step and which version: error spikes, error groups, failing"
                    + " steps and the latest errored instances.")
            .choosing(Variable.account(), Variable.workflows());
    return Charts.deploys(dashboard)
        .row(
            "Summary",
            count(
                "Errored runs",
                "How many runs errored? Runs that ended as errored in the time range.",
                "sum(r.errored)",
                "errored",
                "red"),
            Charts.successShare("<workflows>").size(6, 3),
            count(
                "Terminated runs",
                "How many terminated? Runs that were stopped by an operator or a program, ended in the time range.",
                "sum(r.terminated)",
                "terminated",
                "orange"),
            groups(
                "Error group count",
                "How many kinds of errors? Error groups of which a run was seen in the time range.",
                "last_seen >= $__fromTime_ms AND first_seen <= $__toTime_ms",
                "error_groups",
                "blue"),
            groups(
                "New error groups",
                "How many are new? Error groups that were first seen in the time range.",
                "first_seen >= $__fromTime_ms AND first_seen <= $__toTime_ms",
                "new_groups",
                "red"),
            stepFailures(
                "Failed steps",
                "How many steps failed? Step runs that failed in the time range.",
                "failed"),
            stepFailures(
                "Timed-out steps",
                "How many timed out? Step runs that timed out in the time range; failed ones are not among them.",
                "timed_out"),
            exhausted())
        .row("Trends", erroredByWorkflow(), failuresByStep(), groupTrend().size(24, 8))
        .row(
            "Details",
            Charts.spikes().size(24, 6),
            Charts.errorGroups("<workflows>"),
            newSinceVersion(),
            failingSteps(),
            StepsOfWorkflow.precisionOfWorkflows(),
            Charts.latestErrors("<workflows>"));
  }

  private static PanelBuilder count(
      String question, String answeredBy, String value, String name, String color) {
    return PanelBuilder.stat(question)
        .description(answeredBy)
        .unit("short")
        .whenEmpty("none")
        .size(6, 3)
        .color(color)
        .sql("SELECT %s AS %s FROM <runs_between> AS r WHERE <workflows>".formatted(value, name));
  }

  private static PanelBuilder groups(
      String question, String answeredBy, String condition, String name, String color) {
    return PanelBuilder.stat(question)
        .description(answeredBy)
        .unit("short")
        .whenEmpty("none")
        .size(6, 3)
        .color(color)
        .sql(
            "SELECT count() AS %s FROM flowmeter.error_groups WHERE <workflows> AND %s"
                .formatted(name, condition));
  }

  private static PanelBuilder stepFailures(String question, String answeredBy, String column) {
    return PanelBuilder.stat(question)
        .description(answeredBy)
        .unit("short")
        .whenEmpty("none")
        .size(6, 3)
        .color("red")
        .sql(
            "SELECT sum(s.%1$s) AS %1$s FROM <steps_between> AS s WHERE <workflows>"
                .formatted(column));
  }

  private static PanelBuilder exhausted() {
    return PanelBuilder.stat("Retries exhausted")
        .description(
            "How many exhausted? Exhausted: step runs that failed with all retries used, ended in the time range.")
        .unit("short")
        .whenEmpty("none")
        .size(6, 3)
        .color("red")
        .sql("SELECT sum(s.exhausted) AS exhausted FROM <steps_between> AS s WHERE <workflows>");
  }

  private static PanelBuilder erroredByWorkflow() {
    return PanelBuilder.bars("Errored runs by workflow")
        .description(
            "When do runs error, and of which workflow? Runs that ended as errored, by workflow, between two points in time.")
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

  private static PanelBuilder groupTrend() {
    return PanelBuilder.bars("Error group trend")
        .description(
            "Which errors grow? Errored runs of the 10 error groups with most runs, each named by its"
                + " workflow, step and message. Exact counts of known runs, of the last day of the time range.")
        .unit("short")
        .whenEmpty("No run errored in this range.")
        .seriesBy("error")
        .sql(
            """
            WITH worst AS (
                    SELECT workflow, error_group
                    FROM flowmeter.instances
                    WHERE <workflows> AND status = 'errored' AND <last_day> AND error_group IS NOT NULL
                    GROUP BY workflow, error_group
                    ORDER BY count() DESC
                    LIMIT 10
                ),
                named AS (
                    SELECT workflow, error_group,
                           concat(workflow, if(step = '', '', concat(', ', step)), ': ', substringUTF8(message_pattern, 1, 60)) AS error
                    FROM flowmeter.error_groups
                    WHERE <workflows> AND (workflow, error_group) IN (SELECT workflow, assumeNotNull(error_group) FROM worst)
                )
            SELECT time, error, sum(n) AS runs
            FROM (
                SELECT $__timeInterval(ended_at) AS time, workflow, assumeNotNull(error_group) AS error_group, count() AS n
                FROM flowmeter.instances
                WHERE <workflows> AND status = 'errored' AND <last_day>
                  AND (workflow, error_group) IN (SELECT workflow, error_group FROM worst)
                GROUP BY time, workflow, error_group
            ) AS errored
            INNER JOIN named USING (workflow, error_group)
            GROUP BY time, error
            ORDER BY time, error
            """);
  }

  private static PanelBuilder failuresByStep() {
    return PanelBuilder.bars("Failures by step")
        .description(
            "When do steps fail, and which? Step runs that failed or timed out, between two points in time: the 10 steps that fail most, each"
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

  private static PanelBuilder newSinceVersion() {
    return PanelBuilder.table("New errors since deploy")
        .description(
            "Which errors are new since the newest version? Error groups that no run of an earlier version of the workflow had. A version is judged if a run of"
                + " another one ended in the last year: of a first version all errors are new. The alert has the same definition. Runs that a deploy found under way keep their version.")
        .whenEmpty("No error is new since the newest version of its workflow.")
        .columns("message_pattern")
        .fields(Field.of("runs").width(70))
        .fields(Field.of("error_name").width(120))
        .fields(Field.of("since_version").width(120))
        .fields(
            Field.of("workflow").width(130).link(Link.workflow()),
            Field.of("step").width(130).link(Link.step()),
            Field.of("deployed_at").named("Deployed").unit("dateTimeAsIso").width(160),
            Field.of("first_seen").unit("dateTimeAsIso").width(160),
            Field.of("sample").named("Sample").width(130).link(Link.run("sample")),
            Field.of("run_id").hidden())
        .size(24, 7)
        .sql(
            """
            SELECT g.workflow AS workflow, n.version_id AS since_version, n.deployed_at AS deployed_at,
                   step, error_name, message_pattern, runs, first_seen, sample_instance_id AS sample,
                   toString(sample_run) AS run_id
            FROM (SELECT * FROM flowmeter.error_groups WHERE <workflows>) AS g
            INNER JOIN (SELECT * FROM flowmeter.judged_versions WHERE <workflows>) AS n USING (account_id, workflow)
            WHERE g.versions = [n.version_id]
            ORDER BY runs DESC, first_seen
            LIMIT 50
            """);
  }

  private static PanelBuilder failingSteps() {
    return PanelBuilder.table("Failing steps")
        .description(
            "Which steps fail, and with what? Steps that failed or timed out, most first, with the latest error of each. Of the last day of the"
                + " time range.")
        .whenEmpty("No step failed in the last day of this range.")
        .columns("last_message")
        .fields(Field.of("last_error").width(130))
        .fields(Field.of("exhausted").width(90))
        .fields(Field.of("failures").width(80))
        .fields(
            Field.of("workflow").width(130).link(Link.workflow()),
            Field.of("step").width(130).link(Link.step()),
            Field.of("since").unit("dateTimeAsIso").width(160),
            Field.of("last_at").unit("dateTimeAsIso").width(160),
            Field.of("instance_id").named("Instance").width(130).link(Link.run("instance_id")),
            Field.of("run_id").hidden())
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
                   argMax(toString(run), ended_at) AS run_id
            FROM flowmeter.step_runs
            WHERE <workflows> AND <last_day> AND outcome IN ('failed', 'timed_out') AND weight > 0
            GROUP BY workflow, step
            ORDER BY failures DESC
            LIMIT 50
            """);
  }
}
