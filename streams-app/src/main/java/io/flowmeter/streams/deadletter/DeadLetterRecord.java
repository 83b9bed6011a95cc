package io.flowmeter.streams.deadletter;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** A dead letter, and what it tells of the record that it was. */
record DeadLetterRecord(ConsumerRecord<byte[], byte[]> record) {

  TopicPartition partition() {
    return new TopicPartition(record.topic(), record.partition());
  }

  long offset() {
    return record.offset();
  }

  /**
   * When it became a letter, or what the record's own timestamp was: see {@link DeadLetterHeaders}.
   */
  Instant at() {
    return Instant.ofEpochMilli(record.timestamp());
  }

  /** The topic that the record came from; empty where the letter does not tell. */
  Optional<String> topic() {
    return DeadLetterHeaders.text(record.headers(), DeadLetterHeaders.TOPIC);
  }

  /** The partition that the record came from; empty where the letter does not tell. */
  Optional<TopicPartition> origin() {
    return topic()
        .flatMap(
            topic ->
                DeadLetterHeaders.number(record.headers(), DeadLetterHeaders.PARTITION)
                    .map(partition -> new TopicPartition(topic, partition.intValue())));
  }

  /** The class of what was thrown, without its package. */
  String exception() {
    String name =
        DeadLetterHeaders.text(record.headers(), DeadLetterHeaders.EXCEPTION).orElse("unknown");
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** What was thrown, in words. */
  String message() {
    return DeadLetterHeaders.text(record.headers(), DeadLetterHeaders.MESSAGE).orElse("");
  }

  /** How often the record was replayed before it became this letter. */
  long replays() {
    return DeadLetterHeaders.replays(record.headers());
  }

  /** The key as text, for people. */
  String key() {
    return record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
  }

  boolean hasPayload() {
    return record.value() != null;
  }

  /** The timestamp that the record had, in epoch milliseconds. */
  long timestamp() {
    return DeadLetterHeaders.number(record.headers(), DeadLetterHeaders.TIMESTAMP)
        .orElse(record.timestamp());
  }

  /** The headers that the record had, and that it was replayed from this letter. */
  Headers headersOfReplay() {
    Headers headers = new RecordHeaders();
    for (Header each : record.headers()) {
      if (!each.key().startsWith(DeadLetterHeaders.OF_CAUSE)) {
        headers.add(each);
      }
    }
    headers.remove(DeadLetterHeaders.TIMESTAMP);
    DeadLetterHeaders.put(headers, DeadLetterHeaders.REPLAYS, Long.toString(replays() + 1));
    DeadLetterHeaders.put(headers, DeadLetterHeaders.LETTER, record.partition() + "@" + offset());
    return headers;
  }
}
