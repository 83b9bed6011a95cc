package io.flowmeter.simulator.workflows;

import io.flowmeter.simulator.fleet.Effort;
import io.flowmeter.simulator.fleet.Execution;
import io.flowmeter.simulator.fleet.WorkflowCode;
import io.flowmeter.simulator.life.Backoff;
import io.flowmeter.simulator.life.StepConfig;

/** Many steps in a row, often paused and resumed by people. */
final class InventorySync implements WorkflowCode {
  private static final StepConfig FETCH =
      StepConfig.of(5, "2 seconds", Backoff.EXPONENTIAL, "15 seconds");

  @Override
  public void run(Execution step) {
    long pages = step.chance().between(4, 25);
    for (long page = 0; page < pages; page++) {
      step.work(
          "fetch page",
          FETCH,
          Effort.of(1_200, 0.8)
              .slowedBy(step.degraded() ? 4 : 1)
              .failing(0.06, "SyntaxError", "Unexpected token < in JSON at position 0")
              .calling("Error", "ECONNRESET stock-api"));
      step.work("upsert stock", Effort.of(90, 0.6));
    }
    step.sleep("cool down", 4_000);
    step.work("reconcile", Effort.of(700, 0.7));
  }
}
