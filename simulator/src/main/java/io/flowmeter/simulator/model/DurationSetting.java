package io.flowmeter.simulator.model;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * A duration of a step's configuration. The API answers it as the developer wrote it: a text such
 * as {@code 5 seconds}, or a number of milliseconds.
 *
 * @param millis its length in milliseconds
 * @param text what the developer wrote; empty when it was a number
 */
public record DurationSetting(long millis, Optional<String> text) {

  /** A duration written as a number of milliseconds. */
  public static DurationSetting ofMillis(long millis) {
    return new DurationSetting(millis, Optional.empty());
  }

  /**
   * A duration written as {@code "<number> <unit>"}, unit being second, minute, hour or day,
   * singular or plural.
   *
   * @throws IllegalArgumentException when the text has another form
   */
  public static DurationSetting of(String text) {
    String[] parts = text.split(" ", 2);
    if (parts.length != 2) {
      throw new IllegalArgumentException("expected '<number> <unit>', came '" + text + "'");
    }
    long count = Long.parseLong(parts[0]);
    Duration length =
        switch (parts[1].toLowerCase(Locale.ROOT)) {
          case "second", "seconds" -> Duration.ofSeconds(count);
          case "minute", "minutes" -> Duration.ofMinutes(count);
          case "hour", "hours" -> Duration.ofHours(count);
          case "day", "days" -> Duration.ofDays(count);
          default ->
              throw new IllegalArgumentException(
                  "expected second(s), minute(s), hour(s) or day(s), came '" + parts[1] + "'");
        };
    return new DurationSetting(length.toMillis(), Optional.of(text));
  }
}
