package io.flowmeter.ingest.source;

import java.time.Instant;

/**
 * A request told nothing, and why. It has no cause on purpose: messages of parsers and of HTTP
 * clients quote what they read.
 */
public final class ApiFailureException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient ApiFailure failure;
  private final Instant at;

  public ApiFailureException(ApiFailure failure, Instant at) {
    super(failure.message());
    this.failure = failure;
    this.at = at;
  }

  /** When it came, by the source's clock. */
  public Instant at() {
    return at;
  }

  public ApiFailure failure() {
    return failure;
  }
}
