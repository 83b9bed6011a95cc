package io.flowmeter.simulator.workflows;

import io.flowmeter.simulator.fleet.AttemptModel;
import io.flowmeter.simulator.fleet.Execution;
import io.flowmeter.simulator.fleet.WorkflowCode;
import io.flowmeter.simulator.model.BackoffPolicy;
import io.flowmeter.simulator.model.StepConfig;

/** Many steps in a row, often paused and resumed by people. */
final class InventorySync implements WorkflowCode {
  private static final StepConfig FETCH =
      StepConfig.of(5, "2 seconds", BackoffPolicy.EXPONENTIAL, "15 seconds");

  @Override
  public void run(Execution step) {
    long pages = step.random().between(4, 25);
    for (long page = 0; page < pages; page++) {
      step.work(
          "fetch page",
          FETCH,
          AttemptModel.of(1_200, 0.8)
              .slowedBy(step.degraded() ? 4 : 1)
              .failing(0.06, "SyntaxError", "Unexpected token < in JSON at position 0")
              .calling("Error", "ECONNRESET stock-api"));
      step.work("upsert stock", AttemptModel.of(90, 0.6));
    }
    step.sleep("cool down", 4_000);
    step.work("reconcile", AttemptModel.of(700, 0.7));
  }
}
