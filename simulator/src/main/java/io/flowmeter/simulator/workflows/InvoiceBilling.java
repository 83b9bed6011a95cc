package io.flowmeter.simulator.workflows;

import io.flowmeter.simulator.fleet.AttemptModel;
import io.flowmeter.simulator.fleet.Execution;
import io.flowmeter.simulator.fleet.WorkflowCode;
import io.flowmeter.simulator.model.BackoffPolicy;
import io.flowmeter.simulator.model.StepConfig;

/** Exhausted retries, errors that must not be retried, hours of sleep. */
final class InvoiceBilling implements WorkflowCode {
  private static final StepConfig LEDGER = StepConfig.ofMillis(2, 200, BackoffPolicy.LINEAR, 5_000);

  @Override
  public void run(Execution step) {
    step.work("prepare invoice", AttemptModel.of(15, 0.5));
    step.work(
        "post to ledger",
        LEDGER,
        AttemptModel.of(35, 0.6)
            .failing(step.degraded() ? 0.7 : 0.25, "RangeError", "ledger rejected: balance < 0")
            .calling("Error", "LedgerError: ledger-primary is read-only")
            .slowedBy(step.degraded() ? 3 : 1)
            .refusing(0.02, "invoice 7f2c91aa is already posted"));
    step.sleep(
        "dunning grace",
        step.longSleep(0.08, step.random().between(1, 20) * 3_600_000).orElse(500));
    step.work("render pdf", AttemptModel.of(300, 0.6));
    step.work("mail invoice", AttemptModel.of(90, 0.6).silent());
  }
}
