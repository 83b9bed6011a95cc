package io.flowmeter.streams.rollup;

import io.flowmeter.schemas.rollup.StepMinute;
import io.flowmeter.schemas.rollup.WorkflowMinute;
import io.flowmeter.streams.run.RunFacts;
import io.flowmeter.streams.state.Contributions;
import java.util.List;

/** The contributions of a run to all rollups. */
public final class Rollups {
  static final RollupAlgebra<WorkflowMinute> WORKFLOW_MINUTES =
      new RollupAlgebra<>(WorkflowMinute.getClassSchema(), WorkflowMinute::new);
  static final RollupAlgebra<StepMinute> STEP_MINUTES =
      new RollupAlgebra<>(StepMinute.getClassSchema(), StepMinute::new);

  private Rollups() {}

  /**
   * Returns the contributions with one row per key; steps of a loop in the same minute share a row.
   */
  public static Contributions of(RunFacts facts) {
    return new Contributions(
        WORKFLOW_MINUTES.difference(List.of(), WorkflowMinutes.of(facts)),
        STEP_MINUTES.difference(List.of(), StepMinutes.of(facts)));
  }

  /** Returns what must be added to the earlier contributions to obtain the new ones. */
  static Contributions difference(Contributions gave, Contributions gives) {
    return gave.isEmpty()
        ? gives
        : new Contributions(
            WORKFLOW_MINUTES.difference(gave.workflowMinutes(), gives.workflowMinutes()),
            STEP_MINUTES.difference(gave.stepMinutes(), gives.stepMinutes()));
  }
}
