package io.flowmeter.streams.rollup;

import io.flowmeter.schemas.fact.Instance;
import io.flowmeter.schemas.fact.StepRun;
import io.flowmeter.schemas.rollup.StepMinute;
import io.flowmeter.streams.run.RunFacts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows of relation {@code step_minutes}. A step run counts in the minute of its own end, or else in
 * that of its run's end. Without either it does not count yet.
 */
public final class StepMinutes {

  private StepMinutes() {}

  /**
   * Returns what a run contributes, with part and revision 0. Several rows can have the same key.
   */
  public static List<StepMinute> of(RunFacts facts) {
    List<StepMinute> rows = new ArrayList<>(facts.steps().size());
    for (RunFacts.StepFacts step : facts.steps()) {
      Instant at = minuteOf(step.stepRun(), facts.instance());
      if (at != null) {
        rows.add(row(step.stepRun(), at));
      }
    }
    return rows;
  }

  private static Instant minuteOf(StepRun step, Instance run) {
    Instant end = step.getEndedAt() == null ? run.getEndedAt() : step.getEndedAt();
    return end == null ? null : Minutes.of(end);
  }

  private static StepMinute row(StepRun step, Instant minute) {
    long weight = step.getWeight();
    boolean isFailed = step.getOutcome().equals("failed") || step.getOutcome().equals("timed_out");
    boolean isExhausted =
        isFailed && step.getRetryLimit() != null && step.getAttempts() == step.getRetryLimit() + 1;
    StepMinute row = new StepMinute();
    row.setAccountId(step.getAccountId());
    row.setWorkflow(step.getWorkflow());
    row.setVersionId(step.getVersionId());
    row.setStep(step.getStep());
    row.setType(step.getType());
    row.setMinute(minute);
    row.setPart(0);
    row.setRevision(0);
    row.setRuns(weight);
    row.setFirstAttemptOk(step.getFirstAttemptOk() ? weight : 0);
    row.setRecovered(step.getOutcome().equals("succeeded") && step.getRetries() > 0 ? weight : 0);
    row.setExhausted(isExhausted ? weight : 0);
    row.setAttempts(weight * step.getAttempts());
    row.setFailedAttempts(weight * step.getFailedAttempts());
    row.setRetries(weight * step.getRetries());
    row.setLostMs(weight * step.getLostMs());
    row.setAttemptMsSum(weight * step.getAttemptMs());
    row.setSampled(1);
    row.setWallBuckets(List.of());
    row.setAttemptBuckets(List.of());
    switch (step.getOutcome()) {
      case "succeeded" -> row.setSucceeded(weight);
      case "failed" -> row.setFailed(weight);
      case "timed_out" -> row.setTimedOut(weight);
      default -> row.setUnfinished(weight);
    }
    if (step.getWallMs() != null) {
      row.setWallMsSum(weight * step.getWallMs());
      row.setWallBuckets(Buckets.of(step.getWallMs(), weight));
    }
    if (step.getBackoffMs() != null) {
      row.setBackoffMsSum(weight * step.getBackoffMs());
    }
    if (step.getAttempts() > 0) {
      row.setAttemptBuckets(Buckets.of(step.getAttemptMs(), weight));
    }
    return row;
  }
}
