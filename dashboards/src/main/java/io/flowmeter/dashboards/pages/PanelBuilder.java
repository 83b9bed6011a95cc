package io.flowmeter.dashboards.pages;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A panel: a question, how it is answered, and the query that answers it. The kinds of panels are
 * few, so that Grafana and the preview page draw them alike.
 */
final class PanelBuilder {

  /** Of Grafana's dashboards' format and of the data source's queries. */
  static final String GRAFANA_VERSION = "11.6.0";

  static final String DATASOURCE_VERSION = "4.20.0";

  /**
   * A chart asks for at most so many points, so that a week's are hours and a month's a few hours.
   */
  private static final int POINTS = 200;

  /**
   * What makes a number an estimate if runs are sampled: rollups of steps, sums of weights, and all
   * of a run's rollups but its counts.
   */
  private static final Pattern ESTIMATED =
      Pattern.compile(
          "step_minutes|steps_between|\\(weight|, weight\\)|_buckets\\b"
              + "|(workflow_minutes|runs_between).*\\b(retries|attempts|lost_ms)\\b"
              + "|\\b(retries|attempts|lost_ms)\\b.*(workflow_minutes|runs_between)",
          Pattern.DOTALL);

  /** The panel that shows how precise estimates are; each dashboard with estimates has it. */
  static final String PRECISION = "Failure rate precision";

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final ObjectNode json = JSON.objectNode();
  private final ObjectNode defaults;
  private final ArrayNode overrides;
  private final ObjectNode options;
  private final int format;
  private final String queryType;
  private int width = 12;
  private int height = 8;

  private PanelBuilder(String type, String question, int format, String queryType) {
    this.format = format;
    this.queryType = queryType;
    json.put("type", type).put("title", question).put("pluginVersion", GRAFANA_VERSION);
    json.set("datasource", datasource());
    ObjectNode fields = json.putObject("fieldConfig");
    defaults = fields.putObject("defaults");
    overrides = fields.putArray("overrides");
    defaults.putObject("color").put("mode", "palette-classic");
    defaults.putObject("custom");
    defaults.putArray("mappings");
    defaults.set("thresholds", Thresholds.base("green").json());
    options = json.putObject("options");
  }

  /** A number, or one for each row. */
  static PanelBuilder stat(String question) {
    PanelBuilder stat = new PanelBuilder("stat", question, 1, "table");
    stat.options
        .put("colorMode", "value")
        .put("graphMode", "none")
        .put("justifyMode", "auto")
        .put("orientation", "auto")
        .put("textMode", "auto")
        .put("wideLayout", true);
    ObjectNode reduce = stat.options.putObject("reduceOptions");
    reduce.putArray("calcs").add("lastNotNull");
    reduce.put("fields", "").put("values", false);
    return stat.size(4, 4);
  }

  /**
   * Lines over time: the query's columns after {@code time}, or one for each value of a text
   * column.
   */
  static PanelBuilder lines(String question) {
    return timeseries(question, "line", 0, "none");
  }

  /** Areas over time, one on the other. */
  static PanelBuilder areas(String question) {
    return timeseries(question, "line", 60, "normal");
  }

  /** Bars over time, one on the other. */
  static PanelBuilder bars(String question) {
    return timeseries(question, "bars", 70, "normal");
  }

  private static PanelBuilder timeseries(String question, String style, int fill, String stacking) {
    PanelBuilder chart = new PanelBuilder("timeseries", question, 0, "timeseries");
    ObjectNode custom = chart.custom();
    custom
        .put("drawStyle", style)
        .put("fillOpacity", fill)
        .put("lineWidth", 1)
        .put("pointSize", 4)
        .put("showPoints", "auto")
        .put("spanNulls", false);
    custom.putObject("stacking").put("group", "A").put("mode", stacking);
    chart.defaults.put("min", 0);
    chart.json.put("interval", "1m").put("maxDataPoints", POINTS);
    ObjectNode legend = chart.options.putObject("legend");
    legend.put("displayMode", "list").put("placement", "bottom").put("showLegend", true);
    legend.putArray("calcs");
    chart.options.putObject("tooltip").put("mode", "multi").put("sort", "desc");
    return chart;
  }

