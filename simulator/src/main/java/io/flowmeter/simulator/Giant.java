package io.flowmeter.simulator;

import io.flowmeter.simulator.fleet.AttemptModel;
import io.flowmeter.simulator.fleet.WorkflowCode;

/**
 * One instance of the maximum size that the platform allows. It is the only one of its workflow.
 *
 * @param steps number of steps; production allows at most 25,000
 * @param outputBytes total size of the outputs of all steps, in bytes
 */
public record Giant(int steps, long outputBytes) {
  public static final String WORKFLOW = "giant-import";

  public static final String INSTANCE = "giant";

  public Giant {
    if (steps < 1 || steps > 25_000 || outputBytes < 0) {
      throw new IllegalArgumentException(
          "expected 1 to 25000 steps and at least 0 bytes, got %d and %d"
              .formatted(steps, outputBytes));
    }
  }

  /** Returns the size of each step's output, in bytes. */
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
