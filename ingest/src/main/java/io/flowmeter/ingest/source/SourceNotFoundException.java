package io.flowmeter.ingest.source;

/**
 * No Workflows API answers at the address, or something is missing to ask it. The message says what
 * to do.
 */
public final class SourceNotFoundException extends Exception {
  private static final long serialVersionUID = 1L;

  public SourceNotFoundException(String message) {
    super(message);
  }
}
