package io.flowmeter.streams.deadletter;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a topic holds. */
final class TopicRecords {
  private TopicRecords() {}

  /** All records that are committed now. */
  static List<ConsumerRecord<byte[], byte[]>> of(Map<String, Object> kafka, String topic) {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 20);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      Set<TopicPartition> left = new HashSet<>();
      consumer
          .partitionsFor(topic)
          .forEach(each -> left.add(new TopicPartition(topic, each.partition())));
      Map<TopicPartition, Long> ends = consumer.endOffsets(left);
      consumer.assign(left);
      consumer.seekToBeginning(left);
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      while (!left.isEmpty()) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
        left.removeIf(partition -> consumer.position(partition) >= ends.get(partition));
      }
      return records;
    }
  }
}
