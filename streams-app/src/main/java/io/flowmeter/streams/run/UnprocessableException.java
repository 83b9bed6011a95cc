package io.flowmeter.streams.run;

/**
 * An observation from which nothing can be learnt; thrown before anything was changed but for the
 * parts of its detail, which stay.
 */
public final class UnprocessableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnprocessableException(String message, Throwable cause) {
    super(message, cause);
  }
}
