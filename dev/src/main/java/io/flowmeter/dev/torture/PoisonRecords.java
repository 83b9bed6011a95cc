package io.flowmeter.dev.torture;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.Topics;
import io.flowmeter.streams.deadletter.DeadLetterHeaders;
import io.flowmeter.verify.Comparison;
import io.flowmeter.verify.relation.Relation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Records among the observations that nobody can process: one in some hundred, at the usual rates.
 * Each must end as one dead letter, unchanged, that tells its cause.
 */
final class PoisonRecords implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final Duration POLL = Duration.ofMillis(200);

  /** A schema that no registry has given out. */
  private static final byte[] UNKNOWN_SCHEMA = {0, 0x7F, 0x7F, 0x7F, 0x7F};

  /** No such first byte is in the wire format. */
  private static final byte[] WRONG_MAGIC = {7, 0, 0, 0, 1};

  /** Too short for any header. */
  private static final byte[] CUT_OFF = {0, 0};

  private static final List<byte[]> BEGINNINGS =
      List.of(UNKNOWN_SCHEMA, WRONG_MAGIC, CUT_OFF, "{\"not\": ".getBytes(StandardCharsets.UTF_8));

  private final Map<String, Object> kafka;
  private final Clock clock;
  private final Random random;
  private final InjectionCounts injected;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Map<String, byte[]> values = new LinkedHashMap<>();
  private final List<Future<?>> sent = new ArrayList<>();
  private long nextNanos = System.nanoTime();

  /**
   * @param kafka how to reach it
   * @param clock by which records are stamped
   */
  PoisonRecords(Map<String, Object> kafka, Clock clock, long seed, InjectionCounts injected) {
    this.kafka = kafka;
    this.clock = clock;
    this.random = new Random(seed * 13);
    this.injected = injected;
    this.producer =
        new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Sends some, when it is time; waits for nothing. */
  void tick() {
    if (System.nanoTime() < nextNanos) {
      return;
    }
    nextNanos = System.nanoTime() + EVERY.toNanos();
    String key = "poison/" + values.size();
    byte[] beginning = BEGINNINGS.get(random.nextInt(BEGINNINGS.size()));
    byte[] value = Arrays.copyOf(beginning, beginning.length + (beginning == CUT_OFF ? 1 : 16));
    for (int i = beginning.length; i < value.length; i++) {
      value[i] = (byte) random.nextInt();
    }
    values.put(key, value);
    sent.add(
        producer.send(
            new ProducerRecord<>(
                Topics.OBSERVATIONS.name(),
                null,
                clock.instant().toEpochMilli(),
                bytes(key),
                value)));
    injected.fault("poisoned records");
  }

  /** Waits until Kafka has all of it, and returns how much that is. */
  long awaitDeadLetters() throws InterruptedException {
    producer.flush();
    for (Future<?> each : sent) {
      try {
        each.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("Kafka did not take a poisoned record", e);
      }
    }
    return values.size();
  }

  /** Holds the dead letters that are there against what was sent. */
  void check(Comparison comparison) {
    List<ConsumerRecord<byte[], byte[]>> deadLetters = deadLetters();
    comparison.compared(Relation.COLLECTOR_MINUTES, deadLetters.size());
    Set<String> seen = new HashSet<>();
    for (ConsumerRecord<byte[], byte[]> deadLetter : deadLetters) {
      String key =
          deadLetter.key() == null ? "" : new String(deadLetter.key(), StandardCharsets.UTF_8);
      List<Object> where = List.of(Topics.DEAD_LETTERS, key);
      Header cause = deadLetter.headers().lastHeader(DeadLetterHeaders.MESSAGE);
      if (!seen.add(key)) {
        comparison.doubled(Relation.COLLECTOR_MINUTES, where);
      } else if (!Arrays.equals(values.get(key), deadLetter.value())) {
        comparison.wrong(Relation.COLLECTOR_MINUTES, where, "nobody sent this");
      } else if (cause == null || cause.value().length == 0) {
        comparison.wrong(Relation.COLLECTOR_MINUTES, where, "expected its cause, found none");
      }
    }
    values.keySet().stream()
        .filter(key -> !seen.contains(key))
        .forEach(
            key ->
                comparison.missing(
                    Relation.COLLECTOR_MINUTES,
                    List.of(Topics.DEAD_LETTERS, key),
                    "expected it among the dead letters"));
  }

  private List<ConsumerRecord<byte[], byte[]>> deadLetters() {
    Map<String, Object> reading = new HashMap<>(kafka);
    reading.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    List<ConsumerRecord<byte[], byte[]>> deadLetters = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(reading, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.DEAD_LETTERS).stream()
              .map(each -> new TopicPartition(each.topic(), each.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(POLL).forEach(deadLetters::add);
      }
    }
    return deadLetters;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}
