package io.flowmeter.streams.spike;

/**
 * How many of n runs err, when the probability that one does is itself uncertain: Beta(alpha,
 * beta). P(X = k) = C(n, k) · B(k + α, n − k + β) ÷ B(α, β): Skellam, A probability distribution
 * derived from the binomial distribution by regarding the probability of success as variable
 * between the sets of trials, J. R. Stat. Soc. B 10 (1948), 257–261.
 *
 * @param alpha over 0
 * @param beta over 0
 */
public record BetaBinomial(double alpha, double beta) {
  /** A term so much smaller than the sum adds nothing to a double. */
  private static final double NEGLIGIBLE = 1e-17;

  private static final double LN_10 = Math.log(10);

  public BetaBinomial {
    if (!(alpha > 0 && beta > 0)) {
      throw new IllegalArgumentException(
          "expected alpha and beta over 0, came " + alpha + " and " + beta);
    }
  }

  /** The share that is expected, 0 to 1. */
  public double mean() {
    return alpha / (alpha + beta);
  }

  /** The common logarithm of P(X ≥ k) of n runs. */
  public double log10OfAtLeast(long k, long n) {
    if (k <= 0) {
      return 0;
    }
    if (k > n) {
      return Double.NEGATIVE_INFINITY;
    }
    double first = logChoose(n, k) + logBeta(k + alpha, n - k + beta) - logBeta(alpha, beta);
    double sum = 1;
    double term = 1;
    for (long i = k; i < n; i++) {
      term *= (double) (n - i) / (i + 1) * (i + alpha) / (n - i - 1 + beta);
      sum += term;
      if (term < NEGLIGIBLE * sum) {
        break;
      }
    }
    return Math.min(0, (first + Math.log(sum)) / LN_10);
  }

  private static double logChoose(long n, long k) {
    return logGamma(n + 1.0) - logGamma(k + 1.0) - logGamma(n - k + 1.0);
  }

  private static double logBeta(double a, double b) {
    return logGamma(a) + logGamma(b) - logGamma(a + b);
  }

  /**
   * ln Γ(x), x over 0: Stirling's series (Abramowitz and Stegun, 6.1.41) from 10 on, to which Γ(x +
   * 1) = x Γ(x) leads; the relative error is below 1e-13.
   */
  static double logGamma(double x) {
    double shift = 0;
    double z = x;
    while (z < 10) {
      shift += Math.log(z);
      z += 1;
    }
    double r = 1 / (z * z);
    double series = (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680)))) / z;
    return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift;
  }
}
