package io.flowmeter.cli.backend;

/** A part cannot be reached, or is not as it should be; the message says what to do. */
public class UnusableBackendException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnusableBackendException(String message) {
    super(message);
  }

  public UnusableBackendException(String message, Throwable cause) {
    super(message, cause);
  }
}
