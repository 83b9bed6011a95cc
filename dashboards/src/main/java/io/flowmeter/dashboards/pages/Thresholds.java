package io.flowmeter.dashboards.pages;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** From which value on which colour holds. */
final class Thresholds {

  private final ArrayNode steps = JsonNodeFactory.instance.arrayNode();

  private Thresholds(String base) {
    steps.addObject().put("color", base).putNull("value");
  }

  /** The colour below the first step. */
  static Thresholds base(String color) {
    return new Thresholds(color);
  }

  /** The fewer the better. */
  static Thresholds badFrom(double orange, double red) {
    return base("green").from(orange, "orange").from(red, "red");
  }

  /** The more the better. */
  static Thresholds goodFrom(double orange, double green) {
    return base("red").from(orange, "orange").from(green, "green");
  }

  Thresholds from(double value, String color) {
    steps.addObject().put("color", color).put("value", value);
    return this;
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("mode", "absolute");
    json.set("steps", steps);
    return json;
  }
}
