package io.flowmeter.simulator.model;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One entry of an instance's steps: the four kinds of the API's schema, and the newer one of type
 * {@code rollback}.
 */
public sealed interface Step {

  /** When the step began; for a termination, when it happened. */
  Instant start();

  /** What could be known of this step at {@code now}, which is not before its start. */
  Step asOf(Instant now);

  /**
   * A step of type {@code step}: code that ran, perhaps several times.
   *
   * @param name with its counter, for example {@code ship parcel-2}
   * @param end empty while unfinished
   * @param success empty while unfinished
   * @param hasOutput whether the code returned something
   */
  record Do(
      String name,
      Instant start,
      Optional<Instant> end,
      Optional<Boolean> success,
      StepConfig config,
      List<Attempt> attempts,
      boolean hasOutput)
      implements Step {

    @Override
    public Do asOf(Instant now) {
      if (end.filter(at -> !at.isAfter(now)).isPresent()) {
        return this;
      }
      List<Attempt> begun =
          attempts.stream()
              .filter(attempt -> !attempt.start().isAfter(now))
              .map(attempt -> attempt.asOf(now))
              .toList();
      return new Do(name, start, Optional.empty(), Optional.empty(), config, begun, false);
    }
  }

  /**
   * A step of type {@code sleep}.
   *
   * @param end empty while it sleeps
   */
  record Sleep(String name, Instant start, Optional<Instant> end) implements Step {

    @Override
    public Sleep asOf(Instant now) {
      return end.filter(at -> at.isAfter(now)).isPresent()
          ? new Sleep(name, start, Optional.empty())
          : this;
    }
  }

  /**
   * A step of type {@code waitForEvent}.
   *
   * @param end when the event came or the wait timed out; empty while it waits
   * @param error the timeout; empty when the event came and while it waits
   */
  record EventWait(
      String name, String eventType, Instant start, Optional<Instant> end, Optional<Failure> error)
      implements Step {

    /** The same wait, ended by its event at this moment. */
    public EventWait metAt(Instant event) {
      return new EventWait(name, eventType, start, Optional.of(event), Optional.empty());
    }

    @Override
    public EventWait asOf(Instant now) {
      return end.filter(at -> at.isAfter(now)).isPresent()
          ? new EventWait(name, eventType, start, Optional.empty(), Optional.empty())
          : this;
    }
  }

  /**
   * A step of type {@code rollback}: code that undid a step, perhaps in several attempts, after the
   * run had failed.
   *
   * @param work the same as of a step of type {@code step}, under the undone step's name
   */
  record Rollback(Do work) implements Step {

    @Override
    public Instant start() {
      return work.start();
    }

    @Override
    public Rollback asOf(Instant now) {
      return new Rollback(work.asOf(now));
    }
  }

  /** A step of type {@code termination}; the API tells neither its name nor its time. */
  record Termination(Instant start, TriggerSource trigger) implements Step {

    @Override
    public Termination asOf(Instant now) {
      return this;
    }
  }
}
