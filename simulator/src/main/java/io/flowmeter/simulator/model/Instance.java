package io.flowmeter.simulator.model;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An instance with all its lives, past and to come.
 *
 * @param workflow the name of its workflow
 * @param number its place in the order of creation among the workflow's instances
 * @param createdOn 0 to 71 ms before the first life was queued, as in the real API
 * @param lives at least one, in order of time
 */
public record Instance(
    String workflow, long number, String id, Instant createdOn, List<SimulatedRun> lives) {

  /** The newest life at {@code now}, as it could be known then. */
  public SimulatedRun newestAt(Instant now) {
    SimulatedRun newest = lives.get(0);
    for (SimulatedRun life : lives) {
      if (!life.queued().isAfter(now)) {
        newest = life;
      }
    }
    return newest.asOf(now);
  }

  /** The life queued at this moment; empty when there is none. */
  public Optional<SimulatedRun> lifeQueuedAt(Instant queued) {
    return lives.stream().filter(life -> life.queued().equals(queued)).findFirst();
  }
}
