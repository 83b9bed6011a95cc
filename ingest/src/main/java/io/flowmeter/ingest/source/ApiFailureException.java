package io.flowmeter.ingest.source;

import java.time.Instant;

/**
 * A request told nothing, and why. It has no cause on purpose: messages of parsers and of HTTP
 * clients quote what they read.
 */
public final class ApiFailureException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient ApiFailure fault;
  private final Instant at;

  public ApiFailureException(ApiFailure fault, Instant at) {
    super(fault.message());
    this.fault = fault;
    this.at = at;
  }

  /** When it came, by the source's clock. */
  public Instant at() {
    return at;
  }

  public ApiFailure fault() {
    return fault;
  }
}
