package io.flowmeter.simulator.workflows;

import io.flowmeter.simulator.fleet.AttemptModel;
import io.flowmeter.simulator.fleet.Execution;
import io.flowmeter.simulator.fleet.StepFailed;
import io.flowmeter.simulator.fleet.WorkflowCode;
import io.flowmeter.simulator.model.BackoffPolicy;
import io.flowmeter.simulator.model.StepConfig;

/** Parallel steps, a short sleep, a repeated name, an event that is met or not. */
final class OrderFulfilment implements WorkflowCode {
  private static final StepConfig CARD =
      StepConfig.of(3, "1 second", BackoffPolicy.EXPONENTIAL, "30 seconds");

  @Override
  public void run(Execution step) {
    step.work("validate order", AttemptModel.of(25, 0.5));
    double declined = step.degraded() ? 0.45 : 0.07;
    step.parallel(
        branch ->
            branch.work(
                "charge card",
                CARD,
                AttemptModel.of(branch.degraded() ? 900 : 180, 0.7)
                    .failing(declined, "Error", "PaymentGatewayError: acquirer answered 503")
                    .calling("Error", "PaymentGatewayError: no route to acquirer")
                    .refusing(0.01, "card 4929 was reported stolen")),
        branch ->
            branch.work(
                "reserve stock",
                AttemptModel.of(60, 0.6).failing(0.02, "TypeError", "fetch failed: warehouse-7")));
    step.sleep("settle", step.random().oneOf(1_000L, 3_000L, 5_000L));
    long parcels = step.random().between(1, 3);
    for (long parcel = 0; parcel < parcels; parcel++) {
      step.work("ship parcel", AttemptModel.of(120, 0.8));
    }
    try {
      step.waitForEvent(
          "wait for carrier",
          "carrier-picked-up",
          "2 minutes",
          step.random().heavyTailed(12_000, 1.3));
    } catch (StepFailed late) {
      step.work("escalate pickup", AttemptModel.of(80, 0.5));
    }
    step.work("send receipt", AttemptModel.of(45, 0.6).silent());
  }
}
