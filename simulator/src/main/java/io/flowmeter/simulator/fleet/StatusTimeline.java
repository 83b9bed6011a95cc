package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.model.Instance;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.simulator.model.StatusChange;
import java.util.Arrays;

/**
 * All status changes of an instance, over all its lives, to the moment at which it is no longer
 * known; packed, for there are many.
 */
final class StatusTimeline {
  /** There is no status any more. */
  static final int GONE = 15;

  private static final int CODE_BITS = 4;
  private static final SimulatedStatus[] STATUSES = SimulatedStatus.values();

  // A moment in epoch milliseconds, and in the last four bits what sets in then.
  private final long[] changes;
  private final boolean edited;
  private int next;

  /**
   * The course of an instance.
   *
   * @param edited whether it once had another course
   */
  StatusTimeline(Instance instance, long retentionMs, boolean edited) {
    this.edited = edited;
    int count = 0;
    for (SimulatedRun run : instance.runs()) {
      count += run.statuses().size();
    }
    long[] packed = new long[count + 1];
    int size = 0;
    for (SimulatedRun run : instance.runs()) {
      for (StatusChange change : run.statuses()) {
        packed[size++] = packed(change.at().toEpochMilli(), change.status().ordinal());
      }
    }
    SimulatedRun last = instance.runs().get(instance.runs().size() - 1);
    if (last.end().isPresent()) {
      packed[size++] = packed(last.end().get().toEpochMilli() + retentionMs, GONE);
    }
    this.changes = Arrays.copyOf(packed, size);
  }

  private static long packed(long ms, int code) {
    return ms << CODE_BITS | code;
  }

  /** When the next change is due, in epoch milliseconds; the end of time when none is. */
  long nextAt() {
    return next < changes.length ? changes[next] >> CODE_BITS : Long.MAX_VALUE;
  }

  /** What sets in next: a status by its ordinal, or {@link #GONE}. */
  int nextCode() {
    return (int) (changes[next] & ((1 << CODE_BITS) - 1));
  }

  /** The next change has happened. */
  void step() {
    next++;
  }

  /** Whether nothing but its going is to come, and nobody was ever told of another course. */
  boolean isOver() {
    return !edited && next == changes.length - 1 && nextCode() == GONE;
  }

  static SimulatedStatus status(int code) {
    return STATUSES[code];
  }
}
