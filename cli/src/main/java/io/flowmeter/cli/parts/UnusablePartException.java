package io.flowmeter.cli.parts;

/** A part cannot be reached, or is not as it should be; the message says what to do. */
public class UnusablePartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnusablePartException(String message) {
    super(message);
  }

  public UnusablePartException(String message, Throwable cause) {
    super(message, cause);
  }
}
