package io.flowmeter.simulator.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A request as it came.
 *
 * @param target path and query, still encoded
 * @param headers names in lower case
 */
public record LoopbackRequest(
    String method, String target, Map<String, String> headers, byte[] body) {

  /** A request without a body, as a client on this machine sends it. */
  public static LoopbackRequest get(String target) {
    return new LoopbackRequest("GET", target, Map.of("host", "localhost"), new byte[0]);
  }

  /** The same request with one more header, or another value of it. */
  public LoopbackRequest with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header.toLowerCase(Locale.ROOT), value);
    return new LoopbackRequest(method, target, more, body);
  }

  /** A header; names are case-insensitive. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
  }

  /** The path's segments, decoded; {@code %2F} stays within its segment. */
  public List<String> segments() {
    List<String> segments = new ArrayList<>();
    for (String segment : rawPath().split("/")) {
      if (!segment.isEmpty()) {
        // A plus is a plus in a path, but URLDecoder reads forms.
        String plain = segment.replace("+", "%2B");
        segments.add(URLDecoder.decode(plain, StandardCharsets.UTF_8));
      }
    }
    return segments;
  }

  /** The query's parameters, decoded; the last one wins where a name is repeated. */
  public Map<String, String> parameters() {
    Map<String, String> parameters = new LinkedHashMap<>();
    int mark = target.indexOf('?');
    if (mark >= 0) {
      for (String pair : target.substring(mark + 1).split("&")) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        parameters.put(
            URLDecoder.decode(name, StandardCharsets.UTF_8),
            URLDecoder.decode(value, StandardCharsets.UTF_8));
      }
    }
    return parameters;
  }

  private String rawPath() {
    int mark = target.indexOf('?');
    return mark < 0 ? target : target.substring(0, mark);
  }
}
