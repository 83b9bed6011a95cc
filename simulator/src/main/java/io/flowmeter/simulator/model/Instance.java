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
 * @param runs at least one, in order of time
 */
public record Instance(
    String workflow, long number, String id, Instant createdOn, List<SimulatedRun> runs) {

  /** The newest life at {@code now}, as it could be known then. */
  public SimulatedRun newestAt(Instant now) {
    SimulatedRun newest = runs.get(0);
    for (SimulatedRun run : runs) {
      if (!run.queued().isAfter(now)) {
        newest = run;
      }
    }
    return newest.asOf(now);
  }

  /** The life queued at this moment; empty when there is none. */
  public Optional<SimulatedRun> runQueuedAt(Instant queued) {
    return runs.stream().filter(run -> run.queued().equals(queued)).findFirst();
  }
}
