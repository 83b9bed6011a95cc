package io.flowmeter.ingest.publish;

import io.flowmeter.ingest.observe.InstanceKey;
import io.flowmeter.ingest.publish.RecordEncoder.SweepEnd;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.fact.Version;
import io.flowmeter.schemas.fact.Workflow;
import io.flowmeter.schemas.observation.Observation;
import java.time.Instant;
import java.util.List;

/**
 * Where a poller tells what it found. What the calls up to {@link #completed} hand over is told as
 * a whole or not at all, and in the order of the calls. A call that fails told nothing. None waits,
 * for what tells holds the lock that all wait for; so nothing is to be asked while there is no room
 * for what it finds.
 */
public interface ObservationSink {

  /** Whether there is room for what the next requests find; what is on its way always fits. */
  default boolean hasCapacity() {
    return true;
  }

  /** What is new of an instance, and what is to be remembered of it. */
  void instance(InstanceKey key, List<Observation> published, Checkpoint memory);

  /** Nothing is to be remembered of an instance any longer. */
  void evicted(InstanceKey key);

  /** The end of a workflow's sweep, and what is to be remembered of the workflow. */
  void sweepEnded(InstanceKey workflow, Instant observedAt, SweepEnd end, Checkpoint memory);

  void workflow(Workflow workflow);

  void version(Version version);

  /** An answer was taken in: all that it told was handed over. */
  default void completed() {}
}
