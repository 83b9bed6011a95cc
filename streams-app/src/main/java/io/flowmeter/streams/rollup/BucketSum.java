package io.flowmeter.streams.rollup;

import io.flowmeter.schemas.rollup.Bucket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A running sum of buckets by key. Addition is associative and commutative. */
final class BucketSum {
  private int[] keys = {};
  private long[] counts = {};
  private int size;

  /**
   * Adds the buckets with their counts multiplied by a factor.
   *
   * @param times −1 to subtract them
   */
  void add(List<Bucket> buckets, int times) {
    for (Bucket bucket : buckets) {
      add(bucket.getBucket(), times * bucket.getCount());
    }
  }

  private void add(int key, long count) {
    int at = Arrays.binarySearch(keys, 0, size, key);
    if (at >= 0) {
      counts[at] += count;
      return;
    }
    int insertAt = -at - 1;
    if (size == keys.length) {
      int capacity = Math.max(2, 2 * size);
      keys = Arrays.copyOf(keys, capacity);
      counts = Arrays.copyOf(counts, capacity);
    }
    System.arraycopy(keys, insertAt, keys, insertAt + 1, size - insertAt);
    System.arraycopy(counts, insertAt, counts, insertAt + 1, size - insertAt);
    keys[insertAt] = key;
    counts[insertAt] = count;
    size++;
  }

  boolean isZero() {
    for (int i = 0; i < size; i++) {
      if (counts[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** Returns the buckets by key, without those whose count is 0. */
  List<Bucket> buckets() {
    List<Bucket> buckets = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      if (counts[i] != 0) {
        buckets.add(new Bucket(keys[i], counts[i]));
      }
    }
    return buckets;
  }
}
