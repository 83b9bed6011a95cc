package io.flowmeter.http;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a caller is answered.
 *
 * @param type the body's media type
 * @param headers others than the type and those that every answer has
 */
public record Response(int status, String type, byte[] body, Map<String, String> headers) {

  public Response {
    headers = Map.copyOf(headers);
  }

  public static Response of(int status, String type, byte[] body) {
    return new Response(status, type, body, Map.of());
  }

  /** Plain text. */
  public static Response text(int status, String text) {
    return of(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
  }

  /** The same, of its text only the first line. */
  Response firstLine() {
    String text = new String(body, StandardCharsets.UTF_8);
    String line = text.lines().findFirst().map(first -> first + "\n").orElse("");
    return new Response(status, type, line.getBytes(StandardCharsets.UTF_8), headers);
  }

  /** The same with one more header. */
  public Response with(String name, String value) {
    Map<String, String> more = new TreeMap<>(headers);
    more.put(name, value);
    return new Response(status, type, body, more);
  }
}
