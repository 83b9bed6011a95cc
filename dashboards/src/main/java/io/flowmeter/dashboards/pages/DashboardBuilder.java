package io.flowmeter.dashboards.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * A dashboard. Questions stand in the order in which they are asked, side by side as far as the
 * page is wide, under the heading of their row.
 */
public final class DashboardBuilder {

  private static final int COLUMNS = 24;

  private final String uid;
  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final ArrayNode panels;
  private final ArrayNode annotations;
  private int x;
  private int y;
  private int lineHeight;

  private DashboardBuilder(String uid, String title, String description) {
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
    json.putArray("links");
    json.putObject("templating").putArray("list").add(Variable.datasource().json());
    panels = json.putArray("panels");
  }

  static DashboardBuilder of(String uid, String title, String description) {
    return new DashboardBuilder(uid, title, description);
  }

  /**
   * Links to other pages at the head of this one. A selection goes along if both pages let one
   * choose it in the same way: one workflow of a page that shows many would be lost, and all
   * workflows mean nothing to a page that shows one.
   */
  DashboardBuilder linkingTo(List<DashboardBuilder> dashboards) {
    ArrayNode links = (ArrayNode) json.get("links");
    dashboards.stream()
        .filter(dashboard -> dashboard != this)
        .forEach(dashboard -> links.add(linkTo(dashboard)));
    return this;
  }

  private ObjectNode linkTo(DashboardBuilder dashboard) {
    StringBuilder url = new StringBuilder("/d/" + dashboard.uid + "?${datasource:queryparam}");
    for (JsonNode variable : json.path("templating").path("list")) {
      String name = variable.path("name").asText();
      if (!name.equals("datasource")
          && dashboard.chooses(name, variable.path("multi").asBoolean())) {
        url.append("&${").append(name).append(":queryparam}");
      }
    }
    ObjectNode link = JsonNodeFactory.instance.objectNode();
    link.put("type", "link").put("title", dashboard.title()).put("url", url.toString());
    link.put("icon", "dashboard").put("tooltip", dashboard.json.path("description").asText());
    link.put("includeVars", false).put("keepTime", true).put("targetBlank", false);
    link.put("asDropdown", false).putArray("tags");
    return link;
  }

  private boolean chooses(String variable, boolean several) {
    for (JsonNode each : json.path("templating").path("list")) {
      if (each.path("name").asText().equals(variable)) {
        return each.path("multi").asBoolean() == several;
      }
    }
    return false;
  }

  /**
   * The number of a panel.
   *
   * @throws IllegalArgumentException if no panel has that title
   */
  public int panelId(String panel) {
    for (JsonNode each : panels) {
      if (each.path("title").asText().equals(panel)) {
        return each.path("id").asInt();
      }
    }
    throw new IllegalArgumentException(
        "Expected a panel \"%s\" on %s, but it has none".formatted(panel, uid));
  }

  private String title() {
    String name = json.path("title").asText().replaceFirst("^Flowmeter: ", "");
    return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
  }

  /** What can be chosen, each after what it depends on. */
  DashboardBuilder choosing(Variable... variables) {
    ArrayNode list = (ArrayNode) json.path("templating").path("list");
    for (Variable variable : variables) {
      list.add(variable.json());
    }
    return this;
  }

  /**
   * Marks moments in all charts: the query's columns are {@code time, text}, and {@code timeEnd} or
   * not. A page of several workflows shows them on request only: their marks would hide its charts.
   */
  DashboardBuilder marking(String name, String color, String sql) {
    ObjectNode annotation = annotations.addObject();
    annotation.put("name", name).put("enable", !chooses("workflow", true));
    annotation.put("hide", false).put("iconColor", color);
    annotation.set("datasource", PanelBuilder.datasource());
    ObjectNode target = annotation.putObject("target");
    target.put("refId", "Anno").put("editorType", "sql").put("format", 1).put("queryType", "table");
    target.put("pluginVersion", PanelBuilder.DATASOURCE_VERSION).put("rawSql", Scope.fill(sql));
    return this;
  }

  /** Questions under a heading. */
  DashboardBuilder row(String heading, PanelBuilder... questions) {
    endLine();
    ObjectNode row = panels.addObject().put("type", "row").put("title", heading);
    row.put("id", panels.size()).put("collapsed", false).putArray("panels");
    place(row, COLUMNS, 1);
    endLine();
    for (PanelBuilder question : questions) {
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

  /**
   * The dashboard as Grafana reads it: provisioned, imported by hand, or uploaded to its site. The
   * site wants to know what a dashboard requires. It has no inputs, for the data source is a
   * variable.
   */
  public ObjectNode json() {
    ObjectNode whole = json.deepCopy();
    whole.putArray("__inputs");
    whole.putObject("__elements");
    ArrayNode requires = whole.putArray("__requires");
    require(requires, "grafana", "grafana", PanelBuilder.GRAFANA_VERSION);
    require(
        requires, "datasource", "grafana-clickhouse-datasource", PanelBuilder.DATASOURCE_VERSION);
    Set<String> types = new TreeSet<>();
    panels.forEach(panel -> types.add(panel.path("type").asText()));
    types.remove("row");
    types.forEach(type -> require(requires, "panel", type, ""));
    return whole;
  }

  private static void require(ArrayNode requires, String type, String id, String version) {
    requires.addObject().put("type", type).put("id", id).put("name", id).put("version", version);
  }
}
