package io.flowmeter.simulator.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The envelope around every answer. */
final class Envelope {
  private Envelope() {}

  static ObjectNode of(JsonNode result) {
    ObjectNode envelope = JsonNodeFactory.instance.objectNode();
    envelope.put("success", true);
    envelope.putArray("errors");
    envelope.putArray("messages");
    envelope.set("result", result);
    return envelope;
  }

  static ObjectNode of(JsonNode rows, ObjectNode resultInfo) {
    ObjectNode envelope = of(rows);
    envelope.set("result_info", resultInfo);
    return envelope;
  }

  static ObjectNode of(ApiError error) {
    ObjectNode envelope = JsonNodeFactory.instance.objectNode();
    envelope.put("success", false);
    envelope
        .putArray("errors")
        .addObject()
        .put("code", error.code())
        .put("message", error.getMessage());
    envelope.putArray("messages");
    envelope.putNull("result");
    return envelope;
  }
}
