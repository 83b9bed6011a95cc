package io.flowmeter.verify.required;

import io.flowmeter.simulator.fleet.ErrorCanaries;
import io.flowmeter.simulator.model.Attempt;
import io.flowmeter.simulator.model.Failure;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.Step;
import io.flowmeter.simulator.model.StepConfig;
import io.flowmeter.verify.expected.ReportedError;
import io.flowmeter.verify.expected.ReportedRun.Detail;
import io.flowmeter.verify.expected.ReportedStep;
import io.flowmeter.verify.expected.ReportedStep.ToldAttempt;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The inside of a life, from the simulator's truth to the values that a detail tells. Of errors it
 * is what must be kept: all but the canaries in their messages, each of which leaves its mark.
 */
final class GroundTruth {
  private GroundTruth() {}

  /**
   * @param run as it was at the moment of the detail
   */
  static Detail detail(SimulatedRun run) {
    List<ReportedStep> steps = new ArrayList<>();
    for (Step step : run.steps()) {
      steps.add(reported(steps.size(), step));
    }
    return new Detail(
        run.end().isPresent(), steps.size(), steps, run.error().flatMap(GroundTruth::error));
  }

  private static ReportedStep reported(int index, Step step) {
    if (step instanceof Step.Do work) {
      return work(index, "step", work);
    }
    if (step instanceof Step.Rollback rollback) {
      return work(index, "rollback", rollback.work());
    }
    if (step instanceof Step.Sleep sleep) {
      return wait(index, "sleep", sleep.name(), sleep.start(), sleep.end(), Optional.empty());
    }
    if (step instanceof Step.EventWait wait) {
      return wait(index, "waitForEvent", wait.name(), wait.start(), wait.end(), wait.error());
    }
    if (step instanceof Step.Termination) {
      return wait(index, "termination", "", step.start(), Optional.empty(), Optional.empty());
    }
    throw new IllegalArgumentException("expected a kind of step that is known, came " + step);
  }

  private static ReportedStep work(int index, String type, Step.Do work) {
    StepConfig config = work.config();
    return new ReportedStep(
        index,
        type,
        work.name(),
        Optional.of(work.start().toEpochMilli()),
        work.end().map(Instant::toEpochMilli),
        work.success(),
        false,
        Optional.empty(),
        work.attempts().stream().map(GroundTruth::attempt).toList(),
        Optional.of((long) config.limit()),
        config.backoff().apiName(),
        Optional.of(config.timeout().millis()));
  }

  private static ToldAttempt attempt(Attempt attempt) {
    return new ToldAttempt(
        attempt.start().toEpochMilli(),
        attempt.end().map(Instant::toEpochMilli),
        attempt.success(),
        attempt.error().flatMap(GroundTruth::error));
  }

  private static ReportedStep wait(
      int index,
      String type,
      String name,
      Instant start,
      Optional<Instant> end,
      Optional<Failure> error) {
    return new ReportedStep(
        index,
        type,
        name,
        Optional.of(start.toEpochMilli()),
        end.map(Instant::toEpochMilli),
        Optional.empty(),
        end.isPresent(),
        error.flatMap(GroundTruth::error),
        List.of(),
        Optional.empty(),
        "",
        Optional.empty());
  }

  private static Optional<ReportedError> error(Failure failure) {
    return ReportedError.of(failure.name(), scrubbed(failure.message()));
  }

  private static String scrubbed(String message) {
    return message
        .replace(ErrorCanaries.EMAIL, "{email}")
        .replace(ErrorCanaries.UUID, "{uuid}")
        .replace(ErrorCanaries.NUMBER, "{digits}")
        // Both words behind "Authorization:" can be the secret.
        .replace("Bearer " + ErrorCanaries.TOKEN, "{token} {token}");
  }
}
