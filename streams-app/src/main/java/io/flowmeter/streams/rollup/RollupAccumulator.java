package io.flowmeter.streams.rollup;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.IntSupplier;
import org.apache.avro.specific.SpecificRecord;

/**
 * The minutes of one rollup that are open, each a part: a sum in memory. Who forgets them loses
 * nothing that was told, for what comes next opens other parts.
 *
 * @param <R> the rollup's row
 */
final class RollupAccumulator<R extends SpecificRecord> {
  private final RollupAlgebra<R> algebra;
  private final IntSupplier most;

  /** By key, the one that was touched last at the end. */
  private final Map<Object, Part> parts = new LinkedHashMap<>(16, 0.75f, true);

  private final List<Part> pending = new ArrayList<>();

  /**
   * @param most how many are open at most, but for those that are not told yet
   */
  RollupAccumulator(RollupAlgebra<R> algebra, IntSupplier most) {
    this.algebra = algebra;
    this.most = most;
  }

  private final class Part {
    private final String key;
    private final long name;
    private final RollupAlgebra<R>.Sum sum;
    private long touchedAt;
    private long revision;
    private boolean isUntold;

    private Part(R first, long name) {
      this.key = algebra.key(first);
      this.name = name;
      this.sum = algebra.sumOf(first);
    }
  }

  /**
   * Adds rows.
   *
   * @param part the name of parts that are opened by them
   * @param now epoch milliseconds
   */
  void add(List<R> rows, long part, long now) {
    for (R row : rows) {
      Part open = parts.computeIfAbsent(algebra.keyValues(row), unseen -> new Part(row, part));
      open.sum.add(row);
      open.touchedAt = now;
      if (!open.isUntold) {
        open.isUntold = true;
        pending.add(open);
      }
    }
  }

  /**
   * Tells each part that changed since the last time, under the key of its minute, as a whole.
   *
   * @param now epoch milliseconds; revisions never go back
   */
  void publish(long now, BiConsumer<String, R> telling) {
    for (Part part : pending) {
      part.revision = Math.max(now, part.revision + 1);
      part.isUntold = false;
      telling.accept(part.key, part.sum.row(part.name, part.revision));
    }
    pending.clear();
  }

  /** There are more than there may be. */
  boolean isOverfull() {
    return parts.size() > most.getAsInt();
  }

  /** Closes those that were not touched since, and the eldest that are too many. All were told. */
  void close(long notTouchedSince) {
    if (!pending.isEmpty()) {
      throw new IllegalStateException("what is open was to be told before it is closed");
    }
    // Where there are too many, a quarter goes, so that it is not looked for at every change.
    int tooMany = isOverfull() ? parts.size() - most.getAsInt() * 3 / 4 : 0;
    Iterator<Part> eldest = parts.values().iterator();
    while (eldest.hasNext() && (eldest.next().touchedAt < notTouchedSince || tooMany > 0)) {
      eldest.remove();
      tooMany--;
    }
  }

  void evict() {
    parts.clear();
    pending.clear();
  }
}
