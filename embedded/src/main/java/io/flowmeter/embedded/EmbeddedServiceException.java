package io.flowmeter.embedded;

/** An embedded service could not start, or died. The message says why and what to do. */
public final class EmbeddedServiceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public EmbeddedServiceException(String message) {
    super(message);
  }

  public EmbeddedServiceException(String message, Throwable cause) {
    super(message, cause);
  }
}
