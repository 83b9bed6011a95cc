package io.flowmeter.simulator.model;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One life of an instance (a run): from the moment it was queued to its end, or to the restart that
 * replaced it. A restart from a step does not replace a life: it opens it again, and the life has
 * another end.
 *
 * @param queued names the life within its instance
 * @param start when it got its slot; empty while queued
 * @param end when it last reached a terminal status; empty before, and for ever when it was
 *     superseded
 * @param supersededAt when a restart replaced this life before its end
 * @param statuses in order of time, beginning with {@code queued}; those before a restart from a
 *     step too
 * @param steps in order of their starts
 * @param error what the instance ended with, when it errored
 * @param reopened the last restart from a step, and what the life was before
 */
public record SimulatedRun(
    Instant queued,
    Optional<Instant> start,
    Optional<Instant> end,
    Optional<Instant> supersededAt,
    Version version,
    TriggerSource trigger,
    List<StatusChange> statuses,
    List<Step> steps,
    Optional<Failure> error,
    Optional<Reopening> reopened) {

  /**
   * A restart from a step.
   *
   * @param at its moment
   * @param before the life as it would have been for ever without it
   */
  public record Reopening(Instant at, SimulatedRun before) {}

  /** A life that nobody restarted from a step. */
  public SimulatedRun(
      Instant queued,
      Optional<Instant> start,
      Optional<Instant> end,
      Optional<Instant> supersededAt,
      Version version,
      TriggerSource trigger,
      List<StatusChange> statuses,
      List<Step> steps,
      Optional<Failure> error) {
    this(
        queued,
        start,
        end,
        supersededAt,
        version,
        trigger,
        statuses,
        steps,
        error,
        Optional.empty());
  }

  /** The last status. */
  public SimulatedStatus status() {
    return last().status();
  }

  /** When the last status set in. */
  public Instant statusSince() {
    return last().at();
  }

  private StatusChange last() {
    return statuses.get(statuses.size() - 1);
  }

  /**
   * What became of undoing what the life had done.
   *
   * @param error why the last of its steps of type {@code rollback} failed; empty when all
   *     succeeded
   */
  public record Rollback(Optional<Failure> error) {}

  /** What became of undoing it; empty unless it errored, and had something to undo. */
  public Optional<Rollback> rollback() {
    if (status() != SimulatedStatus.ERRORED
        || steps.isEmpty()
        || !(steps.get(steps.size() - 1) instanceof Step.Rollback last)) {
      return Optional.empty();
    }
    List<Attempt> attempts = last.work().attempts();
    return Optional.of(new Rollback(attempts.get(attempts.size() - 1).error()));
  }

  /** Every end this life had, in order of time: more than one after restarts from a step. */
  public List<Instant> ends() {
    Stream<Instant> before = reopened.stream().flatMap(again -> again.before().ends().stream());
    return Stream.concat(
            before.filter(at -> at.isBefore(reopened.orElseThrow().at())), end.stream())
        .toList();
  }

  /** What had happened of this life by {@code now}; a life not yet queued shows as queued. */
  public SimulatedRun asOf(Instant now) {
    if (reopened.filter(again -> again.at().isAfter(now)).isPresent()) {
      return reopened.get().before().asOf(now);
    }
    boolean ended = end.filter(at -> !at.isAfter(now)).isPresent();
    if (ended) {
      return this;
    }
    List<StatusChange> past =
        statuses.stream().filter(change -> !change.at().isAfter(now)).toList();
    return new SimulatedRun(
        queued,
        start.filter(at -> !at.isAfter(now)),
        Optional.empty(),
        supersededAt.filter(at -> !at.isAfter(now)),
        version,
        trigger,
        past.isEmpty() ? statuses.subList(0, 1) : past,
        steps.stream()
            .filter(step -> !step.start().isAfter(now))
            .map(step -> step.asOf(now))
            .toList(),
        Optional.empty(),
        reopened);
  }

  /** This life when a new one begins at {@code restart}: cut there, unless it has ended before. */
  public SimulatedRun supersededAt(Instant restart) {
    // The restart's own millisecond belongs to the new life.
    SimulatedRun cut = asOf(restart.minusMillis(1));
    return new SimulatedRun(
        queued,
        cut.start,
        cut.end,
        cut.end.isPresent() ? Optional.empty() : Optional.of(restart),
        version,
        trigger,
        cut.statuses,
        cut.steps,
        cut.error,
        cut.reopened);
  }

  /**
   * This life, restarted from a step at {@code restart}: it keeps what it was until then, and its
   * end, steps and error become those of {@code redone}.
   *
   * @param redone how it goes on: statuses from {@code restart} on, and all steps, the kept ones
   *     first
   */
  public SimulatedRun reopenedAt(Instant restart, SimulatedRun redone) {
    List<StatusChange> line = new ArrayList<>(asOf(restart.minusMillis(1)).statuses);
    boolean goesOn = line.get(line.size() - 1).status() == redone.statuses.get(0).status();
    line.addAll(redone.statuses.subList(goesOn ? 1 : 0, redone.statuses.size()));
    return new SimulatedRun(
        queued,
        start,
        redone.end,
        redone.supersededAt,
        version,
        trigger,
        List.copyOf(line),
        redone.steps,
        redone.error,
        Optional.of(new Reopening(restart, this)));
  }
}
