package io.flowmeter.streams.rebuild;

/**
 * A rebuild was refused, or could not be done; the message says what to do. Nothing was changed.
 */
public final class RebuildException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public RebuildException(String message) {
    super(message);
  }

  public RebuildException(String message, Throwable cause) {
    super(message, cause);
  }
}
