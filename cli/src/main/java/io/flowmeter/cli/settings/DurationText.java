package io.flowmeter.cli.settings;

import java.time.Duration;

/** Durations as settings and flags write them: {@code 250ms}, {@code 90s}, {@code 5m}. */
public final class DurationText {
  private DurationText() {}

  /**
   * @param name of what the text belongs to, for the message
   * @throws SettingsException where the text is no duration
   */
  public static Duration parse(String name, String text) {
    try {
      return Kind.DURATION.parse().apply(text);
    } catch (IllegalArgumentException e) {
      throw new SettingsException(
          "%s: expected %s, came \"%s\"".formatted(name, Kind.DURATION.expected(), text), e);
    }
  }
}
