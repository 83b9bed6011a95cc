package io.flowmeter.simulator.fault;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.flowmeter.simulator.http.LoopbackResponse;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;

/** One thing that goes wrong with a response. */
public sealed interface InjectedFault {

  /** Another response in place of the true one. */
  record Instead(LoopbackResponse response) implements InjectedFault {}

  /** The true response, delivered slowly, in part or not at all. */
  record Delivered(LoopbackResponse.Delivery how) implements InjectedFault {}

  /** The true response with bytes changed after it was written. */
  record Garbled() implements InjectedFault {}

  /** Another tool of the user goes over the rate limit, so that this request is rejected. */
  record OtherTool() implements InjectedFault {}

  /**
   * The true JSON, edited before it is written.
   *
   * @param edit changes the whole envelope in place
   */
  record Edited(Consumer<ObjectNode> edit) implements InjectedFault {}

  /** Status 200 and JSON that breaks off in the middle. */
  static InjectedFault malformedJson() {
    return new Garbled();
  }

  /** Status 200 and a page of HTML, as a proxy in between may send. */
  static InjectedFault html() {
    return new Instead(
        LoopbackResponse.text(
            200, "text/html; charset=UTF-8", "<!DOCTYPE html><html><body>Hello</body></html>"));
  }

  /** Status 403 as plain text. */
  static InjectedFault plainForbidden() {
    return new Instead(LoopbackResponse.text(403, "text/plain", "Forbidden"));
  }

  /** Status 404 as plain text: not the API's own way to say that something is unknown. */
  static InjectedFault plainNotFound() {
    return new Instead(LoopbackResponse.text(404, "text/plain", "404 page not found"));
  }

  /** A status of 500 or more with the API's code 10001. */
  static InjectedFault serverError(int status) {
    String body =
        "{\"success\":false,\"errors\":[{\"code\":10001,\"message\":\"Internal error\"}],"
            + "\"messages\":[],\"result\":null}";
    return new Instead(LoopbackResponse.text(status, "application/json", body));
  }

  /** Status 200 with the API's code 10001 and an empty list, which is none. */
  static InjectedFault emptyFailure() {
    String body =
        "{\"success\":false,\"errors\":[{\"code\":10001,\"message\":\"Internal error\"}],"
            + "\"messages\":[],\"result\":[]}";
    return new Instead(LoopbackResponse.text(200, "application/json", body));
  }

  /** Status 429 with a {@code retry-after}, in whole seconds. */
  static InjectedFault tooManyRequests(Duration retryAfter) {
    String body =
        "{\"success\":false,\"errors\":[{\"code\":10429,\"message\":\"Rate limited\"}],"
            + "\"messages\":[],\"result\":null}";
    return new Instead(
        LoopbackResponse.text(429, "application/json", body)
            .with("Retry-After", Long.toString(retryAfter.toSeconds()))
            .with("Ratelimit", "\"default\";r=0;t=" + retryAfter.toSeconds())
            .with("Ratelimit-Policy", "\"default\";q=1200;w=300"));
  }

  /**
   * Another tool of the user goes over the rate limit: this request and all others are rejected for
   * the block's time.
   */
  static InjectedFault otherTool() {
    return new OtherTool();
  }

  /** The whole body, in small pieces over two seconds. */
  static InjectedFault slowBody() {
    return new Delivered(LoopbackResponse.Delivery.SLOW);
  }

  /** Status 302 to another place. */
  static InjectedFault redirect(URI target) {
    return new Instead(
        LoopbackResponse.text(302, "text/html", "moved").with("Location", target.toString()));
  }

  /** No answer; the connection stays open. */
  static InjectedFault hang() {
    return new Delivered(LoopbackResponse.Delivery.NEVER);
  }

  /** Half of the body, then the connection ends. */
  static InjectedFault truncatedBody() {
    return new Delivered(LoopbackResponse.Delivery.TRUNCATED);
  }

  /** The connection is reset without an answer. */
  static InjectedFault reset() {
    return new Delivered(LoopbackResponse.Delivery.RESET);
  }

  /** Every row's or the detail's status reads {@code status}. */
  static InjectedFault unknownStatus(String status) {
    return edit(row -> row.put("status", status));
  }

  /** Every step of the detail is of this type. */
  static InjectedFault unknownStepType(String type) {
    return editSteps(step -> step.put("type", type));
  }

  /** No row, detail, step or attempt tells a time. */
  static InjectedFault missingTimestamps() {
    return new Edited(Edits::removeTimes);
  }

  /** The steps of the detail have no {@code attempts}. */
  static InjectedFault stepsWithoutAttempts() {
    return editSteps(step -> step.remove("attempts"));
  }

  /** No row has an {@code id}. */
  static InjectedFault rowsWithoutId() {
    return edit(row -> row.remove("id"));
  }

  /** Edits every row of a list, or the one object of a detail. */
  static InjectedFault edit(Consumer<ObjectNode> row) {
    return new Edited(envelope -> Edits.rows(envelope).forEach(row));
  }

  /** Edits every step of a detail. */
  static InjectedFault editSteps(Consumer<ObjectNode> step) {
    return edit(
        row -> {
          for (JsonNode entry : row.path("steps")) {
            step.accept((ObjectNode) entry);
          }
        });
  }

  /** JSON bytes with the last third replaced by something that is not JSON. */
  static byte[] garble(byte[] json) {
    String text = new String(json, StandardCharsets.UTF_8);
    return (text.substring(0, text.length() * 2 / 3) + "\u0000}{,")
        .getBytes(StandardCharsets.UTF_8);
  }
}
