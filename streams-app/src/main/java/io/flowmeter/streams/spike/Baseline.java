package io.flowmeter.streams.spike;

import io.flowmeter.schemas.ShallowCopy;
import io.flowmeter.schemas.state.LearntShare;
import java.time.Duration;
import java.time.Instant;

/**
 * A workflow's usual errored share, and how much it varies from block to block of minutes beyond
 * chance. Learnt from blocks in which x of n finished runs errored; what is older counts less, by
 * half with every half-life.
 */
final class Baseline {
  /** What is expected of a workflow of which nothing is known: as if 1 of 20 had errored. */
  private static final double PRIOR_ERRORED = 1;

  private static final double PRIOR_FINISHED = 20;

  /** Standard errors. */
  private static final double SIGNIFICANT = 2;

  /**
   * More is not believed. Who errs in bursts by nature has less; where blocks differ by more than
   * that, trouble was learnt as usual, and would hide an outage: with 0.2, and a usual share of a
   * tenth, 15 of 15 runs that err have a score of 3.9, with this one of 7.8.
   */
  private static final double MOST_OVERDISPERSION = 0.05;

  private final double halfLifeMs;
  private final LearntShare sums;

  private Baseline(double halfLifeMs, LearntShare sums) {
    this.halfLifeMs = halfLifeMs;
    this.sums = sums;
  }

  static Baseline none(Duration halfLife) {
    return of(new LearntShare(Instant.EPOCH, 0.0, 0.0, 0.0, 0.0, 0.0), halfLife);
  }

  static Baseline of(LearntShare sums, Duration halfLife) {
    return new Baseline(halfLife.toMillis(), sums);
  }

  Baseline copy() {
    return new Baseline(halfLifeMs, ShallowCopy.of(sums));
  }

  LearntShare sums() {
    return sums;
  }

  /** Learns a block. Negative numbers take back what was learnt. */
  void learn(Instant at, long errored, long finished) {
    double weight = 1;
    if (at.isAfter(sums.getAsOf())) {
      scale(decay(sums.getAsOf(), at));
      sums.setAsOf(at);
    } else {
      weight = decay(at, sums.getAsOf());
    }
    double x = Math.max(0, sums.getX() + weight * errored);
    double n = Math.max(x, sums.getN() + weight * finished);
    sums.setX(x);
    sums.setN(n);
    if (finished > 0 && errored >= 0) {
      sums.setXx(sums.getXx() + weight * errored * errored);
      sums.setXn(sums.getXn() + weight * errored * finished);
      sums.setNn(sums.getNn() + weight * finished * finished);
    }
  }

  /** From now on, all that was learnt counts for so many finished runs at most. */
  void countAtMost(double finished) {
    if (sums.getN() > finished) {
      scale(finished / sums.getN());
    }
  }

  private double decay(Instant from, Instant to) {
    return Math.pow(0.5, Duration.between(from, to).toMillis() / halfLifeMs);
  }

  private void scale(double factor) {
    sums.setN(sums.getN() * factor);
    sums.setX(sums.getX() * factor);
    sums.setXx(sums.getXx() * factor);
    sums.setXn(sums.getXn() * factor);
    sums.setNn(sums.getNn() * factor);
  }

  /** Finished runs that were learnt, older ones counting less. */
  double finished() {
    return sums.getN();
  }

  /** The share that is expected, 0 to 1. */
  double share() {
    return (sums.getX() + PRIOR_ERRORED) / (sums.getN() + PRIOR_FINISHED);
  }

  /**
   * The intraclass correlation ρ of the runs of a block, 0 where they err independently: Var(x) = n
   * p q (1 + (n − 1) ρ), by the method of moments (Kleinman, Proportions with extraneous variance,
   * J. Am. Stat. Assoc. 68 (1973), 46–54), with all blocks weighted by what they count. Of the
   * estimate, only what chance does not explain is believed: its standard error under independence
   * is √(2 ÷ Σ n (n − 1)), for the pairs of a block are uncorrelated.
   */
  double overdispersion() {
    double n = sums.getN();
    if (n <= 0) {
      return 0;
    }
    double p = sums.getX() / n;
    double pq = p * (1 - p);
    double pairs = pq * (sums.getNn() - n);
    if (pairs <= 0) {
      return 0;
    }
    double squares = sums.getXx() - 2 * p * sums.getXn() + p * p * sums.getNn();
    double estimate = (squares - n * pq) / pairs;
    double error = Math.sqrt(2 / (sums.getNn() - n));
    return Math.max(0, Math.min(MOST_OVERDISPERSION, estimate - SIGNIFICANT * error));
  }

  /** How improbable it is that so many of so many runs err, or more: −log10 of the probability. */
  double score(ErrorShare seen) {
    return -predictive().log10OfAtLeast(seen.errored(), seen.finished());
  }

  /**
   * What to expect of runs to come. The variance of their share is that between blocks, p q ρ, and
   * that of the estimate of p. Without overdispersion this is the Bayesian predictive of a Beta
   * prior, Beta(x + 1, n − x + 19).
   */
  BetaBinomial predictive() {
    double rho = overdispersion();
    double n = sums.getN();
    double perBlock = n > 0 ? sums.getNn() / n : 1;
    double effective = n / (1 + Math.max(0, perBlock - 1) * rho) + PRIOR_FINISHED;
    double variance = rho + (1 - rho) / (effective + 1);
    double concentration = 1 / variance - 1;
    return new BetaBinomial(share() * concentration, (1 - share()) * concentration);
  }
}
