package io.flowmeter.streams;

import java.time.Duration;
import java.util.Map;

/**
 * What was read anew of stores when partitions were handed out.
 *
 * @param records how many of each store; of stores without any there is none
 * @param reading from when the first of them was begun with to when the last was whole; within it,
 *     other stores are opened, too
 */
public record RestoreResult(Map<String, Long> records, Duration reading) {
  /** Nothing was read. */
  public static final RestoreResult NOTHING = new RestoreResult(Map.of(), Duration.ZERO);

  public RestoreResult {
    records = Map.copyOf(records);
  }

  /** Records of all stores. */
  public long all() {
    return records.values().stream().mapToLong(Long::longValue).sum();
  }
}
