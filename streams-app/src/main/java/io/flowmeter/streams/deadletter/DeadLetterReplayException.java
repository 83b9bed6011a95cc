package io.flowmeter.streams.deadletter;

/**
 * Dead letters could not be replayed; the message says what to do. What was replayed before is
 * remembered, and nothing is half done.
 */
public final class DeadLetterReplayException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DeadLetterReplayException(String message) {
    super(message);
  }

  DeadLetterReplayException(String message, Throwable cause) {
    super(message, cause);
  }
}
