package io.flowmeter.verify.due;

import io.flowmeter.simulator.life.Attempt;
import io.flowmeter.simulator.life.Failure;
import io.flowmeter.simulator.life.Life;
import io.flowmeter.simulator.life.Step;
import io.flowmeter.simulator.life.StepConfig;
import io.flowmeter.verify.expected.ApiError;
import io.flowmeter.verify.expected.ToldLife.Detail;
import io.flowmeter.verify.expected.ToldStep;
import io.flowmeter.verify.expected.ToldStep.ToldAttempt;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The inside of a life, from the simulator's truth to the values that a detail tells.
 *
 * @param scrubbing what is kept of an error's message
 */
record Truth(UnaryOperator<String> scrubbing) {

  /**
   * @param life as it was at the moment of the detail
   */
  Detail detail(Life life) {
    List<ToldStep> steps = new ArrayList<>();
    for (Step step : life.steps()) {
      steps.add(told(steps.size(), step));
    }
    return new Detail(
        life.end().isPresent(), steps.size(), steps, life.error().flatMap(this::error));
  }

  private ToldStep told(int index, Step step) {
    if (step instanceof Step.Do work) {
      return work(index, work);
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

  private ToldStep work(int index, Step.Do work) {
    StepConfig config = work.config();
    return new ToldStep(
        index,
        "step",
        work.name(),
        Optional.of(work.start().toEpochMilli()),
        work.end().map(Instant::toEpochMilli),
        work.success(),
        false,
        Optional.empty(),
        work.attempts().stream().map(this::attempt).toList(),
        Optional.of((long) config.limit()),
        config.backoff().apiName(),
        Optional.of(config.timeout().millis()));
  }

  private ToldAttempt attempt(Attempt attempt) {
    return new ToldAttempt(
        attempt.start().toEpochMilli(),
        attempt.end().map(Instant::toEpochMilli),
        attempt.success(),
        attempt.error().flatMap(this::error));
  }

  private ToldStep wait(
      int index,
      String type,
      String name,
      Instant start,
      Optional<Instant> end,
      Optional<Failure> error) {
    return new ToldStep(
        index,
        type,
        name,
        Optional.of(start.toEpochMilli()),
        end.map(Instant::toEpochMilli),
        Optional.empty(),
        end.isPresent(),
        error.flatMap(this::error),
        List.of(),
        Optional.empty(),
        "",
        Optional.empty());
  }

  private Optional<ApiError> error(Failure failure) {
    return ApiError.of(failure.name(), scrubbing.apply(failure.message()));
  }
}
