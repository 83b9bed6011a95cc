package io.flowmeter.cli.doctor;

import static io.flowmeter.cli.doctor.Finding.fine;
import static io.flowmeter.cli.doctor.Finding.wrong;

import io.flowmeter.schemas.Topics;
import io.flowmeter.streams.deadletter.DeadLetterReplayException;
import io.flowmeter.streams.deadletter.ReplayProgress;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;

/**
 * Records that could not be processed and were not replayed: kept for 35 days, and missing from the
 * relations. Offsets of transactions' ends count as well, which no client tells apart.
 */
final class DeadLettersWaiting {
  private static final String SUBJECT = "dead letters";

  private DeadLettersWaiting() {}

  static Finding of(Admin admin, Map<String, Object> kafka)
      throws ExecutionException, TimeoutException, InterruptedException {
    TopicDescription topic =
        admin
            .describeTopics(List.of(Topics.DEAD_LETTERS))
            .allTopicNames()
            .get(Reason.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
            .get(Topics.DEAD_LETTERS);
    Map<TopicPartition, ListOffsetsResultInfo> first = offsets(admin, topic, OffsetSpec.earliest());
    Map<TopicPartition, ListOffsetsResultInfo> end = offsets(admin, topic, OffsetSpec.latest());
    Map<TopicPartition, Long> starts = new HashMap<>();
    first.forEach((partition, start) -> starts.put(partition, start.offset()));
    Map<TopicPartition, Long> left;
    try {
      left = ReplayProgress.firstLeft(kafka, topic.topicId(), starts, Reason.PATIENCE);
    } catch (DeadLetterReplayException e) {
      return wrong(SUBJECT, e.getMessage());
    }
    long waiting = 0;
    for (Map.Entry<TopicPartition, ListOffsetsResultInfo> each : end.entrySet()) {
      TopicPartition partition = each.getKey();
      waiting += each.getValue().offset() - Math.max(starts.get(partition), left.get(partition));
    }
    if (waiting <= 0) {
      return fine(SUBJECT, "none waits for a replay");
    }
    Finding found =
        wrong(
            SUBJECT,
            "%,d wait at most, whose facts are missing from the relations".formatted(waiting),
            "See their causes with flowmeter replay --dry-run, and run flowmeter replay once they are mended");
    return offsets(admin, topic, OffsetSpec.maxTimestamp()).values().stream()
        .mapToLong(ListOffsetsResultInfo::timestamp)
        .filter(ms -> ms >= 0)
        .max()
        .stream()
        .mapToObj(
            ms ->
                new Finding(
                    found.verdict(),
                    found.subject(),
                    found.what() + ", the latest of " + Instant.ofEpochMilli(ms),
                    found.since(),
                    found.todo()))
        .findFirst()
        .orElse(found);
  }

  private static Map<TopicPartition, ListOffsetsResultInfo> offsets(
      Admin admin, TopicDescription topic, OffsetSpec which)
      throws ExecutionException, TimeoutException, InterruptedException {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    topic
        .partitions()
        .forEach(part -> asked.put(new TopicPartition(topic.name(), part.partition()), which));
    return admin.listOffsets(asked).all().get(Reason.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }
}
