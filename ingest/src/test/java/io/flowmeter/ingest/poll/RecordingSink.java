package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.observe.InstanceKey;
import io.flowmeter.ingest.publish.CheckpointSnapshot;
import io.flowmeter.ingest.publish.ObservationSink;
import io.flowmeter.ingest.publish.RecordEncoder.SweepEnd;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.fact.Version;
import io.flowmeter.schemas.fact.Workflow;
import io.flowmeter.schemas.observation.Observation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Hears what a poller tells, and keeps what it is to remember. */
final class RecordingSink implements ObservationSink {
  private final List<Observation> observations = new ArrayList<>();
  private final List<SweepEnd> ends = new ArrayList<>();
  private final Map<String, Checkpoint> checkpoints = new LinkedHashMap<>();
  private final List<Workflow> workflows = new ArrayList<>();
  private final List<Version> versions = new ArrayList<>();
  private final boolean keeps;
  private boolean deaf;
  private boolean full;

  RecordingSink() {
    this(true);
  }

  /**
   * @param keeps whether observations are kept, too
   */
  RecordingSink(boolean keeps) {
    this.keeps = keeps;
  }

  /** What is told from now on cannot be taken. */
  void deaf(boolean now) {
    deaf = now;
  }

  /** There is no room for more. */
  void full(boolean now) {
    full = now;
  }

  List<Observation> observations() {
    return List.copyOf(observations);
  }

  List<SweepEnd> ends() {
    return List.copyOf(ends);
  }

  List<Workflow> workflows() {
    return List.copyOf(workflows);
  }

  /** What a next process would find. */
  CheckpointSnapshot stored() {
    return new CheckpointSnapshot(
        List.copyOf(checkpoints.values()), workflows(), List.copyOf(versions));
  }

  /** What was told of an instance, in words. */
  List<String> of(String id) {
    return observations.stream()
        .filter(each -> each.getInstanceId().equals(id))
        .map(
            each ->
                each.getRow() != null
                    ? "row " + each.getRow().getStatus()
                    : each.getVanished() != null
                        ? "vanished"
                        : "detail " + each.getDetail().getStatus())
        .toList();
  }

  private void hear() {
    if (deaf) {
      throw new IllegalStateException("nobody takes what is told");
    }
  }

  @Override
  public boolean hasCapacity() {
    return !full;
  }

  @Override
  public void instance(InstanceKey key, List<Observation> published, Checkpoint memory) {
    hear();
    if (keeps) {
      observations.addAll(published);
    }
    checkpoints.put(key.toString(), memory);
  }

  @Override
  public void evicted(InstanceKey key) {
    hear();
    checkpoints.remove(key.toString());
  }

  @Override
  public void sweepEnded(
      InstanceKey workflow, Instant observedAt, SweepEnd end, Checkpoint memory) {
    hear();
    ends.add(end);
    checkpoints.put(workflow.toString(), memory);
  }

  @Override
  public void workflow(Workflow workflow) {
    hear();
    workflows.add(workflow);
  }

  @Override
  public void version(Version version) {
    hear();
    versions.add(version);
  }
}
