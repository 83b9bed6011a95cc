package io.flowmeter.streams.run;

import io.flowmeter.schemas.fact.Instance;
import io.flowmeter.schemas.fact.StepAttempt;
import io.flowmeter.schemas.fact.StepRun;
import io.flowmeter.schemas.fact.Transition;
import java.util.List;

/**
 * All facts of one run, as they follow from what is known of it. Their {@code revision} is 0 until
 * they are told.
 *
 * @param transitions by seq
 * @param steps by step_index
 */
public record RunFacts(Instance instance, List<Transition> transitions, List<StepFacts> steps) {

  /**
   * A step run and its attempts.
   *
   * @param attempts by attempt
   */
  public record StepFacts(StepRun stepRun, List<StepAttempt> attempts) {}
}
