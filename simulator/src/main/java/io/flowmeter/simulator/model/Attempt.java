package io.flowmeter.simulator.model;

import java.time.Instant;
import java.util.Optional;

/**
 * One attempt at a step.
 *
 * @param end empty while the attempt is unfinished
 * @param error what it failed with; empty while unfinished and after a success
 */
public record Attempt(Instant start, Optional<Instant> end, Optional<Failure> error) {

  /** Whether it succeeded; empty while unfinished. */
  public Optional<Boolean> success() {
    return end.map(at -> error.isEmpty());
  }

  /** What could be known of this attempt at {@code now}, which is not before its start. */
  Attempt asOf(Instant now) {
    return end.filter(at -> at.isAfter(now)).isPresent()
        ? new Attempt(start, Optional.empty(), Optional.empty())
        : this;
  }
}
