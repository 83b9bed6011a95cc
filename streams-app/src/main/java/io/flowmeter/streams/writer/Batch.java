package io.flowmeter.streams.writer;

import io.flowmeter.schemas.Topic;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Rows that wait to be written together, by relation. */
final class Batch {
  /** A row and the record that carried it. */
  record Row(SpecificRecord value, ConsumerRecord<byte[], byte[]> record) {}

  private final Map<Topic<?>, List<Row>> rows = new LinkedHashMap<>();
  private int size;
  private long openedAtNanos;
  private long youngestMs;

  void add(Topic<?> topic, Row row, long nowNanos) {
    if (size == 0) {
      openedAtNanos = nowNanos;
    }
    rows.computeIfAbsent(topic, key -> new ArrayList<>()).add(row);
    youngestMs = Math.max(youngestMs, row.record().timestamp());
    size++;
  }

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  Map<Topic<?>, List<Row>> rows() {
    return rows;
  }

  /** How long the oldest row has waited. */
  long ageNanos(long nowNanos) {
    return size == 0 ? 0 : nowNanos - openedAtNanos;
  }

  /** The youngest row's own time, in epoch milliseconds. */
  long youngestMs() {
    return youngestMs;
  }

  void clear() {
    rows.clear();
    size = 0;
    youngestMs = 0;
  }
}
