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
  private final RecordEncoder units;
  private final Publisher publisher;
  private final PublishedMinutes minutes;
  private final List<RecordBatch> answer = new ArrayList<>();

  public KafkaObservationSink(RecordEncoder units, Publisher publisher, PublishedMinutes minutes) {
    this.units = units;
    this.publisher = publisher;
    this.minutes = minutes;
  }

  @Override
  public boolean hasRoom() {
    return publisher.hasRoom();
  }

  @Override
  public void instance(InstanceKey key, List<Observation> told, Checkpoint memory) {
    answer.add(units.instance(key, told, memory));
  }

  @Override
  public void forgotten(InstanceKey key) {
    answer.add(units.forgotten(key));
  }

  @Override
  public void sweepEnded(
      InstanceKey workflow, Instant observedAt, SweepEnd end, Checkpoint memory) {
    answer.add(units.sweepEnded(workflow, observedAt, end, publisher.partitions(), memory));
  }

  @Override
  public void workflow(Workflow workflow) {
    answer.add(units.workflow(workflow));
  }

  @Override
  public void version(Version version) {
    answer.add(units.version(version));
  }

  @Override
  public void settled() {
    minutes.news().map(units::minute).ifPresent(answer::add);
    if (!answer.isEmpty()) {
      publisher.put(RecordBatch.of(answer));
      answer.clear();
    }
  }
}
