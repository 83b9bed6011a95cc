package io.flowmeter.ingest.publish;

import io.flowmeter.ingest.privacy.InstanceIds;
import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.fact.Version;
import io.flowmeter.schemas.fact.Workflow;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * What earlier processes left behind for an account: the latest value of each key of the compacted
 * topics.
 *
 * @param checkpoints of instances and of workflows
 * @param workflows as last told
 * @param versions as last told
 */
public record CheckpointSnapshot(
    List<Checkpoint> checkpoints, List<Workflow> workflows, List<Version> versions) {
  /** Nobody polled before. */
  public static final CheckpointSnapshot NOTHING =
      new CheckpointSnapshot(List.of(), List.of(), List.of());

  private static final Duration POLL = Duration.ofSeconds(1);

  /** Reads all that is committed at the time of the call. */
  public static CheckpointSnapshot read(
      Map<String, ?> kafka, SchemaRegistry registry, String account) {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      return new CheckpointSnapshot(
          latest(consumer, Topics.CHECKPOINTS, registry, account),
          latest(consumer, Topics.WORKFLOWS, registry, account),
          latest(consumer, Topics.VERSIONS, registry, account));
    }
  }

  /**
   * Refuses to go on where instances were told under other ids: all of them would seem to be new
   * ones, and those of before would never end.
   *
   * @throws IdHashingChangedException then
   */
  public CheckpointSnapshot requireIdsOf(InstanceIds ids) {
    for (Checkpoint checkpoint : checkpoints) {
      if (checkpoint.getIdsKey() != ids.fingerprint()) {
        throw new IdHashingChangedException(ids.fingerprint() != 0, checkpoint.getIdsKey() != 0);
      }
    }
    return this;
  }

  private static <T extends SpecificRecord> List<T> latest(
      Consumer<byte[], byte[]> consumer, Topic<T> topic, SchemaRegistry registry, String account) {
    Deserializer<T> values = AvroSerde.deserializer(topic, registry);
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic.name()).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    Map<String, T> latest = new HashMap<>();
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
        String key = new String(each.key(), StandardCharsets.UTF_8);
        if (!key.startsWith(account + "/")) {
          continue;
        }
        if (each.value() == null) {
          latest.remove(key);
        } else {
          latest.put(key, values.deserialize(topic.name(), each.value()));
        }
      }
    }
    return List.copyOf(latest.values());
  }
}
