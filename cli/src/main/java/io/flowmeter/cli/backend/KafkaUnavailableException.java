package io.flowmeter.cli.backend;

/** Kafka does not answer: asking again later may help. */
public final class KafkaUnavailableException extends UnusableBackendException {
  private static final long serialVersionUID = 1L;

  public KafkaUnavailableException(String message) {
    super(message);
  }

  public KafkaUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
