package io.flowmeter.simulator.fleet;

import java.util.Arrays;

/**
 * How many positions of each block are on a list, so that the position of any rank is found in
 * logarithmic time. A binary indexed tree (Fenwick: A New Data Structure for Cumulative Frequency
 * Tables, 1994).
 */
final class BlockCounts {
  // One-based; the length is a power of two, and one more.
  private int[] sums = new int[2];
  private int total;

  /** How many there are in all blocks. */
  int total() {
    return total;
  }

  /** Adds so many to a block. */
  void add(int block, int number) {
    while (block + 1 >= sums.length) {
      int capacity = sums.length - 1;
      sums = Arrays.copyOf(sums, 2 * capacity + 1);
      sums[2 * capacity] = total;
    }
    total += number;
    for (int i = block + 1; i < sums.length; i += i & -i) {
      sums[i] += number;
    }
  }

  /** How many there are in the blocks before this one. */
  int before(int block) {
    int sum = 0;
    for (int i = Math.min(block, sums.length - 1); i > 0; i -= i & -i) {
      sum += sums[i];
    }
    return sum;
  }

  /** The block that holds the one of this rank, 0 to {@code total} − 1. */
  int blockOf(int rank) {
    int block = 0;
    int left = rank;
    for (int step = sums.length - 1; step > 0; step >>= 1) {
      if (block + step < sums.length && sums[block + step] <= left) {
        block += step;
        left -= sums[block];
      }
    }
    return block;
  }
}
