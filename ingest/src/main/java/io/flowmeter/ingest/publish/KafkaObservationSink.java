package io.flowmeter.ingest.publish;

import io.flowmeter.ingest.observe.InstanceKey;
import io.flowmeter.ingest.publish.RecordEncoder.SweepEnd;
import io.flowmeter.ingest.telemetry.PublishedMinutes;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.fact.Version;
import io.flowmeter.schemas.fact.Workflow;
import io.flowmeter.schemas.observation.Observation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells Kafka, an answer at a time: what it told, what is to be remembered of it, and what was
 * counted of it are one unit. Used under the poller's lock.
 */
public final class KafkaObservationSink implements ObservationSink {
  private final RecordEncoder encoder;
  private final Publisher publisher;
  private final PublishedMinutes minutes;
  private final List<RecordBatch> result = new ArrayList<>();

  public KafkaObservationSink(
      RecordEncoder encoder, Publisher publisher, PublishedMinutes minutes) {
    this.encoder = encoder;
    this.publisher = publisher;
    this.minutes = minutes;
  }

  @Override
  public boolean hasCapacity() {
    return publisher.hasCapacity();
  }

  @Override
  public void instance(InstanceKey key, List<Observation> published, Checkpoint memory) {
    result.add(encoder.instance(key, published, memory));
  }

  @Override
  public void evicted(InstanceKey key) {
    result.add(encoder.evicted(key));
  }

  @Override
  public void sweepEnded(
      InstanceKey workflow, Instant observedAt, SweepEnd end, Checkpoint memory) {
    result.add(encoder.sweepEnded(workflow, observedAt, end, publisher.partitions(), memory));
  }

  @Override
  public void workflow(Workflow workflow) {
    result.add(encoder.workflow(workflow));
  }

  @Override
  public void version(Version version) {
    result.add(encoder.version(version));
  }

  @Override
  public void completed() {
    minutes.next().map(encoder::minute).ifPresent(result::add);
    if (!result.isEmpty()) {
      publisher.put(RecordBatch.of(result));
      result.clear();
    }
  }
}
