package io.flowmeter.dashboards.pages;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The colour of each status and outcome: the same on every page. */
final class Palette {

  private static final Map<String, String> COLORS = new LinkedHashMap<>();

  static {
    COLORS.put("complete", "green");
    COLORS.put("succeeded", "green");
    COLORS.put("errored", "red");
    COLORS.put("failed", "red");
    COLORS.put("timed_out", "dark-red");
    COLORS.put("terminated", "orange");
    COLORS.put("unfinished", "orange");
    COLORS.put("running", "blue");
    COLORS.put("queued", "purple");
    COLORS.put("waiting", "yellow");
    COLORS.put("paused", "#a16a3e");
    COLORS.put("waitingForPause", "#f2a0c0");
    COLORS.put("rollingBack", "dark-orange");
    COLORS.put("unknown", "text");
  }

  private Palette() {}

  /** Series that are named by a status or an outcome, in their colours. */
  static List<Field> series() {
    return COLORS.entrySet().stream()
        .map(color -> Field.of(color.getKey()).color(color.getValue()))
        .toList();
  }

  /** Values that are a status or an outcome, in their colours. */
  static ObjectNode mapping() {
    ObjectNode mapping = JsonNodeFactory.instance.objectNode().put("type", "value");
    ObjectNode options = mapping.putObject("options");
    int index = 0;
    for (Map.Entry<String, String> color : COLORS.entrySet()) {
      options
          .putObject(color.getKey())
          .put("color", color.getValue())
          .put("text", color.getKey())
          .put("index", index++);
    }
    return mapping;
  }
}
