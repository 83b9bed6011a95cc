package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.model.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A time in which a workflow of some name was there: from its making to its deletion. */
final class WorkflowLifespan {
  final String id;
  final Instant createdOn;
  // Its instances are those created from then on; the fleet's own first era has no begin.
  final Instant from;
  // What callers deployed, in order of time.
  final List<Version> put = new ArrayList<>();
  private Instant until = Instant.MAX;

  private WorkflowLifespan(String id, Instant createdOn, Instant from) {
    this.id = id;
    this.createdOn = createdOn;
    this.from = from;
  }

  /** That of a workflow of the fleet, until somebody deletes it. */
  static WorkflowLifespan ofFleet(String id, Instant createdOn) {
    return new WorkflowLifespan(id, createdOn, Instant.MIN);
  }

  /** That of a workflow that a caller made. */
  static WorkflowLifespan ofCaller(String id, Instant at) {
    return new WorkflowLifespan(id, at, at);
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
