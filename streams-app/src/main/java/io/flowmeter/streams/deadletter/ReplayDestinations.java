package io.flowmeter.streams.deadletter;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Where records of letters go back to: observations to the topology, rows to the writer. Nothing
 * else is read by anybody who sends dead letters and could take them in again.
 */
final class ReplayDestinations {
  private static final Map<String, Topic<?>> TOPICS = new HashMap<>();

  static {
    Stream.concat(Stream.of(Topics.OBSERVATIONS), Topics.OF_RELATIONS.stream())
        .forEach(topic -> TOPICS.put(topic.name(), topic));
  }

  private static final Set<String> DERIVED_ANEW =
      Topics.OF_RUNS.stream().map(Topic::name).collect(Collectors.toSet());

  private final Function<String, Integer> partitions;
  private final Optional<Instant> newestSwap;
  private final Clock clock;
  private final Map<String, Integer> known = new HashMap<>();

  /**
   * @param partitions how many a topic has, 0 where it is not there
   * @param newestSwap when the newest rebuild took its place, if there was one
   */
  ReplayDestinations(
      Function<String, Integer> partitions, Optional<Instant> newestSwap, Clock clock) {
    this.partitions = partitions;
    this.newestSwap = newestSwap;
    this.clock = clock;
  }

  /** Why the letter cannot be replayed; empty where it can. */
  String impossible(DeadLetterRecord deadLetter) {
    if (deadLetter.origin().isEmpty()) {
      return "it does not tell which topic and partition it came from";
    }
    TopicPartition origin = deadLetter.origin().get();
    if (!TOPICS.containsKey(origin.topic())) {
      return "it came from a topic that is none of observations or rows";
    }
    if (!deadLetter.hasPayload()) {
      return "it has no payload";
    }
    if (isRecomputed(deadLetter, origin.topic())) {
      return "it was derived anew, or carried over, by the rebuild of "
          + newestSwap.get().truncatedTo(ChronoUnit.SECONDS);
    }
    int there = known.computeIfAbsent(origin.topic(), partitions);
    return origin.partition() < there
        ? ""
        : "its partition %d is not there: the topic has %d".formatted(origin.partition(), there);
  }

  /**
   * Whether the row is one of tables that a rebuild has replaced. Theirs has other parts, so that a
   * minute would be counted twice, and knows nothing of rows that were taken back.
   */
  private boolean isRecomputed(DeadLetterRecord deadLetter, String topic) {
    return DERIVED_ANEW.contains(topic) && newestSwap.filter(deadLetter.at()::isBefore).isPresent();
  }

  /**
   * The record as it was, key, bytes and timestamp, for the partition that it came from: there is
   * what is known of its run. Only a timestamp that Kafka would delete at once is moved.
   */
  ProducerRecord<byte[], byte[]> record(DeadLetterRecord deadLetter) {
    TopicPartition origin = deadLetter.origin().orElseThrow();
    return new ProducerRecord<>(
        origin.topic(),
        origin.partition(),
        TOPICS.get(origin.topic()).timestamp(deadLetter.timestamp(), clock.instant()),
        deadLetter.record().key(),
        deadLetter.record().value(),
        deadLetter.headersOfReplay());
  }
}
