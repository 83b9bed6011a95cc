package io.flowmeter.cli.doctor;

/**
 * What was found about one part.
 *
 * @param subject what was looked at
 * @param text what was found; of what is wrong, also what was tried and what to do
 */
public record Finding(Verdict verdict, String subject, String text) {

  /** What a finding means. */
  public enum Verdict {
    FINE,
    /** Not there, and nobody asked for it. */
    ABSENT,
    WRONG
  }

  static Finding fine(String subject, String text) {
    return new Finding(Verdict.FINE, subject, text);
  }

  static Finding absent(String subject, String text) {
    return new Finding(Verdict.ABSENT, subject, text);
  }

  static Finding wrong(String subject, String text) {
    return new Finding(Verdict.WRONG, subject, text);
  }
}
