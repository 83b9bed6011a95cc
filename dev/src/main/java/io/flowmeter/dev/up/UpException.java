package io.flowmeter.dev.up;

/** The whole could not be started, or broke; the message says why and what to do. */
public final class UpException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UpException(String message) {
    super(message);
  }

  UpException(String message, Throwable cause) {
    super(message, cause);
  }
}
