package io.flowmeter.preview;

/** A request that cannot be answered; the message says what was expected. */
final class BadRequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  private BadRequestException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** The request does not fit. */
  static BadRequestException wrong(String message) {
    return new BadRequestException(400, message);
  }

  /** There is no such thing. */
  static BadRequestException unknown(String message) {
    return new BadRequestException(404, message);
  }

  /** ClickHouse refuses, or is away. */
  static BadRequestException byClickHouse(String message) {
    return new BadRequestException(502, message);
  }

  int status() {
    return status;
  }
}
