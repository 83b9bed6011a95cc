package io.flowmeter.streams.rollup;

import io.flowmeter.schemas.rollup.Bucket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Buckets in the making of their sum, by key. Adding is associative and commutative. */
final class BucketSum {
  private int[] keys = {};
  private long[] counts = {};
  private int size;

  /**
   * Adds buckets so many times.
   *
   * @param times −1 takes them away
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
    int place = -at - 1;
    if (size == keys.length) {
      int room = Math.max(2, 2 * size);
      keys = Arrays.copyOf(keys, room);
      counts = Arrays.copyOf(counts, room);
    }
    System.arraycopy(keys, place, keys, place + 1, size - place);
    System.arraycopy(counts, place, counts, place + 1, size - place);
    keys[place] = key;
    counts[place] = count;
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

  /** By key, without those that count nothing. */
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
