package io.flowmeter.streams.writer;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends records that cannot be written to the dead-letter topic, with the headers that Kafka
 * Streams gives its own.
 */
final class DeadLetters implements AutoCloseable {
  private static final int MOST_OF_A_MESSAGE = 1_000;

  private final Clock clock;
  private final Producer<byte[], byte[]> producer;
  private final Queue<Future<?>> sent = new ConcurrentLinkedQueue<>();

  DeadLetters(Map<String, Object> kafka, Clock clock) {
    this.clock = clock;
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  void add(ConsumerRecord<byte[], byte[]> record, Exception cause) {
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(
            Topics.DEAD_LETTERS, null, clock.millis(), record.key(), record.value());
    Headers headers = letter.headers();
    headers.add("__streams.errors.exception", bytes(cause.getClass().getName()));
    headers.add("__streams.errors.message", bytes(shortened(String.valueOf(cause.getMessage()))));
    headers.add("__streams.errors.topic", bytes(record.topic()));
    headers.add("__streams.errors.partition", bytes(Integer.toString(record.partition())));
    headers.add("__streams.errors.offset", bytes(Long.toString(record.offset())));
    sent.add(producer.send(letter));
  }

  /**
   * Returns when all that was added has arrived.
   *
   * @throws IllegalStateException where something did not: it must not count as written then
   */
  void flush() throws InterruptedException {
    producer.flush();
    for (Future<?> letter = sent.poll(); letter != null; letter = sent.poll()) {
      try {
        letter.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(
            "a record that cannot be written could not be sent to "
                + Topics.DEAD_LETTERS
                + " either: "
                + e.getCause().getMessage(),
            e.getCause());
      }
    }
  }

  @Override
  public void close() {
    producer.close();
  }

  /** Databases quote the statement in their errors, which would not fit beside the record. */
  private static String shortened(String message) {
    return message.length() <= MOST_OF_A_MESSAGE
        ? message
        : message.substring(0, MOST_OF_A_MESSAGE);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
