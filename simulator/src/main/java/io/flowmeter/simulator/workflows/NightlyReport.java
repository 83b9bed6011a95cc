package io.flowmeter.simulator.workflows;

import io.flowmeter.simulator.fleet.AttemptModel;
import io.flowmeter.simulator.fleet.Compensation;
import io.flowmeter.simulator.fleet.Execution;
import io.flowmeter.simulator.fleet.WorkflowCode;
import io.flowmeter.simulator.model.BackoffPolicy;
import io.flowmeter.simulator.model.StepConfig;

/**
 * A loop of equal names, sleeps of equal names, an error outside of any step, and steps that are
 * undone after any error: some sixty times on an eventful day, since it is scheduled 720 times.
 */
final class NightlyReport implements WorkflowCode {
  private static final StepConfig QUERY =
      StepConfig.of(4, "1 second", BackoffPolicy.LINEAR, "2 minutes");

  private static final Compensation DROP_SCRATCH_TABLE =
      new Compensation(
          StepConfig.ofMillis(1, 2_000, BackoffPolicy.CONSTANT, 30_000),
          AttemptModel.of(3_000, 0.6)
              .failing(0.2, "Error", "D1_ERROR: scratch table is locked")
              .silent());

  @Override
  public void run(Execution step) {
    long regions = step.random().between(3, 6);
    for (long region = 0; region < regions; region++) {
      step.work(
          "gather region",
          QUERY,
          AttemptModel.of(400, 0.8)
              .failing(0.1, "Error", "D1_ERROR: database is locked")
              .slowedBy(step.degraded() ? 3 : 1)
              .calling("Error", "D1_ERROR: storage operation exceeded timeout"),
          DROP_SCRATCH_TABLE);
      step.sleep("breathe", 300);
    }
    if (step.random().happens(step.degraded() ? 0.5 : 0.04)) {
      step.fail("TypeError", "Cannot read properties of undefined (reading 'rows')");
    }
    step.work("render report", AttemptModel.of(1_500, 0.6));
    step.work("store report", AttemptModel.of(130, 0.5));
  }
}
