package io.flowmeter.streams.state;

/** Kept bytes that this version does not understand. */
public final class UnreadableStateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnreadableStateException(String message) {
    super(message);
  }
}
