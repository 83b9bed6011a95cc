package io.flowmeter.simulator.fault;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Walks over an envelope. */
final class Edits {
  private static final Set<String> TIMES =
      Set.of(
          "created_on",
          "modified_on",
          "started_on",
          "ended_on",
          "triggered_on",
          "queued",
          "start",
          "end");

  private Edits() {}

  /** The rows of a list, or the one object of a detail. */
  static List<ObjectNode> rows(ObjectNode envelope) {
    List<ObjectNode> rows = new ArrayList<>();
    JsonNode result = envelope.path("result");
    if (result instanceof ObjectNode row) {
      rows.add(row);
    }
    if (result.isArray()) {
      result.forEach(row -> rows.add((ObjectNode) row));
    }
    return rows;
  }

  static void removeTimes(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.remove(TIMES);
    }
    node.forEach(Edits::removeTimes);
  }
}
