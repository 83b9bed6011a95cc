package io.flowmeter.e2e;

import io.flowmeter.schemas.Topics;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;

/** The observations of a running Kafka. */
final class Observed {
  private Observed() {}

  /** Deletes those that came in before a moment, as their retention does. */
  static void forgetBefore(String servers, Instant moment) throws Exception {
    String topic = Topics.OBSERVATIONS.name();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
      Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
      admin
          .describeTopics(List.of(topic))
          .allTopicNames()
          .get()
          .get(topic)
          .partitions()
          .forEach(
              each ->
                  asked.put(
                      new TopicPartition(topic, each.partition()),
                      OffsetSpec.forTimestamp(moment.toEpochMilli())));
      Map<TopicPartition, RecordsToDelete> until = new HashMap<>();
      admin
          .listOffsets(asked)
          .all()
          .get()
          .forEach(
              (partition, at) -> until.put(partition, RecordsToDelete.beforeOffset(at.offset())));
      admin.deleteRecords(until).all().get();
    }
  }
}
