package io.flowmeter.simulator.fleet;

/** What a workflow does; reads like the {@code run} method of a WorkflowEntrypoint. */
@FunctionalInterface
public interface WorkflowCode {

  /**
   * Plays one life.
   *
   * @throws StepFailed when a step failed for good and the code did not catch it
   */
  void run(Execution step);
}
