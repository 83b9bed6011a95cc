package io.flowmeter.cli.health;

/**
 * One thing that was looked at.
 *
 * @param subject what was looked at
 * @param well whether it is as it should be
 * @param text what was seen; where it is not well, the reason
 */
public record Check(String subject, boolean well, String text) {

  public static Check well(String subject, String text) {
    return new Check(subject, true, text);
  }

  public static Check ill(String subject, String text) {
    return new Check(subject, false, text);
  }

  /** A line for people and for logs of probes. */
  public String line() {
    return "%s %s: %s".formatted(well ? "ok  " : "FAIL", subject, text);
  }
}
