package io.flowmeter.ingest.publish;

import org.apache.kafka.common.KafkaException;

/**
 * Another producer of the account took over, or Kafka gave this one up, as it does where a process
 * was suspended for long.
 */
public final class FencedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  FencedException(KafkaException fencing) {
    super("another poller of the account took over, or this process was suspended", fencing);
  }
}
