package io.flowmeter.cli.doctor;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** Why a question to a part was not answered, in words. */
final class Reason {
  /** So long a part may take for an answer. */
  static final Duration PATIENCE = Duration.ofSeconds(5);

  private Reason() {}

  static String of(Throwable e) {
    Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
    if (cause instanceof TimeoutException) {
      return "nothing within " + PATIENCE.toSeconds() + " s";
    }
    // The driver's own message tells of attempts; why they failed stands below it.
    while (e instanceof SQLException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage().strip();
  }

  /** The same with what is at the bottom of it, such as the file that is not there. */
  static String withCause(Throwable e) {
    Throwable last = e;
    while (last.getCause() != null) {
      last = last.getCause();
    }
    return last == e ? of(e) : of(e) + ": " + of(last);
  }
}
