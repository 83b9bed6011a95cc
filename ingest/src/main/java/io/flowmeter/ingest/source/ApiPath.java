package io.flowmeter.ingest.source;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Builds addresses below a base. Segments and parameters may hold anything: ids made by cron hold
 * spaces and slashes.
 */
final class ApiPath {
  private final String base;
  private final StringBuilder path = new StringBuilder();
  private final StringBuilder toLogString = new StringBuilder("GET ");
  private char separator = '?';

  private ApiPath(String base) {
    this.base = base;
  }

  static ApiPath under(URI base) {
    String text = base.toString();
    return new ApiPath(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
  }

  ApiPath segment(String segment) {
    return segment(segment, segment);
  }

  /**
   * A segment that is told otherwise than it is asked for.
   *
   * @param publicId what {@link #toLogString} has in its place
   */
  ApiPath segment(String segment, String publicId) {
    path.append('/').append(encode(segment));
    toLogString.append('/').append(encode(publicId));
    return this;
  }

  ApiPath parameter(String name, String value) {
    path.append(separator).append(name).append('=').append(encode(value));
    separator = '&';
    return this;
  }

  URI uri() {
    return URI.create(base + path);
  }

  /** What is asked for, without host and parameters. */
  String toLogString() {
    return toLogString.toString();
  }

  private static String encode(String text) {
    if (text.equals(".") || text.equals("..")) {
      // Else servers and clients take them as steps in the path.
      return text.replace(".", "%2E");
    }
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A");
  }
}
