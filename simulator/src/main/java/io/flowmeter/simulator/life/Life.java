package io.flowmeter.simulator.life;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One life of an instance (a run): from the moment it was queued to its end, or to the restart that
 * replaced it.
 *
 * @param start when it got its slot; empty while queued
 * @param end when it reached a terminal status; empty before, and for ever when it was superseded
 * @param supersededAt when a restart replaced this life before its end
 * @param statuses in order of time, beginning with {@code queued}
 * @param steps in order of their starts
 * @param error what the instance ended with, when it errored
 */
public record Life(
    Instant queued,
    Optional<Instant> start,
    Optional<Instant> end,
    Optional<Instant> supersededAt,
    Version version,
    TriggerSource trigger,
    List<StatusChange> statuses,
    List<Step> steps,
    Optional<Failure> error) {

  /** The last status. */
  public Status status() {
    return statuses.get(statuses.size() - 1).status();
  }

  /** What had happened of this life by {@code now}; a life not yet queued shows as queued. */
  public Life asOf(Instant now) {
    boolean ended = end.filter(at -> !at.isAfter(now)).isPresent();
    if (ended) {
      return this;
    }
    List<StatusChange> past =
        statuses.stream().filter(change -> !change.at().isAfter(now)).toList();
    return new Life(
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
        Optional.empty());
  }

  /** This life, cut by a restart at {@code restart}, which is before its end. */
  public Life supersededAt(Instant restart) {
    // The restart's own millisecond belongs to the new life.
    Life cut = asOf(restart.minusMillis(1));
    return new Life(
        queued,
        cut.start,
        Optional.empty(),
        Optional.of(restart),
        version,
        trigger,
        cut.statuses,
        cut.steps,
        Optional.empty());
  }
}
