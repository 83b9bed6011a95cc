package io.flowmeter.dashboards.pages;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A dashboard. Questions stand in the order in which they are asked, side by side as far as the
 * page is wide, under the heading of their row.
 */
public final class Page {

  private static final int COLUMNS = 24;

  private final String uid;
  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final ArrayNode panels;
  private final ArrayNode annotations;
  private int x;
  private int y;
  private int lineHeight;

  private Page(String uid, String title, String description) {
    this.uid = uid;
    json.put("uid", uid).put("title", title).put("description", description);
    json.putNull("id").put("version", 1).put("schemaVersion", 41);
    json.put("editable", true).put("graphTooltip", 1).put("fiscalYearStartMonth", 0);
    json.put("refresh", "30s").put("timezone", "utc").put("weekStart", "");
    json.putArray("tags").add("flowmeter");
    json.putObject("time").put("from", "now-24h").put("to", "now");
    json.putObject("timepicker");
    annotations = json.putObject("annotations").putArray("list");
    ObjectNode builtIn = annotations.addObject();
    builtIn.put("builtIn", 1).put("enable", true).put("hide", true);
    builtIn.put("iconColor", "rgba(0, 211, 255, 1)").put("name", "Annotations & Alerts");
    builtIn.put("type", "dashboard");
    builtIn.putObject("datasource").put("type", "grafana").put("uid", "-- Grafana --");
    json.putArray("links").add(otherPages());
    json.putObject("templating").putArray("list").add(Variable.datasource().json());
    panels = json.putArray("panels");
  }

  static Page of(String uid, String title, String description) {
    return new Page(uid, title, description);
  }

  /** What can be chosen, each after what it depends on. */
  Page choosing(Variable... variables) {
    ArrayNode list = (ArrayNode) json.path("templating").path("list");
    for (Variable variable : variables) {
      list.add(variable.json());
    }
    return this;
  }

  /**
   * Marks moments in all charts: the query's columns are {@code time, text}, and {@code timeEnd} or
   * not.
   */
  Page marking(String name, String color, String sql) {
    ObjectNode annotation = annotations.addObject();
    annotation.put("name", name).put("enable", true).put("hide", false).put("iconColor", color);
    annotation.set("datasource", Question.datasource());
    ObjectNode target = annotation.putObject("target");
    target.put("refId", "Anno").put("editorType", "sql").put("format", 1).put("queryType", "table");
    target.put("pluginVersion", Question.DATASOURCE_VERSION).put("rawSql", Scope.fill(sql));
    return this;
  }

  /** Questions under a heading. */
  Page row(String heading, Question... questions) {
    endLine();
    ObjectNode row = panels.addObject().put("type", "row").put("title", heading);
    row.put("id", panels.size()).put("collapsed", false).putArray("panels");
    place(row, COLUMNS, 1);
    endLine();
    for (Question question : questions) {
      ObjectNode panel = question.json();
      panels.add(panel.put("id", panels.size() + 1));
      place(panel, question.width(), question.height());
    }
    return this;
  }

  private void place(ObjectNode panel, int width, int height) {
    if (x + width > COLUMNS) {
      endLine();
    }
    panel.putObject("gridPos").put("h", height).put("w", width).put("x", x).put("y", y);
    x += width;
    lineHeight = Math.max(lineHeight, height);
  }

  private void endLine() {
    x = 0;
    y += lineHeight;
    lineHeight = 0;
  }

  /** Names the page in links and files. */
  public String uid() {
    return uid;
  }

  /** The dashboard as Grafana reads it. */
  public ObjectNode json() {
    return json.deepCopy();
  }

  private static ObjectNode otherPages() {
    ObjectNode link = JsonNodeFactory.instance.objectNode();
    link.put("type", "dashboards").put("title", "Flowmeter").put("asDropdown", false);
    link.put("includeVars", true).put("keepTime", true).put("targetBlank", false);
    link.put("icon", "external link").put("tooltip", "").put("url", "");
    link.putArray("tags").add("flowmeter");
    return link;
  }
}
