package io.flowmeter.simulator.ledger;

import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.SimulatedStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What was shown of one life, packed: some 50 bytes and 24 more for each stretch, 8 for each
 * detail. Not thread-safe.
 */
final class ServedStatuses {
  private static final SimulatedStatus[] STATUSES = SimulatedStatus.values();
  private static final int FIELDS = 3;
  private static final long[] NONE = {};

  private int rows;
  // since × 16 + status, first, last; in rising order of since, which are milliseconds
  private long[] intervals = NONE;
  // at × 2 + whole; in order of time
  private long[] details = NONE;

  /** A row showed the life like this. */
  void row(SimulatedRun shown, Instant at) {
    rows++;
    see(shown, at.toEpochMilli());
  }

  /** A detail showed the life like this. */
  void detail(SimulatedRun shown, Instant at, boolean whole) {
    long atMs = at.toEpochMilli();
    see(shown, atMs);
    details = inserted(details, details.length, atMs * 2 + (whole ? 1 : 0));
    Arrays.sort(details);
  }

  private void see(SimulatedRun shown, long at) {
    long state = shown.statusSince().toEpochMilli() * 16 + shown.status().ordinal();
    int place = intervals.length;
    while (place > 0 && intervals[place - FIELDS] > state) {
      place -= FIELDS;
    }
    if (place > 0 && intervals[place - FIELDS] == state) {
      intervals[place - 2] = Math.min(intervals[place - 2], at);
      intervals[place - 1] = Math.max(intervals[place - 1], at);
    } else {
      intervals = inserted(intervals, place, state, at, at);
    }
  }

  private static long[] inserted(long[] values, int place, long... more) {
    long[] grown = new long[values.length + more.length];
    System.arraycopy(values, 0, grown, 0, place);
    System.arraycopy(more, 0, grown, place, more.length);
    System.arraycopy(values, place, grown, place + more.length, values.length - place);
    return grown;
  }

  int rows() {
    return rows;
  }

  List<StatusInterval> intervals() {
    List<StatusInterval> reported = new ArrayList<>();
    for (int i = 0; i < intervals.length; i += FIELDS) {
      reported.add(
          new StatusInterval(
              STATUSES[(int) Math.floorMod(intervals[i], 16L)],
              Instant.ofEpochMilli(Math.floorDiv(intervals[i], 16L)),
              Instant.ofEpochMilli(intervals[i + 1]),
              Instant.ofEpochMilli(intervals[i + 2])));
    }
    return List.copyOf(reported);
  }

  List<ServedDetail> details() {
    return Arrays.stream(details)
        .mapToObj(
            detail ->
                new ServedDetail(
                    Instant.ofEpochMilli(Math.floorDiv(detail, 2L)),
                    Math.floorMod(detail, 2L) == 1))
        .toList();
  }
}
