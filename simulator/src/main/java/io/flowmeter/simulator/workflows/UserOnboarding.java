package io.flowmeter.simulator.workflows;

import io.flowmeter.simulator.fleet.AttemptModel;
import io.flowmeter.simulator.fleet.Execution;
import io.flowmeter.simulator.fleet.WorkflowCode;
import io.flowmeter.simulator.model.StepConfig;

/** Waits for people: events that come late or never. */
final class UserOnboarding implements WorkflowCode {
  @Override
  public void run(Execution step) {
    step.work("create profile", AttemptModel.of(30, 0.5));
    step.work("mint token", StepConfig.DEFAULT.hidingOutput(), AttemptModel.of(8, 0.4));
    step.work(
        "send welcome mail",
        AttemptModel.of(step.degraded() ? 600 : 110, 0.7)
            .failing(step.degraded() ? 0.4 : 0.05, "Error", "SMTP 451 try later")
            .calling("Error", "connect ETIMEDOUT smtp-3.internal:587"));
    // Not caught: whoever never confirms ends as errored.
    step.waitForEvent(
        "confirm mail address",
        "mail-confirmed",
        "30 minutes",
        step.random().heavyTailed(60_000, 1.8));
    step.work("grant starter plan", AttemptModel.of(40, 0.5));
    step.longSleep(0.15, 86_400_000)
        .ifPresentOrElse(
            day -> step.sleep("first day", day), () -> step.sleep("first minutes", 120_000));
    step.work("send tips", AttemptModel.of(90, 0.6).silent());
  }
}
