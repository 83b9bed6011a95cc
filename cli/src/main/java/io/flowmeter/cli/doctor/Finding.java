package io.flowmeter.cli.doctor;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * What was found about one part.
 *
 * @param subject what was looked at
 * @param what was found; of what is wrong, also what was tried
 * @param since when it is so, where that is known
 * @param todo what to do about it; empty where nothing is to be done
 */
public record Finding(
    Verdict verdict, String subject, String what, Optional<Instant> since, String todo) {

  /** What a finding means. */
  public enum Verdict {
    FINE,
    /** Not there, and nobody asked for it. */
    ABSENT,
    WRONG
  }

  static Finding fine(String subject, String what) {
    return new Finding(Verdict.FINE, subject, what, Optional.empty(), "");
  }

  static Finding absent(String subject, String what) {
    return new Finding(Verdict.ABSENT, subject, what, Optional.empty(), "");
  }

  /** What is to be done stands in the text. */
  static Finding wrong(String subject, String what) {
    return wrong(subject, what, "");
  }

  static Finding wrong(String subject, String what, String todo) {
    return new Finding(Verdict.WRONG, subject, what, Optional.empty(), todo);
  }

  /** The same, known to be so since then. */
  Finding since(Instant moment) {
    return new Finding(verdict, subject, what, Optional.of(moment), todo);
  }

  /** All of it, in a line. */
  public String text() {
    String then =
        since.map(moment -> ", since " + moment.truncatedTo(ChronoUnit.SECONDS)).orElse("");
    return what + then + (todo.isEmpty() ? "" : ". " + todo);
  }
}
