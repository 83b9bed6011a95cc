package io.flowmeter.preview;

/** A request that cannot be answered; the message says what was expected. */
final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  private Refused(int status, String message) {
    super(message);
    this.status = status;
  }

  /** The request does not fit. */
  static Refused wrong(String message) {
    return new Refused(400, message);
  }

  /** There is no such thing. */
  static Refused unknown(String message) {
    return new Refused(404, message);
  }

  /** ClickHouse refuses, or is away. */
  static Refused byClickHouse(String message) {
    return new Refused(502, message);
  }

  int status() {
    return status;
  }
}
