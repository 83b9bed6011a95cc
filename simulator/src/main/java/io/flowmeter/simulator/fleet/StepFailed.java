package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.model.Failure;

/** What workflow code catches, or dies of, when a step failed for good. */
public final class StepFailed extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  StepFailed(Failure failure) {
    // Part of a simulated story, thrown often: a stack trace would cost much and tell nothing.
    super(failure.message(), null, false, false);
    this.failure = failure;
  }

  /** The error as the instance would tell it. */
  public Failure failure() {
    return failure;
  }
}
