package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.model.Attempt;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.simulator.model.StatusChange;
import io.flowmeter.simulator.model.Step;
import io.flowmeter.simulator.model.TriggerSource;
import io.flowmeter.simulator.model.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What callers do to a life: pure functions of the life as it would have gone on, and a moment. */
final class RunActions {
  private RunActions() {}

  /** The same life of another version. */
  static SimulatedRun running(SimulatedRun run, Version version) {
    return new SimulatedRun(
        run.queued(),
        run.start(),
        run.end(),
        run.supersededAt(),
        version,
        run.trigger(),
        run.statuses(),
        run.steps(),
        run.error(),
        run.reopened());
  }

  /** A life that ends at this moment, whatever it was about. */
  static SimulatedRun terminated(SimulatedRun run, Instant at, TriggerSource by) {
    SimulatedRun past = run.asOf(at);
    List<StatusChange> line = upTo(past.statuses(), at);
    line.add(new StatusChange(at, SimulatedStatus.TERMINATED));
    List<Step> steps = new ArrayList<>(past.steps());
    steps.add(new Step.Termination(at, by));
    return with(past, past.start(), Optional.of(at), line, steps);
  }

  /**
   * When a pause asked for at this moment sets in: at once, or when the steps at work are done.
   * Empty when the life ends before.
   */
  static Optional<Instant> pausesAt(SimulatedRun run, Instant requestedAt) {
    Instant pauses = requestedAt;
    for (Step step : run.steps()) {
      if (step instanceof Step.Do work && isAtWork(work, requestedAt)) {
        Instant done = work.end().orElse(Instant.MAX);
        pauses = done.isAfter(pauses) ? done : pauses;
      }
    }
    Instant then = pauses;
    return run.end().filter(end -> !end.isAfter(then)).isPresent()
        ? Optional.empty()
        : Optional.of(pauses);
  }

  private static boolean isAtWork(Step.Do work, Instant at) {
    return work.attempts().stream()
        .anyMatch(
            attempt ->
                !attempt.start().isAfter(at)
                    && attempt.end().filter(end -> end.isAfter(at)).isPresent());
  }

  /**
   * A life that waits for its pause from {@code asked} on, and is paused from {@code pauses} on,
   * with nothing to come; empty {@code pauses}: it ends before.
   */
  static SimulatedRun paused(SimulatedRun run, Instant requestedAt, Optional<Instant> pauses) {
    List<StatusChange> line = upTo(run.statuses(), requestedAt);
    if (pauses.isEmpty()) {
      line.add(new StatusChange(requestedAt, SimulatedStatus.WAITING_FOR_PAUSE));
      run.end().ifPresent(end -> line.add(new StatusChange(end, run.status())));
      return with(run, run.start(), run.end(), line, run.steps());
    }
    if (pauses.get().isAfter(requestedAt)) {
      line.add(new StatusChange(requestedAt, SimulatedStatus.WAITING_FOR_PAUSE));
    }
    line.add(new StatusChange(pauses.get(), SimulatedStatus.PAUSED));
    SimulatedRun past = run.asOf(pauses.get());
    return with(past, past.start(), Optional.empty(), line, past.steps());
  }

  /**
   * A life that goes on after its pause. Where it would have been in a pause of its own by now,
   * that ends as well.
   *
   * @param unpaused as it would have gone without the pause
   * @param paused as {@link #paused} made it
   */
  static SimulatedRun resumed(SimulatedRun unpaused, SimulatedRun paused, Instant at) {
    Instant stopped = paused.statusSince();
    boolean setIn = !stopped.isAfter(at);
    Instant from = setIn ? stopped : at;
    boolean pausesItself = unpaused.asOf(from).status() == SimulatedStatus.PAUSED;
    SimulatedRun whole = pausesItself ? resumedEarly(unpaused, from) : unpaused;
    SimulatedRun later =
        setIn ? shifted(whole, from.plusMillis(1), Duration.between(from, at)) : whole;
    List<StatusChange> line = upTo(paused.statuses(), setIn ? stopped.plusMillis(1) : at);
    line.add(new StatusChange(at, whole.asOf(from).status()));
    later.statuses().stream().filter(change -> change.at().isAfter(at)).forEach(line::add);
    return with(later, later.start(), later.end(), line, later.steps());
  }

  /** A life whose own pause ends already at this moment. */
  static SimulatedRun resumedEarly(SimulatedRun run, Instant at) {
    Instant planned =
        run.statuses().stream()
            .map(StatusChange::at)
            .filter(change -> change.isAfter(at))
            .findFirst()
            .orElse(at);
    return shifted(run, planned, Duration.between(planned, at));
  }

  /**
   * The wait that an event of this type ends when it is sent at this moment: the one under way,
   * else the first to begin that no event sent before has ended already.
   */
  static Optional<Step.EventWait> waiting(SimulatedRun run, String eventType, Instant at) {
    return run.steps().stream()
        .filter(Step.EventWait.class::isInstance)
        .map(Step.EventWait.class::cast)
        .filter(wait -> wait.eventType().equals(eventType))
        .filter(wait -> wait.end().filter(end -> !end.isAfter(at)).isEmpty())
        .filter(wait -> !wait.end().equals(Optional.of(wait.start())))
        .findFirst();
  }

