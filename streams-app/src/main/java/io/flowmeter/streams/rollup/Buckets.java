package io.flowmeter.streams.rollup;

import io.flowmeter.schemas.rollup.Bucket;
import java.util.List;

/**
 * Durations as mergeable counts on a logarithmic scale. Key k holds durations in (γ^(k−1), γ^k] ms
 * with γ = 1.02, so a quantile has a relative error of at most 1 %. A duration of 0 ms, or a
 * negative one from clock skew, has key −1.
 *
 * @see <a href="https://arxiv.org/abs/1908.10693">DDSketch: a fast and fully-mergeable quantile
 *     sketch with relative-error guarantees</a>
 */
public final class Buckets {
  static final double GAMMA = 1.02;
  static final int ZERO = -1;

  private static final double LOG_GAMMA = Math.log(GAMMA);

  private Buckets() {}

  /** Returns the key of a duration in milliseconds. */
  public static int key(long milliseconds) {
    if (milliseconds <= 0) {
      return ZERO;
    }
    int key = (int) Math.ceil(Math.log(milliseconds) / LOG_GAMMA);
    // Correct rounding errors of the logarithm.
    while (key > 0 && Math.pow(GAMMA, key - 1) >= milliseconds) {
      key--;
    }
    while (Math.pow(GAMMA, key) < milliseconds) {
      key++;
    }
    return key;
  }

  /** Returns the bucket of one duration with the given count. */
  public static List<Bucket> of(long milliseconds, long count) {
    return count == 0 ? List.of() : List.of(new Bucket(key(milliseconds), count));
  }
}
