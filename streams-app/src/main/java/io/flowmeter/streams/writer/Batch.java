package io.flowmeter.streams.writer;

import io.flowmeter.schemas.Topic;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Records that are written together, by relation, and what is committed once they are. */
final class Batch {
  /** What a record takes beside its key and value, about. */
  private static final int RECORD_BYTES = 200;

  private final Map<Topic<?>, List<ConsumerRecord<byte[], byte[]>>> records = new LinkedHashMap<>();
  private final Map<TopicPartition, Long> first = new HashMap<>();
  private final Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
  private int size;
  private long bytes;
  private long openedAtNanos;
  private long youngestMs;

  void add(Topic<?> topic, ConsumerRecord<byte[], byte[]> record, long nowNanos) {
    if (size == 0) {
      openedAtNanos = nowNanos;
    }
    records.computeIfAbsent(topic, key -> new ArrayList<>()).add(record);
    first.putIfAbsent(new TopicPartition(record.topic(), record.partition()), record.offset());
    youngestMs = Math.max(youngestMs, record.timestamp());
    size++;
    bytes += RECORD_BYTES + length(record.key()) + length(record.value());
  }

  /** Where reading goes on after all that was added, transactions' markers left behind. */
  void reachedTo(TopicPartition partition, OffsetAndMetadata offset) {
    next.put(partition, offset);
  }

  /** Adds another's latest record of each key, and its offsets: the records before are replaced. */
  void addLatest(Batch other) {
    other.records.forEach(
        (topic, all) -> {
          Map<ByteBuffer, ConsumerRecord<byte[], byte[]>> latest = new LinkedHashMap<>();
          for (ConsumerRecord<byte[], byte[]> record : all) {
            if (record.key() == null) {
              add(topic, record, other.openedAtNanos);
            } else {
              latest.put(ByteBuffer.wrap(record.key()), record);
            }
          }
          latest.values().forEach(record -> add(topic, record, other.openedAtNanos));
        });
    other.first.forEach((at, offset) -> first.merge(at, offset, Math::min));
    next.putAll(other.next);
  }

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /** What the records take in memory, about. */
  long bytes() {
    return bytes;
  }

  Map<Topic<?>, List<ConsumerRecord<byte[], byte[]>>> records() {
    return records;
  }

  Map<TopicPartition, OffsetAndMetadata> offsets() {
    return next;
  }

  /** The first offset of each partition that has records here. */
  Map<TopicPartition, Long> firstOffsets() {
    return first;
  }

  /** How long the oldest record has waited. */
  long ageNanos(long nowNanos) {
    return size == 0 ? 0 : nowNanos - openedAtNanos;
  }

  /** The youngest record's own time, in epoch milliseconds. */
  long youngestMs() {
    return youngestMs;
  }

  private static int length(byte[] part) {
    return part == null ? 0 : part.length;
  }
}
