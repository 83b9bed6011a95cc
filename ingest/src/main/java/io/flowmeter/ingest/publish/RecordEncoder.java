package io.flowmeter.ingest.publish;

import io.flowmeter.ingest.observe.InstanceKey;
import io.flowmeter.ingest.privacy.InstanceIds;
import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.CollectorMinuteKey;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.fact.Version;
import io.flowmeter.schemas.fact.Workflow;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.SweepEnded;
import io.flowmeter.schemas.rollup.CollectorMinute;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serializer;

/** Encodes what is to be told, stamped by the clock. Safe for use by many threads. */
public final class RecordEncoder {
  private final InstantSource clock;
  private final InstanceIds ids;
  private final Serializer<Observation> observations;
  private final Serializer<Checkpoint> checkpoints;
  private final Serializer<Workflow> workflows;
  private final Serializer<Version> versions;
  private final Serializer<CollectorMinute> minutes;

  /**
   * @param ids in which form ids of instances are told; what is remembered has them as they are
   */
  public RecordEncoder(SchemaRegistry registry, InstanceIds ids, InstantSource clock) {
    this.clock = clock;
    this.ids = ids;
    this.observations = AvroSerde.serializer(Topics.OBSERVATIONS, registry);
    this.checkpoints = AvroSerde.serializer(Topics.CHECKPOINTS, registry);
    this.workflows = AvroSerde.serializer(Topics.WORKFLOWS, registry);
    this.versions = AvroSerde.serializer(Topics.VERSIONS, registry);
    this.minutes = AvroSerde.serializer(Topics.COLLECTOR_MINUTES, registry);
  }

  /** What is new of an instance, and what is to be remembered of it. */
  public RecordBatch instance(InstanceKey key, List<Observation> published, Checkpoint memory) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(published.size() + 1);
    InstanceKey publicId = new InstanceKey(key.account(), key.workflow(), ids.publicId(key.id()));
    for (Observation observation : published) {
      observation.setInstanceId(publicId.id());
      records.add(record(Topics.OBSERVATIONS, observations, publicId.toString(), observation));
    }
    records.add(checkpoint(key, memory));
    return new RecordBatch(records);
  }

  private ProducerRecord<byte[], byte[]> checkpoint(InstanceKey key, Checkpoint memory) {
    memory.setIdsKey(ids.fingerprint());
    return record(Topics.CHECKPOINTS, checkpoints, key.toString(), memory);
  }

  /** Nothing is to be remembered of an instance any longer. */
  public RecordBatch evicted(InstanceKey key) {
    byte[] tombstone = null;
    return new RecordBatch(
        List.of(
            new ProducerRecord<>(
                Topics.CHECKPOINTS.name(),
                null,
                clock.millis(),
                bytes(key.toString()),
                tombstone)));
  }

  /**
   * The end of a workflow's sweep, to every partition, and what is to be remembered of the
   * workflow.
   */
  public RecordBatch sweepEnded(
      InstanceKey workflow, Instant observedAt, SweepEnd end, int partitions, Checkpoint memory) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(partitions + 1);
    for (int partition = 0; partition < partitions; partition++) {
      Observation observation = new Observation();
      observation.setAccountId(workflow.account());
      observation.setWorkflow(workflow.workflow());
      observation.setInstanceId("");
      observation.setRun(0L);
      observation.setObservedAt(observedAt);
      observation.setSweepEnded(
          new SweepEnded(
              end.sweep(), end.complete(), partition, partitions, end.before(), end.after()));
      records.add(
          new ProducerRecord<>(
              Topics.OBSERVATIONS.name(),
              partition,
              clock.millis(),
              bytes(workflow.toString()),
              observations.serialize(Topics.OBSERVATIONS.name(), observation)));
    }
    records.add(checkpoint(workflow, memory));
    return new RecordBatch(records);
  }

  /**
   * The end of a sweep.
   *
   * @param before instances by status, as reported before the rows were read; empty where not
   *     reported
   * @param after the same after they were read
   */
  public record SweepEnd(
      long sweep, boolean complete, Map<String, Long> before, Map<String, Long> after) {}

  public RecordBatch workflow(Workflow workflow) {
    return new RecordBatch(
        List.of(
            record(
                Topics.WORKFLOWS,
                workflows,
                workflow.getAccountId() + "/" + workflow.getWorkflow(),
                workflow)));
  }

  public RecordBatch version(Version version) {
    return new RecordBatch(
        List.of(
            record(
                Topics.VERSIONS,
                versions,
                version.getAccountId() + "/" + version.getWorkflow() + "/" + version.getVersionId(),
                version)));
  }

  public RecordBatch minute(CollectorMinute minute) {
    return new RecordBatch(
        List.of(record(Topics.COLLECTOR_MINUTES, minutes, CollectorMinuteKey.of(minute), minute)));
  }

  private <T extends SpecificRecord> ProducerRecord<byte[], byte[]> record(
      Topic<T> topic, Serializer<T> serializer, String key, T value) {
    byte[] encoded = Optional.ofNullable(serializer.serialize(topic.name(), value)).orElseThrow();
    return new ProducerRecord<>(topic.name(), null, clock.millis(), bytes(key), encoded);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
