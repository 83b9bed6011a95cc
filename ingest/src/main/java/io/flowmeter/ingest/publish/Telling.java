package io.flowmeter.ingest.publish;

import io.flowmeter.ingest.observe.InstanceKey;
import io.flowmeter.ingest.publish.Units.SweepEnd;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.fact.Version;
import io.flowmeter.schemas.fact.Workflow;
import io.flowmeter.schemas.observation.Observation;
import java.time.Instant;
import java.util.List;

/**
 * Where a poller tells what it found. What one call hands over is told as a whole or not at all,
 * and in the order of the calls. A call that fails told nothing.
 */
public interface Telling {

  /** What is new of an instance, and what is to be remembered of it. */
  void instance(InstanceKey key, List<Observation> told, Checkpoint memory)
      throws InterruptedException;

  /** Nothing is to be remembered of an instance any longer. */
  void forgotten(InstanceKey key) throws InterruptedException;

  /** The end of a workflow's sweep, and what is to be remembered of the workflow. */
  void sweepEnded(InstanceKey workflow, Instant observedAt, SweepEnd end, Checkpoint memory)
      throws InterruptedException;

  void workflow(Workflow workflow) throws InterruptedException;

  void version(Version version) throws InterruptedException;
}
