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
  public void instance(InstanceKey key, List<Observation> told, Checkpoint memory)
      throws InterruptedException {
    publisher.put(units.instance(key, told, memory));
  }

  @Override
  public void forgotten(InstanceKey key) throws InterruptedException {
    publisher.put(units.forgotten(key));
  }

  @Override
  public void sweepEnded(InstanceKey workflow, Instant observedAt, SweepEnd end, Checkpoint memory)
      throws InterruptedException {
    publisher.put(units.sweepEnded(workflow, observedAt, end, publisher.partitions(), memory));
  }

  @Override
  public void workflow(Workflow workflow) throws InterruptedException {
    publisher.put(units.workflow(workflow));
  }

  @Override
  public void version(Version version) throws InterruptedException {
    publisher.put(units.version(version));
  }
}
