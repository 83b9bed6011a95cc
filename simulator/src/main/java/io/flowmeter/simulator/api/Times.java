package io.flowmeter.simulator.api;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Times as the API writes and reads them. */
final class Times {
  private static final DateTimeFormatter JSON =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter HTTP =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
          .withZone(ZoneOffset.UTC);

  private Times() {}

  /** For example {@code 2026-11-24T12:26:35.431Z}. */
  static String json(Instant at) {
    return JSON.format(at);
  }

  /** For a {@code Date} header, in whole seconds. */
  static String http(Instant at) {
    return HTTP.format(at);
  }

  /** Reads a parameter in ISO 8601. */
  static Optional<Instant> parameter(Map<String, String> parameters, String name) {
    String text = parameters.get(name);
    if (text == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeParseException e) {
      throw ApiError.badParameter(name + ": Invalid ISO datetime", e);
    }
  }
}