  /** A row for each row. */
  static PanelBuilder table(String question) {
    PanelBuilder table = new PanelBuilder("table", question, 1, "table");
    ObjectNode custom = table.custom();
    custom.put("align", "auto").put("filterable", false).put("inspect", true).put("minWidth", 70);
    custom.putObject("cellOptions").put("type", "auto");
    table.options.put("cellHeight", "sm").put("showHeader", true).putArray("sortBy");
    ObjectNode footer = table.options.putObject("footer");
    footer.put("show", false).put("countRows", false).put("fields", "");
    footer.putArray("reducer").add("sum");
    table.overrides.add(Field.texts().unit("string").filterable().json());
    // What the panel says where it has no row is not what a cell says that has no value.
    table.overrides.add(Field.every().noValue("–").json());
    return table.unit("short");
  }

  /** A bar for each row: its first column names it, the others are as long as they say. */
  static PanelBuilder ranking(String question) {
    PanelBuilder ranking = new PanelBuilder("barchart", question, 1, "table");
    ranking.custom().put("fillOpacity", 80).put("lineWidth", 0).put("axisPlacement", "auto");
    ranking.defaults.put("min", 0);
    ranking
        .options
        .put("orientation", "horizontal")
        .put("showValue", "never")
        .put("stacking", "normal")
        .put("barWidth", 0.85)
        .put("groupWidth", 0.7)
        .put("xTickLabelMaxLength", 40);
    ObjectNode legend = ranking.options.putObject("legend");
    legend.put("displayMode", "list").put("placement", "bottom").put("showLegend", true);
    legend.putArray("calcs");
    ranking.options.putObject("tooltip").put("mode", "multi").put("sort", "none");
    return ranking;
  }

  /** Counts over time and classes: {@code time}, then a column for each class, upwards. */
  static PanelBuilder heatmap(String question) {
    PanelBuilder heatmap = new PanelBuilder("heatmap", question, 1, "table");
    heatmap.custom().putObject("scaleDistribution").put("type", "linear");
    heatmap.json.put("interval", "1m").put("maxDataPoints", 100);
    heatmap.options.put("calculate", false).put("cellGap", 1);
    ObjectNode color = heatmap.options.putObject("color");
    color
        .put("mode", "scheme")
        .put("scheme", "Blues")
        .put("fill", "blue")
        .put("exponent", 0.5)
        .put("steps", 32)
        .put("reverse", false);
    heatmap.options.putObject("rowsFrame").put("layout", "auto");
    heatmap.options.putObject("yAxis").put("axisPlacement", "left").put("reverse", false);
    heatmap.options.putObject("tooltip").put("mode", "single").put("yHistogram", false);
    heatmap.options.putObject("legend").put("show", true);
    return heatmap;
  }

  /**
   * A row for each series, a cell for each point in time, the stronger the colour the higher the
   * value.
   *
   * @param scheme Grafana's name of a continuous colour scheme
   */
  static PanelBuilder statusHistory(String title, String scheme) {
    PanelBuilder history = new PanelBuilder("status-history", title, 0, "timeseries");
    history.custom().put("fillOpacity", 90).put("lineWidth", 0);
    history.defaults.putObject("color").put("mode", scheme);
    history.json.put("interval", "1m").put("maxDataPoints", 60);
    history.options.put("showValue", "never").put("rowHeight", 0.9).put("colWidth", 0.95);
    ObjectNode legend = history.options.putObject("legend");
    legend.put("displayMode", "list").put("placement", "bottom").put("showLegend", false);
    history.options.putObject("tooltip").put("mode", "single").put("sort", "none");
    return history;
  }

  /**
   * What happened when, and within what. Columns: {@code traceID, spanID, parentSpanID,
   * operationName, serviceName, startTime, duration} (ms), {@code tags, serviceTags, statusCode} (2
   * is an error).
   *
   * @see <a href="https://grafana.com/docs/grafana/latest/explore/trace-integration/">Grafana's
   *     trace frames</a>
   */
  static PanelBuilder waterfall(String question) {
    return new PanelBuilder("traces", question, 3, "traces").unit("ms");
  }

  /** How the question is answered: what counts, of what, as of when. */
  PanelBuilder description(String description) {
    json.put("description", description);
    return this;
  }

