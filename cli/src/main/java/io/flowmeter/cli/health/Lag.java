package io.flowmeter.cli.health;

import io.flowmeter.cli.backend.UnusableBackendException;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.streams.writer.ClickHouseWriter;
import java.util.HashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/**
 * What a consumer group has not committed yet.
 *
 * @param total offsets in all partitions
 * @param worst offsets in the partition that has most
 */
public record Lag(long total, long worst) {
  private static final int PATIENCE_S = 5;

  private static final List<String> RELATION_TOPICS =
      Topics.OF_RELATIONS.stream().map(Topic::name).toList();

  /**
   * What the topology and the writer have not committed.
   *
   * @param application the topology's id
   */
  public static Lag ofPipeline(Admin admin, String application) throws InterruptedException {
    return ofTopology(admin, application).plus(ofWriter(admin));
  }

  /** What the topology has not committed of the observations. */
  public static Lag ofTopology(Admin admin, String application) throws InterruptedException {
    return of(admin, application, List.of(Topics.OBSERVATIONS.name()));
  }

  /** What the writer has not committed. */
  public static Lag ofWriter(Admin admin) throws InterruptedException {
    return of(admin, ClickHouseWriter.GROUP, RELATION_TOPICS);
  }

  /** What two groups have not committed. */
  Lag plus(Lag other) {
    return new Lag(total + other.total, Math.max(worst, other.worst));
  }

  /**
   * Offsets between what the group has committed and the end of what is committed in the topics it
   * reads. A partition's last offset can be a transaction's marker, which no record follows, so
   * that 1 a partition may mean nothing.
   *
   * @param topics that the group reads, and that it may not have committed in yet
   */
  static Lag of(Admin admin, String group, List<String> topics) throws InterruptedException {
    try {
      Map<TopicPartition, Long> position = new HashMap<>();
      admin
          .describeTopics(topics)
          .allTopicNames()
          .get(PATIENCE_S, TimeUnit.SECONDS)
          .values()
          .forEach(
              topic ->
                  topic
                      .partitions()
                      .forEach(
                          each ->
                              position.put(
                                  new TopicPartition(topic.name(), each.partition()), 0L)));
      admin
          .listConsumerGroupOffsets(group)
          .partitionsToOffsetAndMetadata()
          .get(PATIENCE_S, TimeUnit.SECONDS)
          .forEach(
              (partition, committed) -> {
                if (committed != null) {
                  position.put(partition, committed.offset());
                }
              });
      Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
      position.keySet().forEach(partition -> asked.put(partition, OffsetSpec.latest()));
      var ends =
          admin
              .listOffsets(asked, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
              .all()
              .get(PATIENCE_S, TimeUnit.SECONDS);
      LongSummaryStatistics behind =
          position.entrySet().stream()
              .mapToLong(at -> Math.max(0, ends.get(at.getKey()).offset() - at.getValue()))
              .summaryStatistics();
      return new Lag(behind.getSum(), Math.max(0, behind.getMax()));
    } catch (ExecutionException | TimeoutException e) {
      throw new UnusableBackendException("Kafka did not tell the lag of " + group + ": " + e, e);
    }
  }
}
