package io.flowmeter.dev.up;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How far everything is.
 *
 * @param instancesKnown instances the poller has heard of
 * @param detailsFetched details that were fetched since the start
 * @param rows written since the start, by relation
 * @param lag records that wait for the topology and for the writer
 * @param freshness of the rows of the last minute: median and 99th percentile from the API's
 *     timestamp to the row in ClickHouse
 */
public record UpProgress(
    long instancesKnown,
    long detailsFetched,
    Map<String, Long> rows,
    long lag,
    Optional<Freshness> freshness) {

  /** Percentiles of freshness. */
  public record Freshness(Duration p50, Duration p99) {}

  public long totalRows() {
    return rows.values().stream().mapToLong(Long::longValue).sum();
  }
}
