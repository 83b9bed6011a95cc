package io.flowmeter.streams.state;

/** Kept bytes that this version does not understand. */
public final class UnreadableStateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnreadableStateException(String message) {
    super(message);
  }

  /**
   * For bytes that begin with another format than the one that is read.
   *
   * @param what the bytes should be, such as "a run"
   */
  static UnreadableStateException ofFormat(String what, int expected, int came) {
    return new UnreadableStateException(
        "expected %s in state format %d, came format %d: a newer version of Flowmeter wrote it. Run that version, or a later one"
            .formatted(what, expected, came));
  }
}
