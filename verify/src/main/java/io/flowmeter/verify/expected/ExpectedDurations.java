package io.flowmeter.verify.expected;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times and durations as the API writes them. */
final class ExpectedDurations {

  private static final Pattern TEXT =
      Pattern.compile("(\\d+(?:\\.\\d+)?) (second|minute|hour|day|week)s?");
  private static final Map<String, Long> UNIT_MS =
      Map.of(
          "second", 1_000L,
          "minute", 60_000L,
          "hour", 3_600_000L,
          "day", 86_400_000L,
          "week", 604_800_000L);

  private ExpectedDurations() {}

  /** Epoch milliseconds. */
  static Optional<Long> time(JsonNode json) {
    return json.isTextual()
        ? Optional.of(Instant.parse(json.asText()).toEpochMilli())
        : Optional.empty();
  }

  /**
   * Milliseconds of a number of milliseconds or of text such as {@code 10 minutes}; empty where it
   * says neither.
   */
  static Optional<Long> milliseconds(JsonNode json) {
    if (json.isNumber()) {
      return Optional.of(json.asLong());
    }
    Matcher matcher = TEXT.matcher(json.asText(""));
    return matcher.matches()
        ? Optional.of(
            Math.round(Double.parseDouble(matcher.group(1)) * UNIT_MS.get(matcher.group(2))))
        : Optional.empty();
  }
}
