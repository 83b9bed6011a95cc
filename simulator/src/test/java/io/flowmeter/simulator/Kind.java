package io.flowmeter.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

/** What a field of the schema page holds. */
enum Kind {
  TEXT(JsonNode::isTextual),
  NUMBER(JsonNode::isNumber),
  COUNT(node -> node.isIntegralNumber() && node.longValue() >= 0),
  BOOLEAN(JsonNode::isBoolean),
  OBJECT(JsonNode::isObject),
  ARRAY(JsonNode::isArray),
  ANY(node -> true),
  TEXT_OR_NUMBER(node -> node.isTextual() || node.isNumber()),
  NAME(node -> node.isTextual() && node.textValue().length() >= 1),
  STEP_NAME(node -> node.isTextual() && node.textValue().matches("(?s).{1,256}-\\d+")),
  TIME(
      node ->
          node.isTextual()
              && node.textValue().matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z")
              && Instant.parse(node.textValue()) != null),
  ID(node -> node.isTextual() && UUID.fromString(node.textValue()) != null),
  STATUS(
      node ->
          Set.of(
                  "queued",
                  "running",
                  "paused",
                  "errored",
                  "terminated",
                  "complete",
                  "waitingForPause",
                  "waiting",
                  "rollingBack")
              .contains(node.textValue())),
  SOURCE(node -> Set.of("unknown", "api", "binding", "event", "cron").contains(node.textValue())),
  OUTCOME(node -> Set.of("complete", "failed").contains(node.textValue())),
  BACKOFF(node -> Set.of("constant", "linear", "exponential").contains(node.textValue()));

  private final Predicate<JsonNode> fits;

  Kind(Predicate<JsonNode> fits) {
    this.fits = fits;
  }

  /**
   * Checks an object against a shape such as {@code "id:ID end:TIME? limits:OBJECT*"}: no mark,
   * always there; {@code ?}, there and perhaps null; {@code *}, perhaps not there. Fields that the
   * shape does not name are a failure.
   */
  static void check(JsonNode object, String shape) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String field : shape.trim().split("\\s+")) {
      fields.put(field.substring(0, field.indexOf(':')), field.substring(field.indexOf(':') + 1));
    }
    object
        .fieldNames()
        .forEachRemaining(name -> assertThat(fields).as("fields of %s", object).containsKey(name));
    fields.forEach(
        (name, kind) -> {
          JsonNode value = object.path(name);
          if (value.isMissingNode() && kind.endsWith("*") || value.isNull() && kind.endsWith("?")) {
            return;
          }
          Kind expected = valueOf(kind.replaceAll("[?*]$", ""));
          assertThat(expected.fits.test(value) && !value.isMissingNode())
              .as("%s must be %s in %s", name, kind, object)
              .isTrue();
        });
  }
}
