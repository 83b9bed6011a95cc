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
 * The open partial aggregates of one rollup, held in memory. Evicting them loses nothing that was
 * published, because later facts open other partial aggregates.
 *
 * @param <R> the rollup's row
 */
final class RollupAccumulator<R extends SpecificRecord> {
  private final RollupAlgebra<R> algebra;
  private final IntSupplier most;

  /** By key, the most recently changed last. */
  private final Map<Object, Part> parts = new LinkedHashMap<>(16, 0.75f, true);

  private final List<Part> pending = new ArrayList<>();

  /**
   * @param most maximum number of open partial aggregates, not counting unpublished ones
   */
  RollupAccumulator(RollupAlgebra<R> algebra, IntSupplier most) {
    this.algebra = algebra;
    this.most = most;
  }

  private final class Part {
    private final String key;
    private final long name;
    private final RollupAlgebra<R>.Sum sum;
    private long changedAt;
    private long revision;
    private boolean isPending;

    private Part(R first, long name) {
      this.key = algebra.key(first);
      this.name = name;
      this.sum = algebra.sumOf(first);
    }
  }

  /**
   * Adds rows.
   *
   * @param part name of the partial aggregates that these rows open
   * @param now epoch milliseconds
   */
  void add(List<R> rows, long part, long now) {
    for (R row : rows) {
      Part open = parts.computeIfAbsent(algebra.keyValues(row), absent -> new Part(row, part));
      open.sum.add(row);
      open.changedAt = now;
      if (!open.isPending) {
        open.isPending = true;
        pending.add(open);
      }
    }
  }

  /**
   * Publishes each partial aggregate that changed since the last call, in full, under the key of
   * its minute.
   *
   * @param now epoch milliseconds; revisions never decrease
   */
  void publish(long now, BiConsumer<String, R> sink) {
    for (Part part : pending) {
      part.revision = Math.max(now, part.revision + 1);
      part.isPending = false;
      sink.accept(part.key, part.sum.row(part.name, part.revision));
    }
    pending.clear();
  }

  /** Returns whether more partial aggregates are open than allowed. */
  boolean isOverfull() {
    return parts.size() > most.getAsInt();
  }

  /**
   * Closes partial aggregates that were not changed since then, and the oldest ones if too many are
   * open. All must be published.
   */
  void close(long unchangedSince) {
    if (!pending.isEmpty()) {
      throw new IllegalStateException(
          "expected all partial aggregates to be published before they are closed");
    }
    // If too many are open, close a quarter, so that this search does not run on every change.
    int tooMany = isOverfull() ? parts.size() - most.getAsInt() * 3 / 4 : 0;
    Iterator<Part> oldest = parts.values().iterator();
    while (oldest.hasNext() && (oldest.next().changedAt < unchangedSince || tooMany > 0)) {
      oldest.remove();
      tooMany--;
    }
  }

  void evict() {
    parts.clear();
    pending.clear();
  }
}
