package io.flowmeter.bench.polling;

import java.util.Arrays;

/** Numbers of which quantiles are wanted. */
final class Sample {
  private double[] values = new double[1024];
  private int size;

  void add(double value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = value;
  }

  /** The smallest number that the share of all does not exceed; NaN where there is none. */
  double quantile(double share) {
    if (size == 0) {
      return Double.NaN;
    }
    double[] sorted = Arrays.copyOf(values, size);
    Arrays.sort(sorted);
    return sorted[Math.min(size - 1, (int) Math.ceil(share * size) - 1)];
  }

  double mean() {
    return Arrays.stream(values, 0, size).average().orElse(Double.NaN);
  }
}