  /**
   * A life whose wait is over at this moment, with all that would have followed its event.
   *
   * @param sent when the event came: until then, nothing changes
   */
  static SimulatedRun woken(SimulatedRun run, Step.EventWait wait, Instant met, Instant sent) {
    Instant end = wait.end().orElseThrow();
    SimulatedRun earlier = shifted(run, end, Duration.between(end, met));
    return with(
        earlier,
        earlier.start(),
        earlier.end(),
        withoutBlinks(inOrder(earlier.statuses()), sent),
        earlier.steps());
  }

  /**
   * A life that goes on from some moment in another way than it would have.
   *
   * @param goesOn its statuses from {@code from} on, and all its steps
   * @param changed when that was decided: until then, nothing changes
   */
  static SimulatedRun joined(SimulatedRun run, Instant from, SimulatedRun goesOn, Instant changed) {
    List<StatusChange> line = upTo(run.statuses(), from);
    boolean same = line.get(line.size() - 1).status() == goesOn.statuses().get(0).status();
    line.addAll(goesOn.statuses().subList(same ? 1 : 0, goesOn.statuses().size()));
    return new SimulatedRun(
        run.queued(),
        run.start(),
        goesOn.end(),
        run.supersededAt(),
        run.version(),
        run.trigger(),
        withoutBlinks(line, changed),
        goesOn.steps(),
        goesOn.error(),
        run.reopened());
  }

  /** Waits that are yet to come and have become too short to show. */
  private static List<StatusChange> withoutBlinks(List<StatusChange> line, Instant after) {
    List<StatusChange> shown = new ArrayList<>();
    for (StatusChange change : line) {
      StatusChange last = shown.isEmpty() ? change : shown.get(shown.size() - 1);
      boolean blinked =
          last.status() == SimulatedStatus.WAITING
              && last.at().isAfter(after)
              && Duration.between(last.at(), change.at()).toMillis()
                  < StatusDerivation.HIBERNATES_AFTER_MS;
      if (blinked && change.status() == SimulatedStatus.RUNNING) {
        shown.remove(shown.size() - 1);
      } else {
        shown.add(change);
      }
    }
    return shown;
  }

  private static List<StatusChange> inOrder(List<StatusChange> line) {
    return line.stream().sorted(Comparator.comparing(StatusChange::at)).toList();
  }

  private static List<StatusChange> upTo(List<StatusChange> line, Instant end) {
    List<StatusChange> before = new ArrayList<>();
    for (StatusChange change : line) {
      // A life is queued first, even if it is for no time.
      if (before.isEmpty() || change.at().isBefore(end)) {
        before.add(change);
      }
    }
    return before;
  }

  /** The same life with all that happens at {@code from} or later moved by {@code by}. */
  private static SimulatedRun shifted(SimulatedRun run, Instant from, Duration by) {
    UnaryOperator<Instant> move = at -> at.isBefore(from) ? at : at.plus(by);
    return with(
        run,
        run.start().map(move),
        run.end().map(move),
        run.statuses().stream()
            .map(change -> new StatusChange(move.apply(change.at()), change.status()))
            .toList(),
        run.steps().stream().map(step -> moved(step, move)).toList());
  }

  private static Step moved(Step step, UnaryOperator<Instant> move) {
    if (step instanceof Step.Do work) {
      return new Step.Do(
          work.name(),
          move.apply(work.start()),
          work.end().map(move),
          work.success(),
          work.config(),
          work.attempts().stream()
              .map(
                  attempt ->
                      new Attempt(
                          move.apply(attempt.start()), attempt.end().map(move), attempt.error()))
              .toList(),
          work.hasOutput());
    } else if (step instanceof Step.Sleep sleep) {
      return new Step.Sleep(sleep.name(), move.apply(sleep.start()), sleep.end().map(move));
    } else if (step instanceof Step.EventWait wait) {
      return new Step.EventWait(
          wait.name(),
          wait.eventType(),
          move.apply(wait.start()),
          wait.end().map(move),
          wait.error());
    }
    if (step instanceof Step.Rollback rollback) {
      return new Step.Rollback((Step.Do) moved(rollback.work(), move));
    }
    return new Step.Termination(move.apply(step.start()), ((Step.Termination) step).trigger());
  }

  private static SimulatedRun with(
      SimulatedRun run,
      Optional<Instant> start,
      Optional<Instant> end,
      List<StatusChange> statuses,
      List<Step> steps) {
    return new SimulatedRun(
        run.queued(),
        start,
        end,
        run.supersededAt(),
        run.version(),
        run.trigger(),
        List.copyOf(statuses),
        List.copyOf(steps),
        run.error(),
        run.reopened());
  }
}
