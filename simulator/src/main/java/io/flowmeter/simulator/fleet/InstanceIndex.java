package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.model.SimulatedStatus;
import java.util.Arrays;
import java.util.function.LongPredicate;
import java.util.function.LongUnaryOperator;

/**
 * The instances of one workflow in order of their creation, each shown in one status or hidden; any
 * of its lists is read from any rank on at a cost that does not depend on the rank. About 25 bytes
 * for each instance, and its {@link StatusTimeline} until that is over.
 *
 * <p>An instance is named by its serial: how many were appended before it. Its position is the same
 * less the number of oldest ones that were dropped meanwhile.
 */
final class InstanceIndex {
  /** The list of all that are shown; the others are those of one status, by its ordinal. */
  static final int ALL = SimulatedStatus.values().length;

  private static final byte HIDDEN = -1;
  private static final int BLOCK = 256;

  private final BlockCounts[] lists = new BlockCounts[ALL + 1];
  private int dropped;
  private int size;
  private int hiddenFirst;
  private long[] numbers = new long[16];
  private int[] idHashes = new int[16];
  private byte[] statuses = new byte[16];
  private StatusTimeline[] courses = new StatusTimeline[16];
  // Positions by id: open addressing, linear probing; 0 is free, else it is position + 1.
  private int[] byId = new int[32];

  /** A shelf whose first serial is {@code first}. */
  InstanceIndex(int first) {
    this.dropped = first;
    for (int list = 0; list < lists.length; list++) {
      lists[list] = new BlockCounts();
    }
  }

  /** The serial of the one that is appended next. */
  int end() {
    return dropped + size;
  }

  /** Appends an instance, hidden; answers its serial. */
  int append(long number, String id, StatusTimeline course) {
    if (size == numbers.length) {
      grow();
    }
    numbers[size] = number;
    idHashes[size] = id.hashCode();
    statuses[size] = HIDDEN;
    courses[size] = course;
    index(size);
    size++;
    return end() - 1;
  }

  /** Whether an instance of this serial is still held. */
  boolean holds(int serial) {
    return serial >= dropped && serial < end();
  }

  long number(int serial) {
    return numbers[serial - dropped];
  }

  /** What is to come of it; null when nothing is but its going. */
  StatusTimeline course(int serial) {
    return courses[serial - dropped];
  }

  void setCourse(int serial, StatusTimeline course) {
    courses[serial - dropped] = course;
  }

  /** Shows an instance in this status. */
  void show(int serial, SimulatedStatus status) {
    put(serial - dropped, (byte) status.ordinal());
  }

  /** Hides an instance. */
  void hide(int serial) {
    put(serial - dropped, HIDDEN);
    courses[serial - dropped] = null;
    while (hiddenFirst < size && statuses[hiddenFirst] == HIDDEN && courses[hiddenFirst] == null) {
      hiddenFirst++;
    }
    if (hiddenFirst >= 4 * BLOCK && hiddenFirst > size / 2) {
      drop(hiddenFirst);
    }
  }

  private void put(int position, byte status) {
    int block = position / BLOCK;
    byte before = statuses[position];
    if (before != HIDDEN) {
      lists[before].add(block, -1);
      lists[ALL].add(block, -1);
    }
    statuses[position] = status;
    if (status != HIDDEN) {
      lists[status].add(block, 1);
      lists[ALL].add(block, 1);
    }
  }

  /** How many are on a list. */
  int count(int list) {
    return lists[list].total();
  }

  /**
   * The numbers on a list from a rank on.
   *
   * @param rank the first one's, counted from the oldest
   * @param limit how many at most
   * @param step 1 to go on to newer ones, −1 to older ones
   */
  long[] numbers(int list, int rank, int limit, int step) {
    int most = step > 0 ? count(list) - rank : rank + 1;
    long[] found = new long[Math.max(0, Math.min(limit, most))];
    for (int i = 0; i < found.length; ) {
      int position = position(list, rank + i * step);
      int block = position / BLOCK;
      for (; i < found.length && position >= 0 && position / BLOCK == block; position += step) {
        if (isOn(list, position)) {
          found[i++] = numbers[position];
        }
      }
    }
    return found;
  }

  private int position(int list, int rank) {
    int block = lists[list].blockOf(rank);
    int left = rank - lists[list].before(block);
    for (int position = block * BLOCK; ; position++) {
      if (isOn(list, position) && left-- == 0) {
        return position;
      }
    }
  }

  private boolean isOn(int list, int position) {
    return position < size
        && statuses[position] != HIDDEN
        && (list == ALL || statuses[position] == list);
  }

  /**
   * How many on a list were created before a moment.
   *
   * @param createdAt the moment of an instance's creation by its number, in epoch milliseconds
   */
  int rankOf(int list, long moment, LongUnaryOperator createdAt) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (createdAt.applyAsLong(numbers[middle]) < moment) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    int rank = lists[list].before(low / BLOCK);
    for (int position = low - low % BLOCK; position < low; position++) {
      rank += isOn(list, position) ? 1 : 0;
    }
    return rank;
  }

  /**
   * The serial of the shown instance of this id; −1 when there is none.
   *
   * @param hasId whether the instance of a number truly has that id
   */
  int find(String id, LongPredicate hasId) {
    int hash = id.hashCode();
    int mask = byId.length - 1;
    for (int slot = scattered(hash) & mask; byId[slot] != 0; slot = (slot + 1) & mask) {
      int position = byId[slot] - 1;
      if (idHashes[position] == hash
          && statuses[position] != HIDDEN
          && hasId.test(numbers[position])) {
        return position + dropped;
      }
    }
    return -1;
  }

  private void index(int position) {
    int mask = byId.length - 1;
    int slot = scattered(idHashes[position]) & mask;
    while (byId[slot] != 0) {
      slot = (slot + 1) & mask;
    }
    byId[slot] = position + 1;
  }

  private static int scattered(int hash) {
    return (int) SeededRandom.mix(hash);
  }

  private void grow() {
    int capacity = 2 * numbers.length;
    numbers = Arrays.copyOf(numbers, capacity);
    idHashes = Arrays.copyOf(idHashes, capacity);
    statuses = Arrays.copyOf(statuses, capacity);
    courses = Arrays.copyOf(courses, capacity);
    indexAll();
  }

  private void indexAll() {
    byId = new int[2 * numbers.length];
    for (int position = 0; position < size; position++) {
      index(position);
    }
  }

  /** Forgets so many of the oldest. */
  private void drop(int count) {
    numbers = Arrays.copyOfRange(numbers, count, count + numbers.length);
    idHashes = Arrays.copyOfRange(idHashes, count, count + idHashes.length);
    byte[] shown = Arrays.copyOfRange(statuses, count, count + statuses.length);
    courses = Arrays.copyOfRange(courses, count, count + courses.length);
    dropped += count;
    size -= count;
    hiddenFirst = 0;
    for (int list = 0; list < lists.length; list++) {
      lists[list] = new BlockCounts();
    }
    statuses = new byte[shown.length];
    Arrays.fill(statuses, HIDDEN);
    for (int position = 0; position < size; position++) {
      put(position, shown[position]);
    }
    indexAll();
  }
}
