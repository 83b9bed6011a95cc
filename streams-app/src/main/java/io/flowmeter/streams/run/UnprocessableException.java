package io.flowmeter.streams.run;

/** An observation from which nothing can be learnt; thrown before anything was changed. */
public final class UnprocessableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnprocessableException(String message, Throwable cause) {
    super(message, cause);
  }
}
