package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.budget.Urgency;
import io.flowmeter.ingest.observe.Change;
import io.flowmeter.ingest.observe.ChangeDetection;
import io.flowmeter.ingest.observe.InstanceKey;
import io.flowmeter.ingest.observe.Memory;
import io.flowmeter.ingest.publish.Unit;
import io.flowmeter.ingest.source.Answer;
import io.flowmeter.ingest.source.Fault;
import io.flowmeter.ingest.source.FaultException;
import io.flowmeter.ingest.source.InstanceDetail;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import java.time.Instant;
import java.util.Optional;

/** Looks at one instance, and tells what is new of it. */
final class Visit {
  private final Polling polling;
  private final KnownWorkflow workflow;
  private final String id;

  Visit(Polling polling, KnownWorkflow workflow, String id) {
    this.polling = polling;
    this.workflow = workflow;
    this.id = id;
  }

  /**
   * What a visit came to.
   *
   * @param told something new was told
   * @param problem why something was left out
   */
  record Outcome(boolean told, Optional<String> problem) {
    static final Outcome NOTHING = new Outcome(false, Optional.empty());
  }

  /** By its detail, which also says what life the row speaks of. */
  Outcome byDetail(Optional<Answer<ListedInstance>> row) throws InterruptedException {
    InstanceKey key = workflow.instance(id);
    Memory memory = workflow.memory(id);
    try {
      Answer<InstanceDetail> detail =
          polling
              .source()
              .instance(polling.source().budget().acquire(Urgency.USUAL), workflow.name(), id);
      polling.tally().fetchedDetail();
      nameVersion(detail.value().versionId());
      boolean told = take(key, ChangeDetection.detail(key, memory, row, detail));
      return new Outcome(told, Optional.empty());
    } catch (FaultException e) {
      if (row.isPresent()) {
        return new Outcome(byRow(row.get()), Optional.of(e.getMessage()));
      }
      boolean gone =
          polling.source().traits().tellsNotFound()
              && e.fault() instanceof Fault.NotFound notFound
              && notFound.saysNoSuchInstance();
      return gone
          ? new Outcome(missing(e.at()), Optional.empty())
          : new Outcome(false, Optional.of(e.getMessage()));
    }
  }

  /** By its row alone. */
  boolean byRow(Answer<ListedInstance> row) throws InterruptedException {
    InstanceKey key = workflow.instance(id);
    nameVersion(row.value().versionId());
    return take(key, ChangeDetection.row(key, workflow.memory(id), row));
  }

  /** By its absence. */
  boolean missing(Instant at) throws InterruptedException {
    InstanceKey key = workflow.instance(id);
    return take(key, ChangeDetection.missing(key, workflow.memory(id), at));
  }

  private void nameVersion(Optional<String> version) {
    version
        .filter(named -> !workflow.versions.containsKey(named))
        .filter(named -> !workflow.versionsMissed.contains(named))
        .ifPresent(workflow.versionsNamed::add);
  }

  /** What cannot be told is not remembered either, so that the next sweep finds it again. */
  private boolean take(InstanceKey key, Change change) throws InterruptedException {
    Optional<Unit> unit = Optional.empty();
    if (change.lasting()) {
      Checkpoint lasting = change.memory().toCheckpoint(key);
      unit = Optional.of(polling.units().instance(key, change.observations(), lasting));
    }
    if (!change.memory().isNew()) {
      workflow.instances.put(id, change.memory());
    }
    if (unit.isPresent()) {
      polling.publisher().put(unit.get());
      polling.tally().told(change.observations().size());
    }
    return !change.observations().isEmpty();
  }
}
