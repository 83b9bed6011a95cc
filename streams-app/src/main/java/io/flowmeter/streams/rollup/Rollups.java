package io.flowmeter.streams.rollup;

import io.flowmeter.schemas.rollup.StepMinute;
import io.flowmeter.schemas.rollup.WorkflowMinute;
import io.flowmeter.streams.run.RunFacts;
import io.flowmeter.streams.state.Contributions;
import java.util.List;

/** What a run puts into all rollups. */
public final class Rollups {
  static final RollupAlgebra<WorkflowMinute> WORKFLOW_MINUTES =
      new RollupAlgebra<>(WorkflowMinute.getClassSchema(), WorkflowMinute::new);
  static final RollupAlgebra<StepMinute> STEP_MINUTES =
      new RollupAlgebra<>(StepMinute.getClassSchema(), StepMinute::new);

  private Rollups() {}

  /** A row a key; a loop's steps of one minute are one. */
  public static Contributions of(RunFacts facts) {
    return new Contributions(
        WORKFLOW_MINUTES.difference(List.of(), WorkflowMinutes.of(facts)),
        STEP_MINUTES.difference(List.of(), StepMinutes.of(facts)));
  }

  /** What must be added to what a run gave to make it what it gives. */
  static Contributions difference(Contributions gave, Contributions gives) {
    return gave.isEmpty()
        ? gives
        : new Contributions(
            WORKFLOW_MINUTES.difference(gave.workflowMinutes(), gives.workflowMinutes()),
            STEP_MINUTES.difference(gave.stepMinutes(), gives.stepMinutes()));
  }
}
