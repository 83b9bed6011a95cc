package io.flowmeter.simulator.workflows;

import io.flowmeter.simulator.fleet.AttemptModel;
import io.flowmeter.simulator.fleet.Execution;
import io.flowmeter.simulator.fleet.StepFailed;
import io.flowmeter.simulator.fleet.WorkflowCode;
import io.flowmeter.simulator.model.BackoffPolicy;
import io.flowmeter.simulator.model.DurationSetting;
import io.flowmeter.simulator.model.StepConfig;
import java.util.Optional;

/** Quick and many; step names as only people think them up. */
final class WebhookRelay implements WorkflowCode {
  private static final StepConfig DELIVERY =
      StepConfig.ofMillis(4, 250, BackoffPolicy.EXPONENTIAL, 2_000);
  private static final StepConfig DYNAMIC =
      new StepConfig(
          2,
          new DurationSetting(50, Optional.of("[dynamic]")),
          BackoffPolicy.CONSTANT,
          DurationSetting.of("10 seconds"),
          false);

  @Override
  public void run(Execution step) {
    step.work("parse \"payload\" / headers", AttemptModel.of(4, 0.5));
    step.work(
        "überprüfe Signatur ✓ 100%", DYNAMIC, AttemptModel.of(6, 0.5).failing(0.03, "Error", ""));
    try {
      step.work(
          "POST https://example.test/hook?x=1&y='2'",
          DELIVERY,
          AttemptModel.of(step.degraded() ? 900 : 140, 0.9)
              .failing(step.degraded() ? 0.3 : 0.1, "Error", "HttpError: upstream answered 502")
              .calling("Error", "HttpError: upstream answered 503"));
    } catch (StepFailed undeliverable) {
      step.work("park in dead letters", AttemptModel.of(20, 0.5));
      if (step.random().happens(0.3)) {
        throw undeliverable;
      }
    }
    step.work("記録", AttemptModel.of(10, 0.5).silent());
  }
}
