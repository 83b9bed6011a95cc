package io.flowmeter.simulator.fleet;

/** What a caller asked of an instance cannot be done. */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;

  Refusal(String code, String message) {
    // An answer, not an accident: a stack trace would tell nothing.
    super(message, null, false, false);
    this.code = code;
  }

  /** The runtime's own word for it, for example {@code instance.cannot_terminate}. */
  public String code() {
    return code;
  }
}
