package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.model.Attempt;
import io.flowmeter.simulator.model.Failure;
import io.flowmeter.simulator.model.Step;
import io.flowmeter.simulator.model.StepConfig;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Plays the attempts of one step, with their backoffs.
 *
 * @param random decides how long attempts take and whether they fail
 * @param incidents whether the services are there that they call
 */
record StepExecution(SeededRandom random, IncidentProfile incidents) {
  private static final double FAILING_WHILE_DOWN = 0.97;

  /**
   * A step that was played.
   *
   * @param failure what its last attempt failed with, as the instance would tell it; empty when it
   *     succeeded
   */
  record Played(Step.Do step, Optional<Failure> failure) {
    long endMs() {
      return step.end().orElseThrow().toEpochMilli();
    }
  }

  /**
   * Plays a step from its start, in epoch milliseconds, to its end.
   *
   * @param counted its name with its counter
   */
  Played play(String counted, StepConfig config, AttemptModel effort, long start) {
    List<Attempt> attempts = new ArrayList<>();
    long now = start + random.between(0, 1);
    while (true) {
      Tried tried = attempt(config, effort, now);
      attempts.add(
          new Attempt(
              Instant.ofEpochMilli(now),
              Optional.of(Instant.ofEpochMilli(now + tried.tookMs())),
              tried.error()));
      now += tried.tookMs();
      boolean failed = tried.error().isPresent();
      if (failed && !tried.fatal() && attempts.size() <= config.limit()) {
        now += config.backoff().delayMs(config.delay().millis(), attempts.size());
        now += random.between(1, 8);
        continue;
      }
      // A step can end a millisecond after its last attempt.
      now += random.between(0, 1);
      Step.Do step =
          new Step.Do(
              counted,
              Instant.ofEpochMilli(start),
              Optional.of(Instant.ofEpochMilli(now)),
              Optional.of(!failed),
              config,
              List.copyOf(attempts),
              effort.hasOutput() && !failed);
      return new Played(step, failed ? Optional.of(tried.toInstance()) : Optional.empty());
    }
  }

  private Tried attempt(StepConfig config, AttemptModel effort, long now) {
    long tookMs = Math.max(1, random.heavyTailed(effort.medianMs(), effort.sigma()));
    long timeoutMs = config.timeout().millis();
    if (tookMs > timeoutMs) {
      Failure failure =
          new Failure("WorkflowTimeoutError", "Execution timed out after " + timeoutMs + "ms");
      return new Tried(
          timeoutMs + random.between(0, 3), Optional.of(failure), false, toInstance(failure));
    }
    if (effort.outage().isPresent()
        && incidents.isDown(now)
        && random.happens(FAILING_WHILE_DOWN)) {
      return thrown(tookMs, effort.outage().get());
    }
    if (random.happens(effort.refusing())) {
      return refused(tookMs, effort.refusal());
    }
    if (random.happens(effort.failing())) {
      return thrown(tookMs, effort.failure());
    }
    return new Tried(tookMs, Optional.empty(), false, new Failure("", ""));
  }

  private Tried thrown(long tookMs, Failure failure) {
    // Code that throws without a message has nothing to let slip.
    Failure reported =
        failure.message().isEmpty()
            ? failure
            : new Failure(failure.name(), ErrorCanaries.in(failure.message(), random));
    return new Tried(tookMs, Optional.of(reported), false, toInstance(reported));
  }

  private Tried refused(long tookMs, String refusal) {
    String message =
        "Step threw a NonRetryableError with message \"NonRetryableError: "
            + ErrorCanaries.in(refusal, random)
            + "\"";
    Failure failure = new Failure("WorkflowFatalError", message);
    return new Tried(tookMs, Optional.of(failure), true, toInstance(failure));
  }

  /** The error of a step's last attempt as the instance tells it when nobody caught it. */
  static Failure toInstance(Failure ofAttempt) {
    return switch (ofAttempt.name()) {
      case "WorkflowTimeoutError" ->
          new Failure("Error", "WorkflowTimeoutError: " + ofAttempt.message());
      case "WorkflowFatalError" ->
          new Failure(
              "WorkflowFatalError",
              "The execution of the Workflow instance was terminated, as a step threw an"
                  + " NonRetryableError and it was not handled");
      default -> ofAttempt;
    };
  }

  /** One attempt: its error as the attempt tells it, and as the instance would tell it. */
  private record Tried(long tookMs, Optional<Failure> error, boolean fatal, Failure toInstance) {}
}
