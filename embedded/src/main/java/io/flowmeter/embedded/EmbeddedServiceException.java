package io.flowmeter.embedded;

/**
 * A part could not start, or died. The message says what was expected, what came and what to do.
 */
public final class EmbeddedServiceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public EmbeddedServiceException(String message) {
    super(message);
  }

  public EmbeddedServiceException(String message, Throwable cause) {
    super(message, cause);
  }
}
