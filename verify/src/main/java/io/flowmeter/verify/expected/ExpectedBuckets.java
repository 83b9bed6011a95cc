package io.flowmeter.verify.expected;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts of durations on a log scale: key k holds (γ^(k−1), γ^k] ms with γ = 1.02, and 0 ms has key
 * −1.
 */
final class ExpectedBuckets {

  private static final double GAMMA = 1.02;

  private ExpectedBuckets() {}

  static long key(long ms) {
    if (ms <= 0) {
      return -1;
    }
    // No whole number but 1 is a power of γ, so that rounding errors of the logarithm can be told
    // by comparing powers.
    long key = Math.round(Math.log(ms) / Math.log(GAMMA));
    while (Math.pow(GAMMA, key) < ms) {
      key++;
    }
    while (Math.pow(GAMMA, key - 1.0) >= ms) {
      key--;
    }
    return key;
  }

  /** The longest whole number of milliseconds that a bucket holds. */
  static long upperEdge(long key) {
    return key < 0 ? 0 : (long) Math.floor(Math.pow(GAMMA, key));
  }

  /** No durations yet: how many there are, by key. */
  static SortedMap<Long, Long> none() {
    return new TreeMap<>();
  }
}
