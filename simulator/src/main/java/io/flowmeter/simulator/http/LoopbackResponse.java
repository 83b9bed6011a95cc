package io.flowmeter.simulator.http;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What goes back over the wire.
 *
 * @param headers all but {@code Content-Length}, {@code Transfer-Encoding} and {@code Connection}
 * @param whenDelivered to be run once, when all but the last byte was sent; not at all when less is
 *     delivered
 */
public record LoopbackResponse(
    int status, Map<String, String> headers, Body body, Delivery delivery, Runnable whenDelivered) {
  private static final Runnable NOTHING = () -> {};

  /** How much of the response reaches the client. */
  public enum Delivery {
    /** All of it. */
    WHOLE,
    /** All of it, in many small pieces over some seconds. */
    SLOW,
    /** Headers that promise all of it, half of the body, then the end of the connection. */
    TRUNCATED,
    /** Nothing; the connection stays open until the client or the server gives up. */
    NEVER,
    /** Nothing; the connection is reset. */
    RESET;

    /** Whether all of it reaches the client, sooner or later. */
    public boolean isWhole() {
      return this == WHOLE || this == SLOW;
    }
  }

  /** A whole response of which nobody wants to hear. */
  public static LoopbackResponse of(int status, String contentType, Body body) {
    return new LoopbackResponse(
        status, Map.of("Content-Type", contentType), body, Delivery.WHOLE, NOTHING);
  }

  /** A whole response with a body of text. */
  public static LoopbackResponse text(int status, String contentType, String body) {
    return of(status, contentType, new Body.Held(body.getBytes(StandardCharsets.UTF_8)));
  }

  /** The same response with one more header, or another value of it. */
  public LoopbackResponse with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new LoopbackResponse(status, more, body, delivery, whenDelivered);
  }

  /** The same response, delivered in another way. */
  public LoopbackResponse delivered(Delivery how) {
    return new LoopbackResponse(status, headers, body, how, whenDelivered);
  }

  /** The same response, after whose delivery this is to be run. */
  public LoopbackResponse whenDelivered(Runnable then) {
    return new LoopbackResponse(status, headers, body, delivery, then);
  }
}
