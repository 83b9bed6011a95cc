package io.flowmeter.cli.parts;

/** Kafka does not answer: asking again later may help. */
public final class KafkaAwayException extends UnusablePartException {
  private static final long serialVersionUID = 1L;

  public KafkaAwayException(String message) {
    super(message);
  }

  public KafkaAwayException(String message, Throwable cause) {
    super(message, cause);
  }
}
