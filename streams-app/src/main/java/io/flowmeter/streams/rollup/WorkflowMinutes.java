package io.flowmeter.streams.rollup;

import io.flowmeter.schemas.fact.Instance;
import io.flowmeter.schemas.rollup.WorkflowMinute;
import io.flowmeter.streams.run.RunFacts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows of relation {@code workflow_minutes}. {@code queued} counts in the minute of queued_at;
 * {@code started} and queue times count in that of started_at. Everything else counts in the minute
 * of the end that the API reported. Unweighted counts also include runs that were never fetched.
 */
public final class WorkflowMinutes {

  private WorkflowMinutes() {}

  /** Returns what a run contributes, with part and revision 0. */
  public static List<WorkflowMinute> of(RunFacts facts) {
    Instance run = facts.instance();
    List<WorkflowMinute> rows = new ArrayList<>(3);
    if (run.getQueuedAt() != null) {
      WorkflowMinute row = at(run, run.getQueuedAt());
      row.setQueued(1);
      rows.add(row);
    }
    if (run.getStartedAt() != null) {
      WorkflowMinute row = at(run, run.getStartedAt());
      row.setStarted(1);
      if (run.getQueueMs() != null) {
        row.setQueueBuckets(Buckets.of(run.getQueueMs(), run.getWeight()));
      }
      rows.add(row);
    }
    if (run.getEndedAt() != null && run.getEndKind().equals("api")) {
      rows.add(ended(run));
    }
    return rows;
  }

  private static WorkflowMinute ended(Instance run) {
    WorkflowMinute row = at(run, run.getEndedAt());
    switch (run.getStatus()) {
      case "complete" -> row.setCompleted(1);
      case "errored" -> row.setErrored(1);
      case "terminated" -> row.setTerminated(1);
      default -> throw new IllegalStateException("not an end: " + run.getStatus());
    }
    long weight = run.getWeight();
    if (weight > 0) {
      row.setSampled(1);
      row.setAttempts(weight * run.getAttempts());
      row.setRetries(weight * run.getRetries());
      row.setLostMs(weight * run.getLostMs());
      if (run.getRunMs() != null) {
        row.setRunMsSum(weight * run.getRunMs());
        row.setRunBuckets(Buckets.of(run.getRunMs(), weight));
      }
      if (run.getTotalMs() != null) {
        row.setTotalBuckets(Buckets.of(run.getTotalMs(), weight));
      }
    }
    return row;
  }

  private static WorkflowMinute at(Instance run, Instant at) {
    WorkflowMinute row = new WorkflowMinute();
    row.setAccountId(run.getAccountId());
    row.setWorkflow(run.getWorkflow());
    row.setVersionId(run.getVersionId());
    row.setTriggerSource(run.getTriggerSource());
    row.setMinute(Minutes.of(at));
    row.setQueueBuckets(List.of());
    row.setRunBuckets(List.of());
    row.setTotalBuckets(List.of());
    return row;
  }
}
