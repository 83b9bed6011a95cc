package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.life.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A time in which a workflow of some name was there: from its making to its deletion. */
final class Era {
  final String id;
  final Instant createdOn;
  // Its instances are those created from then on; the fleet's own first era has no begin.
  final Instant from;
  // What callers deployed, in order of time.
  final List<Version> put = new ArrayList<>();
  private Instant until = Instant.MAX;

  private Era(String id, Instant createdOn, Instant from) {
    this.id = id;
    this.createdOn = createdOn;
    this.from = from;
  }

  /** That of a workflow of the fleet, until somebody deletes it. */
  static Era ofFleet(String id, Instant createdOn) {
    return new Era(id, createdOn, Instant.MIN);
  }

  /** That of a workflow that a caller made. */
  static Era ofCaller(String id, Instant at) {
    return new Era(id, at, at);
  }

  /** Whether the fleet's own deploys belong to it. */
  boolean isFleets() {
    return from.equals(Instant.MIN);
  }

  void end(Instant at) {
    until = at;
  }

  boolean isOver() {
    return !until.equals(Instant.MAX);
  }

  /** Whether a moment lies in it. */
  boolean holds(Instant at) {
    return !at.isBefore(from) && at.isBefore(until);
  }
}
