package io.flowmeter.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A Grafana dashboard as far as its queries and links go.
 *
 * @param uid names it in links
 * @param title what it is called
 * @param variables in the order in which they depend on each other
 * @param panels those with queries, rows left out
 * @param annotations queries of marks in charts: columns {@code time} and {@code text}
 */
public record Dashboard(
    String uid,
    String title,
    List<Variable> variables,
    List<Panel> panels,
    List<Target> annotations) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A variable.
   *
   * @param type such as {@code query} or {@code datasource}
   * @param rawSql gives its values; empty unless it is of type query
   */
  public record Variable(
      String name, String type, boolean multi, boolean includeAll, String rawSql) {}

  /**
   * A panel with queries.
   *
   * @param unit of its values, as Grafana names units; empty where it has none
   * @param noValue what it says where there is no answer
   * @param maxDataPoints how many points it asks for at most; 0 where it does not say
   * @param place where it stands
   * @param fields the names of the columns and series that it shows in ways of their own
   * @param links of its values
   */
  public record Panel(
      String title,
      String description,
      String type,
      String unit,
      String noValue,
      int maxDataPoints,
      Place place,
      List<String> fields,
      List<String> links,
      List<Target> targets) {}

  /** In 24ths of the page's width, and in Grafana's rows of 30 pixels. */
  public record Place(int x, int y, int width, int height) {}

  /**
   * A query of a panel.
   *
   * @param refId names it in its panel
   * @param datasource the data source's id, which should be a variable
   * @param format 0 for a time series, 1 for a table
   */
  public record Target(String refId, String datasource, int format, String rawSql) {}

  /** Reads a dashboard file. */
  public static Dashboard read(Path file) {
    try {
      return of(JSON.readTree(file.toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the dashboard " + file, e);
    }
  }

  /** What a dashboard's JSON says. */
  public static Dashboard of(JsonNode root) {
    return new Dashboard(
        root.path("uid").asText(),
        root.path("title").asText(),
        each(root.path("templating").path("list")).map(Dashboard::variable).toList(),
        each(root.path("panels"))
            .flatMap(panel -> Stream.concat(Stream.of(panel), each(panel.path("panels"))))
            .filter(panel -> !panel.path("type").asText().equals("row"))
            .map(Dashboard::panel)
            .toList(),
        each(root.path("annotations").path("list"))
            .filter(annotation -> annotation.has("target"))
            .map(annotation -> target(annotation.path("target"), annotation.path("datasource")))
            .toList());
  }

  private static Variable variable(JsonNode node) {
    return new Variable(
        node.path("name").asText(),
        node.path("type").asText(),
        node.path("multi").asBoolean(),
        node.path("includeAll").asBoolean(),
        node.path("query").path("rawSql").asText());
  }

  private static Panel panel(JsonNode node) {
    return new Panel(
        node.path("title").asText(),
        node.path("description").asText(),
        node.path("type").asText(),
        node.path("fieldConfig").path("defaults").path("unit").asText(),
        node.path("fieldConfig").path("defaults").path("noValue").asText(),
        node.path("maxDataPoints").asInt(),
        place(node.path("gridPos")),
        each(node.path("fieldConfig").path("overrides"))
            .map(override -> override.path("matcher"))
            .filter(matcher -> matcher.path("id").asText().equals("byName"))
            .map(matcher -> matcher.path("options").asText())
            .toList(),
        each(node.path("fieldConfig").path("overrides"))
            .flatMap(override -> each(override.path("properties")))
            .filter(property -> property.path("id").asText().equals("links"))
            .flatMap(property -> each(property.path("value")))
            .map(link -> link.path("url").asText())
            .toList(),
        each(node.path("targets"))
            .map(target -> target(target, target.path("datasource")))
            .toList());
  }

  private static Place place(JsonNode grid) {
    return new Place(
        grid.path("x").asInt(),
        grid.path("y").asInt(),
        grid.path("w").asInt(),
        grid.path("h").asInt());
  }

  private static Target target(JsonNode node, JsonNode datasource) {
    return new Target(
        node.path("refId").asText(),
        datasource.path("uid").asText(),
        node.path("format").asInt(-1),
        node.path("rawSql").asText());
  }

  private static Stream<JsonNode> each(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }
}
