package io.flowmeter.dashboards.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/** How one column, or one series, is shown where it differs from the rest of its panel. */
final class Field {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final String matcher;
  private final String name;
  private final ArrayNode properties = JSON.arrayNode();

  private Field(String matcher, String name) {
    this.matcher = matcher;
    this.name = name;
  }

  /**
   * @param name as the query names the column, or as the legend names the series
   */
  static Field of(String name) {
    return new Field("byName", name);
  }

  /** Every column of texts. Grafana would take texts of digits for numbers, and shorten them. */
  static Field texts() {
    return new Field("byType", "string");
  }

  /** Every column. */
  static Field every() {
    return new Field("byRegexp", "/.*/");
  }

  /** The rows can be narrowed down to some of its values. */
  Field filterable() {
    return with("custom.filterable", JSON.booleanNode(true));
  }

  /** The column's heading: "Success rate", not {@code success_rate}. */
  Field named(String heading) {
    return with("displayName", JSON.textNode(heading));
  }

  /**
   * Headed by the column's own name in plain words, without a trailing "id", unless it was named.
   */
  Field headed() {
    if (matcher.equals("byName") && !has("displayName")) {
      String words = name.replaceFirst("_id$", "").replace('_', ' ');
      named(words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1));
    }
    return this;
  }

  private boolean has(String id) {
    for (JsonNode property : properties) {
      if (property.path("id").asText().equals(id)) {
        return true;
      }
    }
    return false;
  }

  /** Shown in place of a value that is not there. */
  Field noValue(String text) {
    return with("noValue", JSON.textNode(text));
  }

  /** A unit, as Grafana names units. */
  Field unit(String unit) {
    return with("unit", JSON.textNode(unit));
  }

  /** The number of digits after the point. */
  Field decimals(int decimals) {
    return with("decimals", JSON.numberNode(decimals));
  }

  /** A colour of Grafana's palette. */
  Field color(String color) {
    return with("color", JSON.objectNode().put("mode", "fixed").put("fixedColor", color));
  }

  /** A column's width in pixels. */
  Field width(int pixels) {
    return with("custom.width", JSON.numberNode(pixels));
  }

  /** The value in the colour of the step that it has reached. */
  Field thresholds(Thresholds thresholds) {
    with("thresholds", thresholds.json());
    with("color", JSON.objectNode().put("mode", "thresholds"));
    return with("custom.cellOptions", JSON.objectNode().put("type", "color-text"));
  }

  /** The cell filled: the nearer its value to {@code max}, the stronger. */
  Field shaded(double max) {
    with("min", JSON.numberNode(0));
    with("max", JSON.numberNode(max));
    with("color", JSON.objectNode().put("mode", "continuous-blues"));
    return with(
        "custom.cellOptions",
        JSON.objectNode().put("type", "color-background").put("mode", "basic"));
  }

  /** A status or an outcome in its own colour. */
  Field statuses() {
    with("mappings", JSON.arrayNode().add(Palette.mapping()));
    return with("custom.cellOptions", JSON.objectNode().put("type", "color-text"));
  }

  /** A line, where the panel's other series are stacked bars. */
  Field line() {
    with("custom.drawStyle", JSON.textNode("line"));
    with("custom.fillOpacity", JSON.numberNode(0));
    with("custom.lineWidth", JSON.numberNode(2));
    return with("custom.stacking", JSON.objectNode().put("group", "B").put("mode", "none"));
  }

  /** Not shown: it is there for links only. */
  Field hidden() {
    return with("custom.hidden", JSON.booleanNode(true));
  }

  /** Leads to another page, with the same time range. */
  Field link(Link link) {
    return with("links", JSON.arrayNode().add(link.json()));
  }

  private Field with(String id, JsonNode value) {
    properties.add(JSON.objectNode().put("id", id).set("value", value));
    return this;
  }

  ObjectNode json() {
    ObjectNode json = JSON.objectNode();
    json.putObject("matcher").put("id", matcher).put("options", name);
    json.set("properties", properties);
    return json;
  }
}
