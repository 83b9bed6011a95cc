package io.flowmeter.streams.deadletter;

import io.flowmeter.schemas.StateSerde;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.state.Replayed;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;

/**
 * Which letters were replayed. It lies in a compacted topic, for it has to last as long as letters
 * do: offsets of a group without members are deleted days after they were committed. A record's key
 * is the letters' topic, by its id, and their partition, so that a topic that takes the place of a
 * deleted one is not taken for it.
 */
public final class ReplayProgress {
  private static final TopicPartition KEPT = new TopicPartition(Topics.REPLAYS, 0);
  private static final Serde<Replayed> SERDE = StateSerde.of(Replayed.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int FETCH_WAITS_MS = 20;

  private final Uuid deadLetters;
  private final Map<TopicPartition, ReplayedDeadLetters> all = new HashMap<>();

  private ReplayProgress(Uuid deadLetters) {
    this.deadLetters = deadLetters;
  }

  /**
   * The first letter of each partition that was not replayed, or where the next one will be.
   *
   * @param kafka the Kafka client's own settings
   * @param topic the id of the topic of dead letters
   * @param starts the first letter of each partition
   * @param patience for each answer of Kafka
   * @throws DeadLetterReplayException if the topic holds something that no replay wrote
   * @throws org.apache.kafka.common.KafkaException where Kafka does not answer
   */
  public static Map<TopicPartition, Long> firstLeft(
      Map<String, Object> kafka, Uuid topic, Map<TopicPartition, Long> starts, Duration patience) {
    try (Consumer<byte[], byte[]> consumer = consumer(kafka, patience)) {
      ReplayProgress memory = read(consumer, topic, starts, patience);
      Map<TopicPartition, Long> first = new HashMap<>();
      memory.all.forEach((partition, replayed) -> first.put(partition, replayed.first()));
      return first;
    }
  }

  /** A reader of what is committed, in no group. */
  static Consumer<byte[], byte[]> consumer(Map<String, Object> kafka, Duration patience) {
    Map<String, Object> reading = withoutMember(kafka);
    reading.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    reading.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    reading.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    reading.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    reading.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAITS_MS);
    reading.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) patience.toMillis());
    return new KafkaConsumer<>(reading, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Settings for clients that are no members of a group. */
  static Map<String, Object> withoutMember(Map<String, Object> kafka) {
    Map<String, Object> config = new HashMap<>(kafka);
    config.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    return config;
  }

  /** What is known; nothing if the topic does not exist. */
  static ReplayProgress read(
      Consumer<byte[], byte[]> consumer, Uuid deadLetters, Map<TopicPartition, Long> starts) {
    return read(consumer, deadLetters, starts, PATIENCE);
  }

  private static ReplayProgress read(
      Consumer<byte[], byte[]> consumer,
      Uuid deadLetters,
      Map<TopicPartition, Long> starts,
      Duration patience) {
    ReplayProgress memory = new ReplayProgress(deadLetters);
    Map<String, Replayed> kept = kept(consumer, patience);
    starts.forEach(
        (partition, start) -> {
          Replayed there = kept.get(memory.key(partition));
          memory.all.put(
              partition,
              there == null ? ReplayedDeadLetters.none(start) : ReplayedDeadLetters.of(there));
        });
    return memory;
  }

  private static Map<String, Replayed> kept(Consumer<byte[], byte[]> consumer, Duration patience) {
    Map<String, Replayed> kept = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record :
        CompactedTopicReader.of(consumer, Topics.REPLAYS, patience)) {
      kept.put(
          new String(record.key(), StandardCharsets.UTF_8),
          SERDE.deserializer().deserialize(record.topic(), record.value()));
    }
    return kept;
  }

  /** Whether the topic is there, in which it can be kept. */
  static boolean isThere(Consumer<?, ?> consumer) {
    return CompactedTopicReader.isThere(consumer, Topics.REPLAYS);
  }

  ReplayedDeadLetters of(TopicPartition partition) {
    return all.get(partition);
  }

  /** What keeps it. */
  ProducerRecord<byte[], byte[]> record(TopicPartition partition) {
    return new ProducerRecord<>(
        KEPT.topic(),
        KEPT.partition(),
        key(partition).getBytes(StandardCharsets.UTF_8),
        SERDE.serializer().serialize(KEPT.topic(), of(partition).kept()));
  }

  private String key(TopicPartition partition) {
    return deadLetters + "/" + partition.partition();
  }
}
