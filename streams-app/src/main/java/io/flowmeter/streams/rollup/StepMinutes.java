package io.flowmeter.streams.rollup;

import io.flowmeter.schemas.fact.Instance;
import io.flowmeter.schemas.fact.StepRun;
import io.flowmeter.schemas.rollup.StepMinute;
import io.flowmeter.streams.run.RunFacts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Relation {@code step_minutes}. A step run counts in the minute of its own end; one without an end
 * of its own, in that of its run's end; while there is neither, nowhere.
 */
public final class StepMinutes {

  private StepMinutes() {}

  /**
   * What the facts of a run contribute, with part and revision 0. Several rows can have the same
   * key.
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
    StepMinute.Builder row =
        StepMinute.newBuilder()
            .setAccountId(step.getAccountId())
            .setWorkflow(step.getWorkflow())
            .setVersionId(step.getVersionId())
            .setStep(step.getStep())
            .setType(step.getType())
            .setMinute(minute)
            .setPart(0)
            .setRevision(0)
            .setRuns(weight)
            .setFirstAttemptOk(step.getFirstAttemptOk() ? weight : 0)
            .setRecovered(
                step.getOutcome().equals("succeeded") && step.getRetries() > 0 ? weight : 0)
            .setExhausted(isExhausted ? weight : 0)
            .setAttempts(weight * step.getAttempts())
            .setFailedAttempts(weight * step.getFailedAttempts())
            .setRetries(weight * step.getRetries())
            .setLostMs(weight * step.getLostMs())
            .setAttemptMsSum(weight * step.getAttemptMs())
            .setSampled(1);
    switch (step.getOutcome()) {
      case "succeeded" -> row.setSucceeded(weight);
      case "failed" -> row.setFailed(weight);
      case "timed_out" -> row.setTimedOut(weight);
      default -> row.setUnfinished(weight);
    }
    if (step.getWallMs() != null) {
      row.setWallMsSum(weight * step.getWallMs())
          .setWallBuckets(Buckets.of(step.getWallMs(), weight));
    }
    if (step.getBackoffMs() != null) {
      row.setBackoffMsSum(weight * step.getBackoffMs());
    }
    if (step.getAttempts() > 0) {
      row.setAttemptBuckets(Buckets.of(step.getAttemptMs(), weight));
    }
    return row.build();
  }
}
