package io.flowmeter.dev.verify;

/** A simulated day could not be brought to its end; the message says why. */
public final class DayException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DayException(String message) {
    super(message);
  }

  public DayException(String message, Throwable cause) {
    super(message, cause);
  }
}
