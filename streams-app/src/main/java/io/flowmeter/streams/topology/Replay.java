package io.flowmeter.streams.topology;

import java.util.Map;
import java.util.Optional;

/**
 * How observations are read once more, by a topology whose state begins anew: its facts and rollups
 * go to topics of their own, and nothing else is told, for all else was told of its moment.
 *
 * @param boundary runs of an earlier name, in epoch milliseconds, are not derived, since
 *     observations of them are gone; empty where none is gone
 * @param ends the offset of each partition of the observations up to which they are read
 */
public record Replay(Optional<Long> boundary, Map<Integer, Long> ends) {

  public Replay {
    ends = Map.copyOf(ends);
  }

  /** Whether the run is derived anew. */
  public boolean derives(long run) {
    return boundary.isEmpty() || run >= boundary.get();
  }

  /** Whether the observation at the offset is one of those that are read. */
  boolean reads(int partition, long offset) {
    return offset < ends.getOrDefault(partition, 0L);
  }

  /** Whether status counts are tallied anew, and not carried over. */
  boolean tallies() {
    return boundary.isEmpty();
  }
}
