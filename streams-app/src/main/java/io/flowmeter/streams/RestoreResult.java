package io.flowmeter.streams;

import java.time.Duration;
import java.util.Map;

/**
 * The records that were restored into stores after a partition assignment.
 *
 * @param records number of records by store; stores without restored records are absent
 * @param reading time from the start of the first restore to the end of the last; it includes
 *     opening other stores
 */
public record RestoreResult(Map<String, Long> records, Duration reading) {
  public static final RestoreResult NOTHING = new RestoreResult(Map.of(), Duration.ZERO);

  public RestoreResult {
    records = Map.copyOf(records);
  }

  /** Returns the number of records over all stores. */
  public long all() {
    return records.values().stream().mapToLong(Long::longValue).sum();
  }
}
