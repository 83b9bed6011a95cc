package io.flowmeter.streams;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;

/**
 * Counts what is read anew of stores: of those in memory all, of those on disk what this process
 * did not have there.
 */
final class RestoreProgress implements StateRestoreListener {
  private final Map<String, Long> records = new TreeMap<>();
  private boolean hasStarted;
  private long startNanos;
  private long endNanos;

  /** What was read since the last call. */
  synchronized RestoreResult take() {
    if (records.isEmpty()) {
      return RestoreResult.NOTHING;
    }
    RestoreResult taken = new RestoreResult(records, Duration.ofNanos(endNanos - startNanos));
    records.clear();
    hasStarted = false;
    return taken;
  }

  @Override
  public synchronized void onRestoreStart(
      TopicPartition partition, String store, long from, long to) {
    if (to > from && !hasStarted) {
      hasStarted = true;
      startNanos = System.nanoTime();
    }
  }

  @Override
  public void onBatchRestored(TopicPartition partition, String store, long to, long count) {}

  @Override
  public synchronized void onRestoreEnd(TopicPartition partition, String store, long count) {
    if (count > 0) {
      records.merge(store, count, Long::sum);
      endNanos = System.nanoTime();
    }
  }
}
