package io.flowmeter.streams.rebuild;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.Topics;
import io.flowmeter.streams.deadletter.DeadLetterHeaders;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * The observations that a rebuild reads.
 *
 * @param starts of each partition, the first offset that is retained
 * @param ends the offset up to which the state in force has learnt
 * @param isLearnt whether it is known up to where the state in force has learnt; else the ends are
 *     those of what there is
 * @param boundary runs named, in epoch milliseconds, at or after it can have no observation that is
 *     gone; empty where nothing ever was deleted
 */
record ObservedRange(
    Map<TopicPartition, Long> starts,
    Map<TopicPartition, Long> ends,
    boolean isLearnt,
    Optional<Long> boundary) {

  /**
   * Observations are stamped by pollers' clocks and runs named by the API's. A run that is nearer
   * to what is gone than clocks may differ is left as it is.
   */
  static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);

  /**
   * @param learnt what the state in force has committed; empty where there is no state
   */
  static ObservedRange of(KafkaLog log, Map<TopicPartition, Long> learnt, Clock clock) {
    List<TopicPartition> partitions = log.partitions(Topics.OBSERVATIONS.name());
    Map<TopicPartition, Long> starts = log.starts(partitions);
    Map<TopicPartition, Long> written = log.ends(partitions);
    boolean isLearnt = partitions.stream().anyMatch(learnt::containsKey);
    Map<TopicPartition, Long> ends = new HashMap<>();
    Optional<Long> boundary = Optional.empty();
    for (TopicPartition partition : partitions) {
      long start = starts.get(partition);
      long end = isLearnt ? learnt.getOrDefault(partition, 0L) : written.get(partition).longValue();
      ends.put(partition, Math.max(start, end));
      if (start > 0) {
        long earliest =
            log.first(partition, start, ObservedRange::isInItsPlace)
                .map(record -> record.timestamp())
                .orElseGet(clock::millis);
        long after = earliest + CLOCKS_DIFFER.toMillis();
        boundary = Optional.of(boundary.map(known -> Math.max(known, after)).orElse(after));
      }
    }
    return new ObservedRange(starts, ends, isLearnt, boundary);
  }

  /** A dead letter that was taken in again has the time that it had, far from its neighbours'. */
  private static boolean isInItsPlace(ConsumerRecord<byte[], byte[]> record) {
    return DeadLetterHeaders.replays(record.headers()) == 0;
  }

  /** Offsets to read, about as many as observations. */
  long size() {
    return ends.entrySet().stream()
        .mapToLong(end -> end.getValue() - starts.get(end.getKey()))
        .sum();
  }
}
