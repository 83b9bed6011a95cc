package io.flowmeter.streams.writer;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.Topics;
import io.flowmeter.streams.deadletter.BoundedDeadLetter;
import io.flowmeter.streams.deadletter.DeadLetterHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends records that cannot be written to the dead-letter topic, with the headers that Kafka
 * Streams gives its own. They leave in the transaction that commits the offsets behind them, so
 * that none is sent twice, whenever the process dies. Connects when first needed, for one thread.
 */
final class DeadLetterProducer implements AutoCloseable {
  private static final int MOST_OF_A_MESSAGE = 1_000;
  private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private final Clock clock;
  private final Map<String, Object> config;
  private final Consumer<String> unconfirmed;
  private final Function<Map<String, Object>, Producer<byte[], byte[]>> open;
  private Producer<byte[], byte[]> producer;

  /**
   * @param unconfirmed told why a commit is asked for again
   */
  DeadLetterProducer(Map<String, Object> kafka, Clock clock, Consumer<String> unconfirmed) {
    this(
        kafka,
        clock,
        unconfirmed,
        config ->
            new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer()));
  }

  DeadLetterProducer(
      Map<String, Object> kafka,
      Clock clock,
      Consumer<String> unconfirmed,
      Function<Map<String, Object>, Producer<byte[], byte[]>> open) {
    this.clock = clock;
    this.unconfirmed = unconfirmed;
    this.open = open;
    config = new HashMap<>(kafka);
    config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, (int) TRANSACTION_TIMEOUT.toMillis());
  }

  /**
   * Sends the letters and commits the offsets, both or none.
   *
   * @throws CommitFailedException where the partitions have gone elsewhere: so do the letters
   * @throws RetriableException where Kafka cannot take them now
   * @throws IllegalStateException where it never will
   */
  void commit(
      List<UnwritableRecord> deadLetters,
      Map<TopicPartition, OffsetAndMetadata> offsets,
      ConsumerGroupMetadata group)
      throws InterruptedException {
    try {
      if (producer == null) {
        // Who may commit is told by the group's generation; the name only has to be nobody else's.
        config.put(
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            ClickHouseWriter.GROUP + "-" + UUID.randomUUID());
        producer = open.apply(config);
        producer.initTransactions();
      }
      producer.beginTransaction();
      List<Future<?>> sent = new ArrayList<>();
      deadLetters.forEach(deadLetter -> sent.add(producer.send(recordOf(deadLetter))));
      producer.flush();
      for (Future<?> deadLetter : sent) {
        deadLetter.get();
      }
      producer.sendOffsetsToTransaction(offsets, group);
      commitTransaction();
    } catch (ExecutionException e) {
      giveUp();
      throw failure(e.getCause());
    } catch (CommitFailedException e) {
      giveUp();
      throw e;
    } catch (KafkaException e) {
      giveUp();
      throw failure(e);
    }
  }

  /**
   * A commit that timed out may have happened, and what is sent in another transaction would be
   * sent twice then; asking again tells. Who closes the writer interrupts it.
   */
  private void commitTransaction() {
    while (true) {
      try {
        producer.commitTransaction();
        return;
      } catch (TimeoutException e) {
        unconfirmed.accept(e.getMessage());
      }
    }
  }

  private static RuntimeException failure(Throwable cause) {
    if (cause instanceof RecordTooLargeException || !(cause instanceof KafkaException)) {
      return new IllegalStateException(
          "a record that cannot be written could not be sent to "
              + Topics.DEAD_LETTERS
              + " either: "
              + cause.getMessage(),
          cause);
    }
    // Whatever else went wrong with the transaction, another one can do it.
    return cause instanceof RetriableException retriable
        ? retriable
        : new TimeoutException(String.valueOf(cause.getMessage()), cause);
  }

  /** The transaction is not to stay open, for it would hold up all who read the letters. */
  private void giveUp() {
    if (producer == null) {
      return;
    }
    try {
      producer.abortTransaction();
    } catch (KafkaException | IllegalStateException e) {
      // It ends by its time-out then.
    }
    close();
  }

  private ProducerRecord<byte[], byte[]> recordOf(UnwritableRecord deadLetter) {
    ConsumerRecord<byte[], byte[]> record = deadLetter.record();
    ProducerRecord<byte[], byte[]> sent =
        new ProducerRecord<>(
            Topics.DEAD_LETTERS, null, clock.millis(), record.key(), record.value());
    Exception cause = deadLetter.cause();
    Headers headers = sent.headers();
    record.headers().forEach(headers::add);
    String message = DeadLetterHeaders.describe(headers, String.valueOf(cause.getMessage()));
    DeadLetterHeaders.put(headers, DeadLetterHeaders.EXCEPTION, cause.getClass().getName());
    DeadLetterHeaders.put(headers, DeadLetterHeaders.MESSAGE, shortened(message));
    DeadLetterHeaders.put(headers, DeadLetterHeaders.TOPIC, record.topic());
    DeadLetterHeaders.put(
        headers, DeadLetterHeaders.PARTITION, Integer.toString(record.partition()));
    DeadLetterHeaders.put(headers, DeadLetterHeaders.OFFSET, Long.toString(record.offset()));
    DeadLetterHeaders.put(headers, DeadLetterHeaders.TIMESTAMP, Long.toString(record.timestamp()));
    return BoundedDeadLetter.of(sent);
  }

  @Override
  public void close() {
    if (producer != null) {
      producer.close(CLOSE_WITHIN);
      producer = null;
    }
  }

  /** Databases quote the statement in their errors, which would not fit beside the record. */
  private static String shortened(String message) {
    return message.length() <= MOST_OF_A_MESSAGE
        ? message
        : message.substring(0, MOST_OF_A_MESSAGE);
  }
}
