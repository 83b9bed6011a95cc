package io.flowmeter.bench;

/** A benchmark could not be run to its end; the message says why. */
public final class BenchmarkException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BenchmarkException(String message, Throwable cause) {
    super(message, cause);
  }

  public BenchmarkException(String message) {
    super(message);
  }
}
