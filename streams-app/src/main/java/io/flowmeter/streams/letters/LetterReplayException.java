package io.flowmeter.streams.letters;

/**
 * Dead letters could not be replayed; the message says what to do. What was replayed before is
 * remembered, and nothing is half done.
 */
public final class LetterReplayException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LetterReplayException(String message) {
    super(message);
  }

  LetterReplayException(String message, Throwable cause) {
    super(message, cause);
  }
}
