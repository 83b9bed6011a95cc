package io.flowmeter.streams.run;

import io.flowmeter.schemas.fact.Instance;
import io.flowmeter.schemas.fact.StepAttempt;
import io.flowmeter.schemas.fact.StepRun;
import io.flowmeter.schemas.fact.Transition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

  /** The same but for steps that the others have as the very same objects, at the same place. */
  RunFacts withoutStepsOf(RunFacts others) {
    Map<Integer, StepFacts> those = new HashMap<>();
    others.steps().forEach(step -> those.put(step.stepRun().getStepIndex(), step));
    List<StepFacts> rest = new ArrayList<>();
    for (StepFacts step : steps) {
      if (those.get(step.stepRun().getStepIndex()) != step) {
        rest.add(step);
      }
    }
    return new RunFacts(instance, transitions, rest);
  }
}
