package io.flowmeter.cli.data;

/** The directory cannot be used so; the message says why and what to do. */
public final class UnusableDirectoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnusableDirectoryException(String message) {
    super(message);
  }

  UnusableDirectoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
