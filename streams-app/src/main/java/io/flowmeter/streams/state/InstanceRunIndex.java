package io.flowmeter.streams.state;

import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Which runs of an instance are kept, so that the one before or after another is found by one look.
 * A look through the runs themselves for what lies beside a key would have to pass all that was
 * deleted there since the store was last compacted: a seek in RocksDB passes every tombstone. The
 * value is the format, one byte, and the runs, the lowest first, each but that as what it is more
 * than the one before.
 */
public final class InstanceRunIndex {
  /** Bytes of an instance's key. */
  public static final int KEY = 16;

  /**
   * A run every six minutes for as long as ended ones are kept; beyond it the oldest are unseen.
   */
  static final int MOST = 10_000;

  private static final int FORMAT = 1;

  private final KeyValueStore<Bytes, byte[]> store;

  public InstanceRunIndex(KeyValueStore<Bytes, byte[]> store) {
    this.store = store;
  }

  /** The runs of the instance, which may be none. */
  public NavigableSet<Long> of(Bytes instance) {
    byte[] value = store.get(instance);
    return value == null ? new TreeSet<>() : runs(value);
  }

  private static NavigableSet<Long> runs(byte[] value) {
    ByteReader in = new ByteReader(value);
    int format = in.octet();
    if (format != FORMAT) {
      throw UnreadableStateException.ofFormat("the runs of an instance", FORMAT, format);
    }
    NavigableSet<Long> runs = new TreeSet<>();
    long run = 0;
    while (in.hasMore()) {
      run += in.unsigned();
      runs.add(run);
    }
    return runs;
  }

  /** What a value is with some of its runs only; null where none is left. */
  public static byte[] keeping(byte[] value, LongPredicate which) {
    NavigableSet<Long> runs = runs(value);
    runs.removeIf(run -> !which.test(run));
    return runs.isEmpty() ? null : bytes(runs);
  }

  /** Another run is kept. */
  public void add(Bytes instance, long run) {
    NavigableSet<Long> runs = of(instance);
    runs.add(run);
    if (runs.size() > MOST) {
      runs.pollFirst();
    }
    put(instance, runs);
  }

  /** A run is kept no more. */
  public void remove(Bytes instance, long run) {
    NavigableSet<Long> runs = of(instance);
    if (runs.remove(run)) {
      put(instance, runs);
    }
  }

  private void put(Bytes instance, NavigableSet<Long> runs) {
    if (runs.isEmpty()) {
      store.delete(instance);
    } else {
      store.put(instance, bytes(runs));
    }
  }

  private static byte[] bytes(NavigableSet<Long> runs) {
    ByteWriter out = new ByteWriter();
    out.octet(FORMAT);
    long before = 0;
    for (long run : runs) {
      out.unsigned(run - before);
      before = run;
    }
    return out.toBytes();
  }
}
