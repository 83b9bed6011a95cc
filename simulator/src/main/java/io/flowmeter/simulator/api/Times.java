package io.flowmeter.simulator.api;

import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Times as the API writes and reads them. */
final class Times {
  private static final String JSON = "0000-00-00T00:00:00.000Z";
  private static final int DAY_MS = 86_400_000;
  private static final DateTimeFormatter HTTP =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
          .withZone(ZoneOffset.UTC);

  private Times() {}

  /**
   * For example {@code 2026-11-24T12:26:35.431Z}; from the year 0 to 9999. Written digit by digit,
   * for a page of rows has 400 of them, and a formatter took a good third of its time.
   */
  static String json(Instant at) {
    LocalDate day = LocalDate.ofEpochDay(Math.floorDiv(at.toEpochMilli(), DAY_MS));
    int ms = Math.floorMod(at.toEpochMilli(), DAY_MS);
    char[] text = JSON.toCharArray();
    write(text, 3, day.getYear());
    write(text, 6, day.getMonthValue());
    write(text, 9, day.getDayOfMonth());
    write(text, 12, ms / 3_600_000);
    write(text, 15, ms / 60_000 % 60);
    write(text, 18, ms / 1_000 % 60);
    write(text, 22, ms % 1_000);
    return new String(text);
  }

  /** Writes the digits of a number so that the last one is at this place. */
  private static void write(char[] text, int last, int number) {
    int place = last;
    for (int left = number; left > 0; left /= 10) {
      text[place--] = (char) ('0' + left % 10);
    }
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
