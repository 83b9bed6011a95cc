package io.flowmeter.streams.topology;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * A record's own time, and 1970 where a producer gave one of before, as some do that were given
 * none. Kafka Streams has no dead letter for that: the thread would fail, and meet the record again
 * for ever.
 */
public final class RecordTime implements TimestampExtractor {

  @Override
  public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
    return of(record.timestamp());
  }

  static long of(long timestamp) {
    return Math.max(0, timestamp);
  }
}
