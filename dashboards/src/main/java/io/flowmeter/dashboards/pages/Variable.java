package io.flowmeter.dashboards.pages;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What can be chosen at the head of a page. */
final class Variable {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final ObjectNode json = JSON.objectNode();

  private Variable(String name, String label, String description, String type) {
    json.put("name", name)
        .put("label", label)
        .put("description", description)
        .put("type", type)
        .put("multi", false)
        .put("includeAll", false)
        .put("allowCustomValue", false);
    json.putObject("current");
    json.putArray("options");
    json.put("regex", "");
  }

  static Variable datasource() {
    Variable variable =
        new Variable(
            "datasource",
            "Data source",
            "A ClickHouse data source that reads the database flowmeter.",
            "datasource");
    variable.json.put("query", "grafana-clickhouse-datasource").put("refresh", 1);
    return variable;
  }

  static Variable account() {
    return query(
        "account",
        "Account",
        "The Cloudflare account; local for wrangler dev.",
        1,
        "SELECT DISTINCT account_id FROM flowmeter.workflows ORDER BY account_id");
  }

  /** One, several or all workflows. */
  static Variable workflows() {
    return query(
            "workflow",
            "Workflow",
            "One, several or all workflows of the account.",
            1,
            "SELECT workflow FROM flowmeter.workflows WHERE account_id = ${account:singlequote}"
                + " ORDER BY workflow")
        .several();
  }

  /** Just one workflow: of a dashboard whose panels mean nothing for several. */
  static Variable workflow() {
    return query(
        "workflow",
        "Workflow",
        "The workflow that the dashboard shows.",
        1,
        "SELECT workflow FROM flowmeter.workflows WHERE account_id = ${account:singlequote}"
            + " ORDER BY workflow");
  }

  static Variable versions() {
    return query(
            "version",
            "Version",
            "Versions whose runs arrived, started or ended in the time range, newest first. Live runs are shown of all"
                + " versions.",
            2,
            """
            SELECT version_id FROM <runs_between>
            WHERE <workflows>
            GROUP BY version_id ORDER BY max(at) DESC, version_id
            """)
        .several();
  }

  static Variable steps() {
    return query(
            "step",
            "Step",
            "Steps that ended in the time range, without their counters.",
            2,
            """
            SELECT DISTINCT step FROM <steps_between>
            WHERE <workflows> AND step != '' ORDER BY step
            """)
        .several();
  }

  /**
   * The share of runs that should complete: the setting's, a usual one, or any that is typed in.
   */
  static Variable objective() {
    Variable variable =
        query(
            "objective",
            "Objective",
            "The share of runs that should complete, for error budgets: the setting slo.objective, or type another.",
            1,
            """
            SELECT DISTINCT toString(share)
            FROM (SELECT success_objective AS share, 0 AS place FROM flowmeter.settings
                  UNION ALL SELECT arrayJoin([0.9, 0.95, 0.99, 0.995, 0.999]) AS share, 1 AS place)
            ORDER BY place, share
            """);
    variable.json.put("allowCustomValue", true);
    return variable;
  }

  /** An instance: one of the latest, or any that is typed in. */
  static Variable instance() {
    Variable variable =
        query(
            "instance",
            "Instance",
            "One of the 100 latest ended and the 100 latest live instances, or any other: type or"
                + " paste its ID.",
            2,
            """
            SELECT instance_id FROM flowmeter.instances
            WHERE account_id = ${account:singlequote} AND workflow = ${workflow:singlequote} AND is_newest
              AND run <= toUnixTimestamp64Milli($__toTime_ms)
            ORDER BY end_kind = '', run DESC
            LIMIT 100 BY end_kind = ''
            """);
    variable.json.put("allowCustomValue", true);
    return variable;
  }

  /** A run of the instance. */
  static Variable run() {
    return query(
        "run",
        "Run",
        "A run of the instance, newest first. A restart starts a new run.",
        2,
        """
        SELECT toString(run) AS __value, formatDateTime(fromUnixTimestamp64Milli(run, 'UTC'), '%F %T') AS __text
        FROM flowmeter.instances
        WHERE account_id = ${account:singlequote} AND workflow = ${workflow:singlequote}
          AND instance_id = ${instance:singlequote}
        ORDER BY run DESC
        """);
  }

  private static Variable query(
      String name, String label, String description, int refresh, String sql) {
    Variable variable = new Variable(name, label, description, "query");
    String filled = Scope.fill(sql);
    variable.json.set("datasource", PanelBuilder.datasource());
    variable.json.put("definition", filled).put("refresh", refresh).put("sort", 0);
    variable
        .json
        .putObject("query")
        .put("editorType", "sql")
        .put("format", 1)
        .put("queryType", "sql")
        .put("pluginVersion", PanelBuilder.DATASOURCE_VERSION)
        .put("refId", name)
        .put("rawSql", filled);
    return variable;
  }

  private Variable several() {
    json.put("multi", true).put("includeAll", true);
    ObjectNode current = json.putObject("current");
    current.putArray("text").add("All");
    current.putArray("value").add("$__all");
    return this;
  }

  ObjectNode json() {
    return json;
  }
}
