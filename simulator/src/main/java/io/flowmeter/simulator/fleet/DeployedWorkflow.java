package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.model.Instance;
import io.flowmeter.simulator.model.SimulatedRun;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A workflow, and what callers made of it. What was, stays known after its deletion. */
final class DeployedWorkflow {
  /** Numbers from here on within a slot are those of instances that callers created. */
  private static final int FIRST_CREATED = 1 << (Arrivals.SLOT_BITS - 1);

  WorkflowModel model;
  final Map<Long, Instance> touched = new HashMap<>();
  // Of those that are paused: how they would have gone on.
  final Map<Long, SimulatedRun> beforePause = new HashMap<>();
  private final List<WorkflowLifespan> eras = new ArrayList<>();
  private final Map<Long, List<Long>> createdBySlot = new HashMap<>();
  private final Set<Long> deleted = new HashSet<>();

  DeployedWorkflow(WorkflowModel model, WorkflowLifespan lifespan) {
    this.model = model;
    eras.add(lifespan);
  }

  /** The last one. */
  WorkflowLifespan era() {
    return eras.get(eras.size() - 1);
  }

  /** The one that a moment lies in; empty when the workflow was not there then. */
  Optional<WorkflowLifespan> eraAt(Instant at) {
    return eras.stream().filter(lifespan -> lifespan.holds(at)).findFirst();
  }

  /** Whether nobody ever deployed it or deleted it. */
  boolean isAsInFleet() {
    return eras.size() == 1 && era().put.isEmpty();
  }

  void start(WorkflowLifespan lifespan) {
    eras.add(lifespan);
  }

  /** Its instances are gone for all callers, and known as they were. */
  void end(Instant at) {
    era().end(at);
    beforePause.clear();
    createdBySlot.values().forEach(deleted::addAll);
  }

  /** Takes the next number for an instance that a caller creates. */
  long nextNumber(long slot) {
    List<Long> created = createdBySlot.computeIfAbsent(slot, key -> new ArrayList<>());
    long number = Arrivals.number(slot, FIRST_CREATED + created.size());
    created.add(number);
    return number;
  }

  /** The numbers of the instances that callers created in a slot. */
  List<Long> createdIn(long slot) {
    return createdBySlot.getOrDefault(slot, List.of());
  }

  static boolean isCallers(long number) {
    return Arrivals.placeOf(number) >= FIRST_CREATED;
  }

  /** Whether an instance is one of the workflow as it is now. */
  boolean knows(long number, Instant createdOn) {
    return era().holds(createdOn) && !deleted.contains(number);
  }

  /** Whether an instance ever was there. */
  boolean knew(long number, Instant createdOn) {
    return deleted.contains(number) || eraAt(createdOn).isPresent();
  }
}
