package io.flowmeter.simulator;

import io.flowmeter.simulator.fleet.AttemptModel;
import io.flowmeter.simulator.fleet.WorkflowCode;

/**
 * One instance as large as the platform allows, the only one of a workflow of its own.
 *
 * @param steps how many steps it has; 25,000 at most in production
 * @param outputBytes what its steps return, all together
 */
public record Giant(int steps, long outputBytes) {
  /** The name of its workflow. */
  public static final String WORKFLOW = "giant-import";

  /** Its id. */
  public static final String INSTANCE = "giant";

  /** Checks that both are in bounds. */
  public Giant {
    if (steps < 1 || steps > 25_000 || outputBytes < 0) {
      throw new IllegalArgumentException(
          "expected 1 to 25000 steps and no negative number of bytes, came %d and %d"
              .formatted(steps, outputBytes));
    }
  }

  /** What each of its steps returns, in bytes. */
  int bytesOfStep() {
    return Math.toIntExact(outputBytes / steps);
  }

  WorkflowCode code() {
    return step -> {
      for (int chunk = 0; chunk < steps; chunk++) {
        step.work("import chunk", AttemptModel.of(20, 0.3));
      }
    };
  }
}
