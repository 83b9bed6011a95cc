package io.flowmeter.preview;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A dashboard as Grafana keeps it.
 *
 * @param json the whole of it, which nobody changes
 */
record DashboardModel(JsonNode json) {
  private static final List<String> QUERY_TEXTS = List.of("rawSql", "definition");

  String uid() {
    return json.path("uid").asText();
  }

  String title() {
    return json.path("title").asText();
  }

  String description() {
    return json.path("description").asText();
  }

  /** What the page is told: everything but how ClickHouse is asked. */
  JsonNode withoutQueries() {
    JsonNode copy = json.deepCopy();
    QUERY_TEXTS.forEach(
        name -> copy.findParents(name).forEach(parent -> ((ObjectNode) parent).remove(name)));
    return copy;
  }

  /** The panel of that number, be it in a row or not. */
  Optional<JsonNode> panel(long id) {
    return each(json.path("panels"))
        .flatMap(panel -> Stream.concat(Stream.of(panel), each(panel.path("panels"))))
        .filter(panel -> panel.path("id").asLong(-1) == id)
        .findFirst();
  }

  List<JsonNode> variables() {
    return each(json.path("templating").path("list")).toList();
  }

  Optional<JsonNode> variable(String name) {
    return variables().stream().filter(each -> each.path("name").asText().equals(name)).findFirst();
  }

  /** Annotations that ask ClickHouse. */
  Optional<JsonNode> annotation(String name) {
    return each(json.path("annotations").path("list"))
        .filter(each -> each.path("name").asText().equals(name))
        .filter(each -> each.path("target").path("rawSql").isTextual())
        .findFirst();
  }

  static Stream<JsonNode> each(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }
}
