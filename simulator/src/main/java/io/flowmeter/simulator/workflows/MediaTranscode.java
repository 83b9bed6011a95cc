package io.flowmeter.simulator.workflows;

import io.flowmeter.simulator.fleet.AttemptModel;
import io.flowmeter.simulator.fleet.Execution;
import io.flowmeter.simulator.fleet.WorkflowCode;
import io.flowmeter.simulator.model.BackoffPolicy;
import io.flowmeter.simulator.model.StepConfig;

/** Long queues, heavy tails, step timeouts. */
final class MediaTranscode implements WorkflowCode {
  private static final StepConfig PROBE =
      StepConfig.ofMillis(2, 500, BackoffPolicy.CONSTANT, 5_000);
  private static final StepConfig ENCODE =
      StepConfig.of(1, "10 seconds", BackoffPolicy.CONSTANT, "5 minutes");

  @Override
  public void run(Execution step) {
    step.work("probe source", PROBE, AttemptModel.of(step.degraded() ? 3_500 : 900, 1));
    step.parallel(
        branch -> branch.work("transcode 240p", ENCODE, AttemptModel.of(4_000, 0.9)),
        branch -> branch.work("transcode 720p", ENCODE, AttemptModel.of(11_000, 0.9)),
        branch ->
            branch.work(
                "transcode 1080p",
                ENCODE,
                AttemptModel.of(24_000, 1)
                    .failing(
                        branch.degraded() ? 0.35 : 0.05, "Error", "encoder exited with code 137")));
    step.work("write manifest", AttemptModel.of(70, 0.5));
    step.work(
        "publish",
        AttemptModel.of(150, 0.6)
            .failing(0.03, "Error", "CDN purge 429")
            .calling("TypeError", "fetch failed: cdn-origin"));
  }
}
