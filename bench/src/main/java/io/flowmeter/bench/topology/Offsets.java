package io.flowmeter.bench.topology;

import io.flowmeter.bench.BenchmarkException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** How far a group has come, and what is in topics. */
final class Offsets {
  private static final Duration LOOK_EVERY = Duration.ofMillis(10);

  private Offsets() {}

  /**
   * Waits until all of a topic was processed and committed.
   *
   * @param trouble what makes waiting vain, once it is there
   */
  static void awaitCommitted(
      Map<String, Object> kafka,
      String group,
      String topic,
      Duration patience,
      Supplier<Optional<Throwable>> trouble) {
    long until = System.nanoTime() + patience.toNanos();
    try (Admin admin = Admin.create(kafka)) {
      Map<TopicPartition, Long> ends = ends(admin, List.of(topic));
      while (!isCommitted(admin, group, ends)) {
        trouble
            .get()
            .ifPresent(
                thrown -> {
                  throw new BenchmarkException("processing failed: " + thrown.getMessage(), thrown);
                });
        if (System.nanoTime() > until) {
          throw new BenchmarkException("not all was processed within " + patience, null);
        }
        LockSupport.parkNanos(LOOK_EVERY.toNanos());
      }
    }
  }

  /**
   * Waits until each partition of a topic just made can be written to. A producer that comes sooner
   * can lose its place and try in vain for two minutes.
   */
  static void awaitLeaders(Map<String, Object> kafka, String topic) {
    try (Admin admin = Admin.create(kafka)) {
      ends(admin, List.of(topic));
    }
  }

  private static boolean isCommitted(Admin admin, String group, Map<TopicPartition, Long> ends) {
    Map<TopicPartition, OffsetAndMetadata> committed =
        await(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
    return ends.entrySet().stream()
        .allMatch(
            end -> {
              OffsetAndMetadata at = committed.get(end.getKey());
              return end.getValue() == 0 || (at != null && at.offset() >= end.getValue());
            });
  }

  private static Map<TopicPartition, Long> ends(Admin admin, List<String> topics) {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    await(admin.describeTopics(topics).allTopicNames())
        .forEach(
            (name, topic) ->
                topic
                    .partitions()
                    .forEach(
                        each ->
                            asked.put(
                                new TopicPartition(name, each.partition()), OffsetSpec.latest())));
    return await(admin.listOffsets(asked).all()).entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, end -> end.getValue().offset()));
  }

  /** Names of all topics, internal ones too. */
  static List<String> topics(Map<String, Object> kafka) {
    try (Admin admin = Admin.create(kafka)) {
      return List.copyOf(await(admin.listTopics().names()));
    }
  }

  /** Is told each committed record. */
  interface Reading {
    void record(ConsumerRecord<byte[], byte[]> record);
  }

  /** Reads topics from their beginnings to their ends, as a consumer that does nothing else. */
  static void read(Map<String, Object> kafka, List<String> topics, Reading reading) {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    // As the topology restores.
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10_000);
    config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 8 << 20);
    try (Admin admin = Admin.create(kafka);
        KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      Map<TopicPartition, Long> ends = ends(admin, topics);
      consumer.assign(ends.keySet());
      consumer.seekToBeginning(ends.keySet());
      while (!ends.isEmpty()) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(100));
        records.forEach(reading::record);
        ends.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
      }
    }
  }

  private static <T> T await(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkException("interrupted", e);
    } catch (ExecutionException e) {
      throw new BenchmarkException("Kafka could not be asked: " + e.getCause().getMessage(), e);
    }
  }
}
