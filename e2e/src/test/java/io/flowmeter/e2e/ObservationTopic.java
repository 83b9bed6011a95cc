package io.flowmeter.e2e;

import io.flowmeter.schemas.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The observations of a running Kafka. */
final class ObservationTopic {
  private static final Duration WAIT = Duration.ofMillis(100);

  private ObservationTopic() {}

  /**
   * Deletes those that came in before a moment, as their retention does. Kafka is not asked for the
   * offset of a time: it would name the end of a transaction, which it stamps by its own clock.
   */
  static void forgetBefore(String servers, Instant moment) throws Exception {
    Map<TopicPartition, RecordsToDelete> until = new HashMap<>();
    firstSince(servers, moment)
        .forEach((partition, offset) -> until.put(partition, RecordsToDelete.beforeOffset(offset)));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
      admin.deleteRecords(until).all().get();
    }
  }

  private static Map<TopicPartition, Long> firstSince(String servers, Instant moment) {
    Map<TopicPartition, Long> first = new HashMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", servers, "isolation.level", "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.OBSERVATIONS.name()).stream()
              .map(each -> new TopicPartition(each.topic(), each.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(WAIT)) {
          if (record.timestamp() >= moment.toEpochMilli()) {
            first.putIfAbsent(
                new TopicPartition(record.topic(), record.partition()), record.offset());
          }
        }
      }
    }
    return first;
  }
}
