package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.life.Failure;
import io.flowmeter.simulator.life.Life;
import io.flowmeter.simulator.life.Status;
import io.flowmeter.simulator.life.Step;
import io.flowmeter.simulator.life.TriggerSource;
import io.flowmeter.simulator.life.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Plays one life from its queue to its end. */
final class LifeScript {
  private LifeScript() {}

  /** The whole life of a run queued at this moment, as if nobody restarted it. */
  static Life play(
      WorkflowModel model, Chance chance, Instant queued, Version version, TriggerSource trigger) {
    long startMs =
        queued.toEpochMilli()
            + Math.max(0, chance.heavyTailed(model.queue().medianMs(), model.queue().sigma()));
    WorkflowModel.Interventions people = model.interventions();
    Optional<Execution.Pause> pause =
        chance.happens(people.paused())
            ? Optional.of(
                new Execution.Pause(
                    startMs + chance.heavyTailed(4_000, 1), chance.heavyTailed(90_000, 1)))
            : Optional.empty();
    boolean terminated = chance.happens(people.terminated());
    double terminatedAfter = chance.uniform();

    Execution execution = new Execution(chance, version, startMs, pause);
    Optional<Failure> error = Optional.empty();
    try {
      model.code().run(execution);
    } catch (StepFailed failed) {
      error = Optional.of(failed.failure());
    }
    execution.think(chance.between(1, 4));

    long endMs = execution.now();
    List<Step> steps = execution.steps();
    Status outcome = error.isPresent() ? Status.ERRORED : Status.COMPLETE;
    if (terminated) {
      // Even while it is still queued, now and then.
      long queuedMs = queued.toEpochMilli();
      endMs = queuedMs + 1 + (long) (terminatedAfter * Math.max(0, endMs - queuedMs - 1));
      outcome = Status.TERMINATED;
      error = Optional.empty();
    }
    Instant end = Instant.ofEpochMilli(endMs);
    List<Step> cut = new ArrayList<>();
    for (Step step : steps) {
      if (step.start().isBefore(end)) {
        cut.add(step.asOf(end));
      }
    }
    if (terminated) {
      cut.add(new Step.Termination(end, chance.oneOf(TriggerSource.API, TriggerSource.BINDING)));
    }
    Optional<Instant> start =
        startMs < endMs ? Optional.of(Instant.ofEpochMilli(startMs)) : Optional.empty();
    return new Life(
        queued,
        start,
        Optional.of(end),
        Optional.empty(),
        version,
        trigger,
        StatusLine.of(queued, start, end, outcome, cut, execution.paused()),
        List.copyOf(cut),
        error);
  }
}
