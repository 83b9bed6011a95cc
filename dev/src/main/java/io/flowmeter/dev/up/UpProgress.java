package io.flowmeter.dev.up;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How far everything is.
 *
 * @param instancesKnown instances that the poller keeps in memory: fewer than it has seen
 * @param detailsFetched details that were fetched since the start
 * @param rows written since the start, by relation
 * @param lag records that wait for the topology and for the writer
 * @param stored what ClickHouse holds, as of some seconds ago; empty if it has not answered yet
 */
public record UpProgress(
    long instancesKnown,
    long detailsFetched,
    Map<String, Long> rows,
    long lag,
    Optional<Stored> stored) {

  /**
   * What SQL says.
   *
   * @param runs rows of the relation {@code instances}
   * @param freshness of the rows of the last minute; empty if there are none
   */
  public record Stored(long runs, Optional<Freshness> freshness) {}

  /** Percentiles of the time from the API's timestamp to the row in ClickHouse. */
  public record Freshness(Duration p50, Duration p99) {}

  public long totalRows() {
    return rows.values().stream().mapToLong(Long::longValue).sum();
  }
}
