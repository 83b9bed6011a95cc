package io.flowmeter.bench.writer;

import io.flowmeter.schemas.fact.StepRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/**
 * Step runs as production has them: a month, 50 workflows of 20 steps, UUIDs, log-normal durations,
 * 5 % with a retry, 2 % failed with messages of their own.
 */
final class StepRuns {
  private static final Instant BEGIN = Instant.parse("2026-11-01T00:00:00Z");
  private static final Duration SPAN = Duration.ofDays(28);
  private static final int WORKFLOWS = 50;
  private static final int STEPS = 20;

  private StepRuns() {}

  /** The same for the same seed. */
  static List<StepRun> of(int rows, long seed) {
    Random random = new Random(seed);
    List<StepRun> runs = new ArrayList<>(rows);
    while (runs.size() < rows) {
      String workflow = "workflow-" + random.nextInt(WORKFLOWS);
      String instance = new UUID(random.nextLong(), random.nextLong()).toString();
      Instant at = BEGIN.plusMillis((long) (random.nextDouble() * SPAN.toMillis()));
      long run = at.toEpochMilli();
      for (int step = 0; step < STEPS && runs.size() < rows; step++) {
        StepRun one = stepRun(workflow, instance, run, step, at, random);
        at = one.getEndedAt();
        runs.add(one);
      }
    }
    return runs;
  }

  private static StepRun stepRun(
      String workflow, String instance, long run, int step, Instant start, Random random) {
    boolean failed = random.nextInt(50) == 0;
    int retries = failed ? 2 : random.nextInt(20) == 0 ? 1 : 0;
    long wall = 1 + (long) Math.exp(5 + random.nextGaussian());
    long attempt = wall / (1 + retries);
    StepRun.Builder row =
        StepRun.newBuilder()
            .setAccountId("0123456789abcdef0123456789abcdef")
            .setWorkflow(workflow)
            .setInstanceId(instance)
            .setRun(run)
            .setStepIndex(step)
            .setStep("step of the order " + step)
            .setStepName("step of the order " + step + "-1")
            .setType("step")
            .setOutcome(failed ? "failed" : "succeeded")
            .setStartedAt(start)
            .setEndedAt(start.plusMillis(wall))
            .setWallMs(wall)
            .setAttemptMs(attempt)
            .setBackoffMs(wall - attempt)
            .setAttempts(1 + retries)
            .setRetries(retries)
            .setRetryLimit(5L)
            .setBackoff("exponential")
            .setTimeoutMs(600_000L)
            .setVersionId("00000000-0000-4000-8000-00000000000" + run % 3)
            .setFirstAttemptOk(retries == 0)
            .setFailedAttempts(failed ? retries + 1 : retries)
            .setLostMs(retries == 0 ? 0 : wall - attempt)
            .setRevision(run + step);
    if (failed) {
      row.setErrorName("LedgerError")
          .setErrorMessage("account " + random.nextInt(1_000_000) + " refused the posting")
          .setErrorGroup(Long.toHexString(step * 7919L));
    }
    return row.build();
  }
}
