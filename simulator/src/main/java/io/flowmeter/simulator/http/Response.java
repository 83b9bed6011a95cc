package io.flowmeter.simulator.http;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What goes back over the wire.
 *
 * @param headers all but {@code Content-Length} and {@code Connection}
 */
public record Response(int status, Map<String, String> headers, byte[] body, Delivery delivery) {

  /** How much of the response reaches the client. */
  public enum Delivery {
    /** All of it. */
    WHOLE,
    /** Headers that promise all of it, half of the body, then the end of the connection. */
    TRUNCATED,
    /** Nothing; the connection stays open until the client or the server gives up. */
    NEVER,
    /** Nothing; the connection is reset. */
    RESET
  }

  /** A whole response with a body of text. */
  public static Response text(int status, String contentType, String body) {
    return new Response(
        status,
        Map.of("Content-Type", contentType),
        body.getBytes(StandardCharsets.UTF_8),
        Delivery.WHOLE);
  }

  /** The same response with one more header, or another value of it. */
  public Response with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Response(status, more, body, delivery);
  }

  /** The same response, delivered in another way. */
  public Response delivered(Delivery how) {
    return new Response(status, headers, body, how);
  }
}
