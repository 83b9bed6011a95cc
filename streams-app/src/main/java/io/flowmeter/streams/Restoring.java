package io.flowmeter.streams;

import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;

/**
 * Counts what is read anew of stores: of those in memory all, of those on disk what this process
 * did not have there.
 */
final class Restoring implements StateRestoreListener {
  private final Map<String, Long> records = new TreeMap<>();

  /** Records that were read since the last call, by store. */
  synchronized Map<String, Long> take() {
    Map<String, Long> taken = new TreeMap<>(records);
    records.clear();
    return taken;
  }

  @Override
  public void onRestoreStart(TopicPartition partition, String store, long from, long to) {}

  @Override
  public void onBatchRestored(TopicPartition partition, String store, long to, long count) {}

  @Override
  public synchronized void onRestoreEnd(TopicPartition partition, String store, long count) {
    if (count > 0) {
      records.merge(store, count, Long::sum);
    }
  }
}
