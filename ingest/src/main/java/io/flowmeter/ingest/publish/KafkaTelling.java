package io.flowmeter.ingest.publish;

import io.flowmeter.ingest.observe.InstanceKey;
import io.flowmeter.ingest.publish.Units.SweepEnd;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.fact.Version;
import io.flowmeter.schemas.fact.Workflow;
import io.flowmeter.schemas.observation.Observation;
import java.time.Instant;
import java.util.List;

/** Tells Kafka. */
public record KafkaTelling(Units units, Publisher publisher) implements Telling {

  @Override
  public boolean hasRoom() {
    return publisher.hasRoom();
  }

  @Override
  public void instance(InstanceKey key, List<Observation> told, Checkpoint memory) {
    publisher.put(units.instance(key, told, memory));
  }

  @Override
  public void forgotten(InstanceKey key) {
    publisher.put(units.forgotten(key));
  }

  @Override
  public void sweepEnded(
      InstanceKey workflow, Instant observedAt, SweepEnd end, Checkpoint memory) {
    publisher.put(units.sweepEnded(workflow, observedAt, end, publisher.partitions(), memory));
  }

  @Override
  public void workflow(Workflow workflow) {
    publisher.put(units.workflow(workflow));
  }

  @Override
  public void version(Version version) {
    publisher.put(units.version(version));
  }
}
