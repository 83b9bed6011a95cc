package io.flowmeter.streams.writer;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How far the writer is.
 *
 * @param rows written since the start, by relation
 * @param lag records in the topics that are not written yet; unknown until partitions are assigned
 * @param lastWriteAt when a batch was last acknowledged
 * @param freshness how old the youngest fact of the last batch was when written, by the record's
 *     own time
 * @param failure why ClickHouse cannot be written to now
 */
public record WriterProgress(
    Map<String, Long> rows,
    OptionalLong lag,
    Optional<Instant> lastWriteAt,
    Optional<Duration> freshness,
    Optional<String> failure) {

  /** Rows of all relations. */
  public long totalRows() {
    return rows.values().stream().mapToLong(Long::longValue).sum();
  }
}
