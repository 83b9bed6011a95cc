package io.flowmeter.ingest.observe;

import io.flowmeter.ingest.source.InstanceDetail;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.Vanished;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What was seen, as records that travel. */
final class ObservationFactory {
  private ObservationFactory() {}

  static InstanceRow row(ListedInstance listed) {
    InstanceRow row = new InstanceRow();
    row.setStatus(listed.status());
    row.setCreatedOn(listed.createdOn().orElse(null));
    row.setStartedOn(listed.startedOn().orElse(null));
    row.setEndedOn(listed.endedOn().orElse(null));
    row.setModifiedOn(listed.modifiedOn().orElse(null));
    row.setVersionId(listed.versionId().orElse(null));
    row.setWorkflowId(listed.workflowId().orElse(null));
    row.setTriggerSource(listed.triggerSource().orElse(null));
    return row;
  }

  /** What a row tells of a run, as far as a detail does, too. */
  static InstanceRow row(InstanceDetail seen) {
    InstanceRow row = new InstanceRow();
    row.setStatus(seen.status());
    row.setStartedOn(seen.start().orElse(null));
    row.setEndedOn(seen.end().orElse(null));
    row.setVersionId(seen.versionId().orElse(null));
    row.setTriggerSource(seen.triggerSource().orElse(null));
    return row;
  }

  /** The detail's run-level values, without steps. */
  static DetailPart header(InstanceDetail seen) {
    DetailPart header = new DetailPart();
    header.setDetailId("");
    header.setPart(0);
    header.setParts(1);
    header.setWhole(Status.ended(seen.status()));
    header.setStatus(seen.status());
    header.setQueued(seen.queued().orElse(null));
    header.setStart(seen.start().orElse(null));
    header.setEnd(seen.end().orElse(null));
    header.setSuccess(seen.success().orElse(null));
    header.setError(seen.error().orElse(null));
    header.setVersionId(seen.versionId().orElse(null));
    header.setTriggerSource(seen.triggerSource().orElse(null));
    header.setStepCount(seen.steps().size());
    header.setOutputBytes(boxed(seen.outputBytes()));
    header.setParamsBytes(boxed(seen.paramsBytes()));
    header.setRollbackOutcome(seen.rollbackOutcome().orElse(null));
    header.setRollbackError(seen.rollbackError().orElse(null));
    header.setSteps(List.of());
    return header;
  }

  private static Long boxed(OptionalLong value) {
    return value.isPresent() ? value.getAsLong() : null;
  }

  static Observation of(InstanceKey key, long run, Instant observedAt) {
    Observation observation = new Observation();
    observation.setAccountId(key.account());
    observation.setWorkflow(key.workflow());
    observation.setInstanceId(key.id());
    observation.setRun(run);
    observation.setObservedAt(observedAt);
    return observation;
  }

  static Observation row(
      InstanceKey key, long run, Instant observedAt, InstanceRow row, Optional<Instant> notBefore) {
    row.setNotBefore(notBefore.orElse(null));
    Observation observation = of(key, run, observedAt);
    observation.setRow(row);
    return observation;
  }

  static Observation detail(InstanceKey key, long run, Instant observedAt, DetailPart chunk) {
    Observation observation = of(key, run, observedAt);
    observation.setDetail(chunk);
    return observation;
  }

  static Observation vanished(InstanceKey key, long run, Instant observedAt, Instant at) {
    Observation observation = of(key, run, observedAt);
    observation.setVanished(new Vanished(at));
    return observation;
  }
}
