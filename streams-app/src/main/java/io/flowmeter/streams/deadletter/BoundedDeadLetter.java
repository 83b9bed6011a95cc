package io.flowmeter.streams.deadletter;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * A dead letter that Kafka takes, however long the record is that it is of. A record that was just
 * short enough for its own topic is too long with its cause; one that cannot be told would be met
 * again for ever.
 */
public final class BoundedDeadLetter {
  /** Producers and topics take records of a MiB by default, with what they add. */
  static final int MOST_BYTES = 1_040_000;

  private static final int MOST_OF_A_KEY = 10_000;

  private BoundedDeadLetter() {}

  /** {@link #of} each. */
  public static List<ProducerRecord<byte[], byte[]>> each(
      List<ProducerRecord<byte[], byte[]>> deadLetters) {
    return deadLetters.stream().map(BoundedDeadLetter::of).toList();
  }

  /**
   * The letter; without its stack trace where it would be too long; and without its payload where
   * that is not enough: its headers tell where the record lies.
   */
  public static ProducerRecord<byte[], byte[]> of(ProducerRecord<byte[], byte[]> deadLetter) {
    if (bytes(deadLetter) <= MOST_BYTES) {
      return deadLetter;
    }
    Headers headers = deadLetter.headers();
    headers.remove(DeadLetterHeaders.STACK_TRACE);
    if (bytes(deadLetter) <= MOST_BYTES) {
      return deadLetter;
    }
    DeadLetterHeaders.put(
        headers,
        DeadLetterHeaders.MESSAGE,
        DeadLetterHeaders.text(headers, DeadLetterHeaders.MESSAGE).orElse("")
            + " (the record is left where it came from: its "
            + (length(deadLetter.key()) + length(deadLetter.value()))
            + " bytes are more than a letter holds)");
    return new ProducerRecord<>(
        deadLetter.topic(),
        deadLetter.partition(),
        deadLetter.timestamp(),
        length(deadLetter.key()) > MOST_OF_A_KEY ? null : deadLetter.key(),
        null,
        headers);
  }

  private static long bytes(ProducerRecord<byte[], byte[]> deadLetter) {
    long bytes = length(deadLetter.key()) + length(deadLetter.value());
    for (Header header : deadLetter.headers()) {
      bytes += header.key().getBytes(StandardCharsets.UTF_8).length + length(header.value());
    }
    return bytes;
  }

  private static long length(byte[] part) {
    return part == null ? 0 : part.length;
  }
}
