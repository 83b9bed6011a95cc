package io.flowmeter.streams.run;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as the API gives them. */
final class DurationParser {
  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");
  private static final Pattern TEXT = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([a-z]+)");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "millisecond", Duration.ofMillis(1),
          "second", Duration.ofSeconds(1),
          "minute", Duration.ofMinutes(1),
          "hour", Duration.ofHours(1),
          "day", Duration.ofDays(1),
          "week", Duration.ofDays(7),
          "month", Duration.ofDays(30),
          "year", Duration.ofDays(365));

  /** The same few are configured for millions of steps. */
  private static final Map<String, Optional<Long>> KNOWN = new ConcurrentHashMap<>();

  private static final int MOST_KNOWN = 1_000;

  private DurationParser() {}

  /**
   * Milliseconds of a configured duration: a number is milliseconds already, else a count and a
   * unit.
   *
   * @return empty where it is neither, such as {@code [dynamic]}
   * @see <a
   *     href="https://developers.cloudflare.com/workflows/build/workers-api/">WorkflowSleepDuration</a>
   */
  static Optional<Long> milliseconds(String configured) {
    Optional<Long> known = KNOWN.get(configured);
    if (known != null) {
      return known;
    }
    Optional<Long> parsed = parsed(configured);
    if (KNOWN.size() < MOST_KNOWN) {
      KNOWN.put(configured, parsed);
    }
    return parsed;
  }

  private static Optional<Long> parsed(String configured) {
    String text = configured.strip().toLowerCase(Locale.ROOT);
    if (NUMBER.matcher(text).matches()) {
      return Optional.of(Long.parseLong(text));
    }
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String unit = matcher.group(2);
    Duration one = UNITS.get(unit.endsWith("s") ? unit.substring(0, unit.length() - 1) : unit);
    return Optional.ofNullable(one)
        .map(duration -> Math.round(Double.parseDouble(matcher.group(1)) * duration.toMillis()));
  }

  /** Milliseconds between two times, null where one is unknown. */
  static Long between(Instant from, Instant to) {
    return from == null || to == null
        ? null
        : Long.valueOf(to.toEpochMilli() - from.toEpochMilli());
  }
}
