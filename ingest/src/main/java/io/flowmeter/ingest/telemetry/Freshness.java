package io.flowmeter.ingest.telemetry;

import java.time.Duration;
import java.util.List;

/**
 * How long after their end runs were told, as a histogram.
 *
 * @param counts runs in each bucket: not above the bound of {@link #BOUNDS_SECONDS} at the same
 *     place and above the one before; the last holds what is above all bounds
 * @param sumSeconds over all runs
 */
public record Freshness(List<Long> counts, double sumSeconds) {

  /** Around the intervals that a poller chooses: from 10 s upward, 120 s being the aim. */
  public static final List<Double> BOUNDS_SECONDS =
      List.of(
          1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 90.0, 120.0, 150.0, 300.0, 600.0, 1800.0, 3600.0,
          21600.0, 86400.0);

  public Freshness {
    counts = List.copyOf(counts);
    if (counts.size() != BOUNDS_SECONDS.size() + 1) {
      throw new IllegalArgumentException(
          "expected " + (BOUNDS_SECONDS.size() + 1) + " buckets, came " + counts.size());
    }
  }

  /** The bucket of a time; one before the end, by clocks that differ, counts as 0 s. */
  static int bucket(Duration time) {
    double seconds = seconds(time);
    int bucket = 0;
    while (bucket < BOUNDS_SECONDS.size() && seconds > BOUNDS_SECONDS.get(bucket)) {
      bucket++;
    }
    return bucket;
  }

  static double seconds(Duration time) {
    return Math.max(0, time.toMillis()) / 1_000.0;
  }

  /** Runs that were told. */
  public long runs() {
    return counts.stream().mapToLong(Long::longValue).sum();
  }
}
