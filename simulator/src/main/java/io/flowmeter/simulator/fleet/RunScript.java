package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.model.Failure;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.simulator.model.StatusChange;
import io.flowmeter.simulator.model.Step;
import io.flowmeter.simulator.model.TriggerSource;
import io.flowmeter.simulator.model.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Plays one life from its queue to its end. */
final class RunScript {
  private RunScript() {}

  /** The whole life of a run queued at this moment, as if nobody restarted it, in calm weather. */
  static SimulatedRun play(
      WorkflowModel model,
      SeededRandom random,
      Instant queued,
      Version version,
      TriggerSource trigger) {
    return play(model, Execution.Setting.PLAIN, random, queued, version, trigger);
  }

  /** The whole life of a run queued at this moment, as if nobody restarted it. */
  static SimulatedRun play(
      WorkflowModel model,
      Execution.Setting setting,
      SeededRandom random,
      Instant queued,
      Version version,
      TriggerSource trigger) {
    long way = way(random);
    long startMs =
        queued.toEpochMilli()
            + Math.max(0, random.heavyTailed(model.queue().medianMs(), model.queue().sigma()))
            + setting.incidents().queuesLonger(queued.toEpochMilli());
    WorkflowModel.Interventions people = model.interventions();
    Optional<Execution.Pause> pause =
        random.happens(people.paused())
            ? Optional.of(
                new Execution.Pause(
                    startMs + random.heavyTailed(4_000, 1), random.heavyTailed(90_000, 1)))
            : Optional.empty();
    boolean terminated = random.happens(people.terminated());
    double terminatedAfter = random.uniform();

    Execution execution = new Execution(way, random, version, setting, startMs, pause);
    Optional<Failure> error = run(model, execution);
    long endMs = execution.now();
    List<Step> steps = execution.steps();
    SimulatedStatus outcome =
        error.isPresent() ? SimulatedStatus.ERRORED : SimulatedStatus.COMPLETE;
    if (terminated) {
      // Even while it is still queued, now and then.
      long queuedMs = queued.toEpochMilli();
      endMs = queuedMs + 1 + (long) (terminatedAfter * Math.max(0, endMs - queuedMs - 1));
      outcome = SimulatedStatus.TERMINATED;
      error = Optional.empty();
    }
    Instant end = Instant.ofEpochMilli(endMs);
    List<Step> cut = until(end, steps);
    if (terminated) {
      cut.add(new Step.Termination(end, random.oneOf(TriggerSource.API, TriggerSource.BINDING)));
    }
    Optional<Instant> start =
        startMs < endMs ? Optional.of(Instant.ofEpochMilli(startMs)) : Optional.empty();
    return new SimulatedRun(
        queued,
        start,
        Optional.of(end),
        Optional.empty(),
        version,
        trigger,
        StatusDerivation.of(queued, start, end, outcome, cut, execution.paused()),
        List.copyOf(cut),
        error);
  }

  /**
   * A life that was restarted from a step: the code takes the way it took, steps that are kept are
   * not played again.
   *
   * @param same the chance that the life was played with, from its beginning
   * @param random of what comes now
   * @param kept those of its steps that are kept, all of them finished
   * @param at when it is restarted
   */
  static SimulatedRun redo(
      WorkflowModel model,
      Execution.Setting setting,
      SimulatedRun run,
      SeededRandom same,
      SeededRandom random,
      List<Step> kept,
      Instant at) {
    return run.reopenedAt(at, goOn(model, setting, run, same, random, kept, at));
  }

  /** The same as it goes on from then: its statuses are those to come, its steps all. */
  static SimulatedRun goOn(
      WorkflowModel model,
      Execution.Setting setting,
      SimulatedRun run,
      SeededRandom same,
      SeededRandom random,
      List<Step> kept,
      Instant at) {
    Execution execution =
        new Execution(
                way(same), random, run.version(), setting, at.toEpochMilli(), Optional.empty())
            .keeping(kept);
    Optional<Failure> error = run(model, execution);
    Instant end = Instant.ofEpochMilli(execution.now());
    List<Step> steps = until(end, execution.steps());
    SimulatedStatus outcome =
        error.isPresent() ? SimulatedStatus.ERRORED : SimulatedStatus.COMPLETE;
    Set<Step> before = new HashSet<>(kept);
    List<Step> played = steps.stream().filter(step -> !before.contains(step)).toList();
    List<StatusChange> line =
        StatusDerivation.of(at, Optional.of(at), end, outcome, played, Optional.empty());
    return new SimulatedRun(
        run.queued(),
        run.start(),
        Optional.of(end),
        Optional.empty(),
        run.version(),
        run.trigger(),
        // It is not queued again.
        line.subList(1, line.size()),
        List.copyOf(steps),
        error);
  }

  /** How many of a life's steps, from the first on, can be kept in a restart from a step. */
  static int mostKept(SimulatedRun run) {
    List<Step> steps =
        run.steps().stream().filter(step -> !(step instanceof Step.Rollback)).toList();
    int most = 0;
    while (most < steps.size() - 1 && isFinished(steps.get(most))) {
      most++;
    }
    return most;
  }

  /** Whether a step is over, however it went; a restart from a later one keeps it. */
  static boolean isOver(Step step) {
    return isFinished(step)
        || step instanceof Step.Do work && work.success().isPresent()
        || step instanceof Step.EventWait wait && wait.end().isPresent();
  }

  private static boolean isFinished(Step step) {
    if (step instanceof Step.Do work) {
      return work.success().orElse(false);
    } else if (step instanceof Step.Sleep sleep) {
      return sleep.end().isPresent();
    }
    return step instanceof Step.EventWait wait && wait.end().isPresent() && wait.error().isEmpty();
  }

  /** Which way the code takes in a life. */
  private static long way(SeededRandom life) {
    return life.bits();
  }

  private static Optional<Failure> run(WorkflowModel model, Execution execution) {
    Optional<Failure> error = Optional.empty();
    try {
      model.code().run(execution);
    } catch (StepFailed failed) {
      error = Optional.of(failed.failure());
      execution.rollBack();
    }
    execution.end();
    return error;
  }

  private static List<Step> until(Instant end, List<Step> steps) {
    List<Step> cut = new ArrayList<>();
    for (Step step : steps) {
      if (step.start().isBefore(end)) {
        cut.add(step.asOf(end));
      }
    }
    return cut;
  }
}
