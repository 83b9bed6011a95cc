package io.flowmeter.streams.deadletter;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** Reads a compacted topic of one partition, which is small enough to be read whole. */
final class CompactedTopicReader {
  private static final Duration POLL = Duration.ofMillis(200);

  private CompactedTopicReader() {}

  /** All records that are committed now, in order; none where the topic is not there. */
  static List<ConsumerRecord<byte[], byte[]>> of(
      Consumer<byte[], byte[]> consumer, String topic, Duration patience) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    if (!isThere(consumer, topic)) {
      return records;
    }
    TopicPartition all = new TopicPartition(topic, 0);
    long end = consumer.endOffsets(List.of(all)).get(all);
    long until = System.nanoTime() + patience.toNanos();
    consumer.assign(List.of(all));
    consumer.seekToBeginning(List.of(all));
    while (consumer.position(all) < end) {
      consumer.poll(POLL).forEach(records::add);
      if (System.nanoTime() > until) {
        throw new TimeoutException(
            "%s could not be read within %d s".formatted(topic, patience.toSeconds()));
      }
    }
    return records;
  }

  static boolean isThere(Consumer<?, ?> consumer, String topic) {
    return consumer.listTopics().containsKey(topic);
  }
}
