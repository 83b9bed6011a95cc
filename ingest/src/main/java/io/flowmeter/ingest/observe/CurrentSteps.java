package io.flowmeter.ingest.observe;

import io.flowmeter.schemas.observation.CurrentStep;
import io.flowmeter.schemas.observation.Step;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What a live run is at: its unfinished step of latest start. */
final class CurrentSteps {
  private static final Comparator<Step> LATEST_START =
      Comparator.comparing((Step step) -> Optional.ofNullable(step.getStart()).orElse(Instant.MIN))
          .thenComparing(Step::getStepIndex);

  private CurrentSteps() {}

  static Optional<CurrentStep> of(List<Step> steps) {
    return steps.stream()
        .filter(CurrentSteps::unfinished)
        .max(LATEST_START)
        .map(
            step ->
                new CurrentStep(
                    step.getStepIndex(),
                    step.getType(),
                    Optional.ofNullable(step.getName()).orElse(""),
                    step.getStart(),
                    step.getAttempts().size()));
  }

  private static boolean unfinished(Step step) {
    return step.getEnd() == null
        && step.getSuccess() == null
        && !Boolean.TRUE.equals(step.getFinished())
        && !step.getType().equals("termination");
  }
}
