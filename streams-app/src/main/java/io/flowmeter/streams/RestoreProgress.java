package io.flowmeter.streams;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;

/**
 * Counts the records that are restored from changelogs. In-memory stores restore everything. Stores
 * on disk restore what this process did not have locally.
 */
final class RestoreProgress implements StateRestoreListener {
  private final Map<String, Long> records = new TreeMap<>();
  private boolean hasStarted;
  private long startNanos;
  private long endNanos;

  /** Returns what was restored since the last call. */
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
