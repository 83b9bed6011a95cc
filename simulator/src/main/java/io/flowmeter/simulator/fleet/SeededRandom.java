package io.flowmeter.simulator.fleet;

import java.util.UUID;

/**
 * A stream of random numbers named by a seed and keys: the same name gives the same stream on every
 * JVM. SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014), with
 * {@link StrictMath} for all transcendental functions.
 */
public final class SeededRandom {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private long state;

  private SeededRandom(long state) {
    this.state = state;
  }

  /** The stream of this name. */
  public static SeededRandom of(long seed, long... keys) {
    long state = mix(seed + GOLDEN);
    for (long key : keys) {
      state = mix(state ^ mix(key + GOLDEN));
    }
    return new SeededRandom(state);
  }

  /** A bijection of 64 bits that scatters neighbours. */
  static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** 64 random bits. */
  public long bits() {
    state += GOLDEN;
    return mix(state);
  }

  /** Uniform in [0, 1). */
  public double uniform() {
    return (bits() >>> 11) * 0x1.0p-53;
  }

  /** True with this probability. */
  public boolean happens(double probability) {
    return uniform() < probability;
  }

  /** Uniform among the whole numbers from {@code low} to {@code high}, both included. */
  public long between(long low, long high) {
    return low + (long) (uniform() * (high - low + 1));
  }

  /**
   * Log-normal: half of the values lie under the median; the greater sigma, the heavier the tail
   * (at sigma 1 one in a hundred is over ten times the median).
   */
  public long heavyTailed(double median, double sigma) {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform()));
    double gauss = radius * StrictMath.cos(2 * StrictMath.PI * uniform());
    return Math.round(median * StrictMath.exp(sigma * gauss));
  }

  /** Poisson with this mean (normal approximation over 30). */
  public int poisson(double mean) {
    if (mean > 30) {
      double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform()));
      double gauss = radius * StrictMath.cos(2 * StrictMath.PI * uniform());
      return (int) Math.max(0, Math.round(mean + gauss * StrictMath.sqrt(mean)));
    }
    double limit = StrictMath.exp(-mean);
    int count = 0;
    for (double product = uniform(); product > limit; product *= uniform()) {
      count++;
    }
    return count;
  }

  /** One of these, all equally likely. */
  @SafeVarargs
  public final <T> T oneOf(T... choices) {
    return choices[(int) between(0, choices.length - 1)];
  }

  /** A version 4 UUID. */
  public String uuid() {
    long high = (bits() & ~0xF000L) | 0x4000L;
    long low = (bits() & 0x3FFFFFFFFFFFFFFFL) | 0x8000000000000000L;
    return new UUID(high, low).toString();
  }
}
