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
 * A Grafana dashboard as far as its queries go.
 *
 * @param title what it is called
 * @param variables in the order in which they depend on each other
 * @param panels those with queries, rows left out
 */
public record Dashboard(String title, List<Variable> variables, List<Panel> panels) {

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
   */
  public record Panel(
      String title, String description, String type, String unit, List<Target> targets) {}

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

  private static Dashboard of(JsonNode root) {
    return new Dashboard(
        root.path("title").asText(),
        each(root.path("templating").path("list")).map(Dashboard::variable).toList(),
        each(root.path("panels"))
            .flatMap(panel -> Stream.concat(Stream.of(panel), each(panel.path("panels"))))
            .filter(panel -> !panel.path("type").asText().equals("row"))
            .map(Dashboard::panel)
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
        each(node.path("targets")).map(Dashboard::target).toList());
  }

  private static Target target(JsonNode node) {
    return new Target(
        node.path("refId").asText(),
        node.path("datasource").path("uid").asText(),
        node.path("format").asInt(-1),
        node.path("rawSql").asText());
  }

  private static Stream<JsonNode> each(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }
}
