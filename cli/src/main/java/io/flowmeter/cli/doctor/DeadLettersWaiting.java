package io.flowmeter.cli.doctor;

import static io.flowmeter.cli.doctor.Finding.fine;
import static io.flowmeter.cli.doctor.Finding.wrong;

import io.flowmeter.schemas.Topics;
import java.time.Instant;
import java.util.HashMap;
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
 * Records that could not be processed: kept for 35 days, and lost from the relations until then.
 */
final class DeadLettersWaiting {
  private static final String SUBJECT = "dead letters";

  private DeadLettersWaiting() {}

  static Finding of(Admin admin) throws ExecutionException, TimeoutException, InterruptedException {
    TopicDescription topic =
        admin
            .describeTopics(java.util.List.of(Topics.DEAD_LETTERS))
            .allTopicNames()
            .get(Reason.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
            .get(Topics.DEAD_LETTERS);
    Map<TopicPartition, ListOffsetsResultInfo> first = offsets(admin, topic, OffsetSpec.earliest());
    Map<TopicPartition, ListOffsetsResultInfo> end = offsets(admin, topic, OffsetSpec.latest());
    long kept =
        end.entrySet().stream()
            .mapToLong(each -> each.getValue().offset() - first.get(each.getKey()).offset())
            .sum();
    if (kept <= 0) {
      return fine(SUBJECT, "none are kept");
    }
    Finding found =
        wrong(
            SUBJECT,
            "%,d are kept at most, whose facts are missing from the relations unless they were replayed"
                .formatted(kept),
            "The header __streams.errors.message of each tells its cause; run flowmeter replay once that is mended");
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
