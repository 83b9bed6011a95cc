package io.flowmeter.http;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * A response of a listener.
 *
 * @param type the body's media type
 * @param headers without the content type and the headers that every response has
 */
public record Response(int status, String type, byte[] body, Map<String, String> headers) {

  public Response {
    headers = Map.copyOf(headers);
  }

  public static Response of(int status, String type, byte[] body) {
    return new Response(status, type, body, Map.of());
  }

  public static Response text(int status, String text) {
    return of(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns this response with only the first line of its text. */
  Response firstLine() {
    String text = new String(body, StandardCharsets.UTF_8);
    String line = text.lines().findFirst().map(first -> first + "\n").orElse("");
    return new Response(status, type, line.getBytes(StandardCharsets.UTF_8), headers);
  }

  /** Returns this response with one more header. */
  public Response with(String name, String value) {
    Map<String, String> more = new TreeMap<>(headers);
    more.put(name, value);
    return new Response(status, type, body, more);
  }
}