  /** The unit of all values, as Grafana names units. */
  PanelBuilder unit(String unit) {
    defaults.put("unit", unit);
    return this;
  }

  /** Each series has a range of colours of its own, from its lowest value to its highest. */
  PanelBuilder colorsBySeries() {
    defaults.put("fieldMinMax", true);
    return this;
  }

  /** The lowest value of the scale. */
  PanelBuilder min(double min) {
    defaults.put("min", min);
    return this;
  }

  PanelBuilder decimals(int decimals) {
    defaults.put("decimals", decimals);
    return this;
  }

  PanelBuilder max(double max) {
    defaults.put("max", max);
    return this;
  }

  /** Said in place of an answer where there is none. */
  PanelBuilder whenEmpty(String explanation) {
    defaults.put("noValue", explanation);
    return this;
  }

  PanelBuilder thresholds(Thresholds thresholds) {
    defaults.set("thresholds", thresholds.json());
    defaults.putObject("color").put("mode", "thresholds");
    return this;
  }

  /** All values in one colour. */
  PanelBuilder color(String color) {
    defaults.putObject("color").put("mode", "fixed").put("fixedColor", color);
    return this;
  }

  /** A value for each row of the answer, named by its text column. */
  PanelBuilder eachRow() {
    ((ObjectNode) options.get("reduceOptions")).put("values", true);
    return this;
  }

  /** A value that is a text. */
  PanelBuilder asText() {
    ObjectNode reduce = (ObjectNode) options.get("reduceOptions");
    reduce.put("fields", "/.*/");
    return this;
  }

  /** A text that is no cause for alarm, in the colour of texts. */
  PanelBuilder calm(String text) {
    ObjectNode mapping = ((ArrayNode) defaults.get("mappings")).addObject().put("type", "value");
    mapping.putObject("options").putObject(text).put("color", "text").put("text", text);
    return this;
  }

  /** A status or an outcome in its own colour. */
  PanelBuilder statuses() {
    ((ArrayNode) defaults.get("mappings")).add(Palette.mapping());
    return this;
  }

  /** Series that are told apart by a text column, and named by it alone. */
  PanelBuilder seriesBy(String column) {
    defaults.put("displayName", "${__field.labels." + column + "}");
    return this;
  }

  /** Statuses and outcomes in their colours. */
  PanelBuilder statusSeries() {
    return fields(Palette.series());
  }

  PanelBuilder fields(Field... fields) {
    return fields(List.of(fields));
  }

  /** Columns of a table that are shown as they are. */
  PanelBuilder columns(String... names) {
    return fields(Stream.of(names).map(Field::of).toList());
  }

  private PanelBuilder fields(List<Field> fields) {
    boolean table = json.path("type").asText().equals("table");
    fields.forEach(field -> overrides.add((table ? field.headed() : field).json()));
    return this;
  }

  /**
   * @param width in 24ths of the page
   * @param height in Grafana's rows of 30 pixels
   */
  PanelBuilder size(int width, int height) {
    this.width = width;
    this.height = height;
    return this;
  }

  /** The query, with the parts that {@link Scope} names. */
  PanelBuilder sql(String sql) {
    ObjectNode target = json.putArray("targets").addObject();
    target.put("refId", "A").put("editorType", "sql").put("format", format);
    target.put("queryType", queryType).put("pluginVersion", DATASOURCE_VERSION);
    target.put("rawSql", Scope.fill(sql));
    target.set("datasource", datasource());
    return this;
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** The panel; its description says so if its numbers are estimates. */
  ObjectNode json() {
    ObjectNode panel = json.deepCopy();
    String title = panel.path("title").asText();
    if (ESTIMATED.matcher(panel.at("/targets/0/rawSql").asText()).find()
        && !title.equals(PRECISION)) {
      panel.put(
          "description",
          panel.path("description").asText()
              + " An estimate if runs are sampled: see *%s*.".formatted(PRECISION));
    }
    return panel;
  }

  static ObjectNode datasource() {
    return JSON.objectNode()
        .put("type", "grafana-clickhouse-datasource")
        .put("uid", "${datasource}");
  }

  private ObjectNode custom() {
    return (ObjectNode) defaults.get("custom");
  }
}
