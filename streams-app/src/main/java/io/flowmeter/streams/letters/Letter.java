package io.flowmeter.streams.letters;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** A dead letter, and what it tells of the record that it was. */
record Letter(ConsumerRecord<byte[], byte[]> record) {

  TopicPartition partition() {
    return new TopicPartition(record.topic(), record.partition());
  }

  long offset() {
    return record.offset();
  }

  /** When it became a letter, or what the record's own timestamp was: see {@link LetterHeaders}. */
  Instant at() {
    return Instant.ofEpochMilli(record.timestamp());
  }

  /** The topic that the record came from; empty where the letter does not tell. */
  Optional<String> topic() {
    return LetterHeaders.text(record.headers(), LetterHeaders.TOPIC);
  }

  /** The partition that the record came from; empty where the letter does not tell. */
  Optional<TopicPartition> origin() {
    return topic()
        .flatMap(
            topic ->
                LetterHeaders.number(record.headers(), LetterHeaders.PARTITION)
                    .map(partition -> new TopicPartition(topic, partition.intValue())));
  }

  /** The class of what was thrown, without its package. */
  String exception() {
    String name = LetterHeaders.text(record.headers(), LetterHeaders.EXCEPTION).orElse("unknown");
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** What was thrown, in words. */
  String message() {
    return LetterHeaders.text(record.headers(), LetterHeaders.MESSAGE).orElse("");
  }

  /** How often the record was replayed before it became this letter. */
  long replays() {
    return LetterHeaders.replays(record.headers());
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
    return LetterHeaders.number(record.headers(), LetterHeaders.TIMESTAMP)
        .orElse(record.timestamp());
  }

  /** The headers that the record had, and that it was replayed from this letter. */
  Headers headersOfReplay() {
    Headers headers = new RecordHeaders();
    for (Header each : record.headers()) {
      if (!each.key().startsWith(LetterHeaders.OF_CAUSE)) {
        headers.add(each);
      }
    }
    headers.remove(LetterHeaders.TIMESTAMP);
    LetterHeaders.put(headers, LetterHeaders.REPLAYS, Long.toString(replays() + 1));
    LetterHeaders.put(headers, LetterHeaders.LETTER, record.partition() + "@" + offset());
    return headers;
  }
}
