package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Of completed runs one of {@code k} is fetched and stands for {@code k}: sums of weights estimate
 * counts (Horvitz and Thompson 1952), and weighted quantiles the quantiles, without bias.
 */
class CompletionSamplerTest {
  private static final int RUNS = 5_000;
  private static final long K = 10;
  private static final int DAYS = 200;

  /** Of a normal distribution, 95 % lie within so many deviations. */
  private static final double WITHIN = 1.96;

  private record Run(String id, long run, double duration, boolean retried) {}

  private static List<Run> day(int seed) {
    Random random = new Random(seed);
    List<Run> runs = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      // Ids and times as they come: one after the other, close together.
      runs.add(
          new Run(
              "order-" + seed + "-" + i,
              1_790_000_000_000L + seed * 86_400_000L + i * 37L,
              Math.exp(6 + 1.5 * random.nextGaussian()),
              random.nextInt(5) == 0));
    }
    return runs;
  }

  private static List<Run> drawn(List<Run> runs) {
    CompletionSampler sampler = new CompletionSampler();
    sampler.sampleOneOf(K);
    return runs.stream().filter(run -> sampler.weight(run.id(), run.run()) == K).toList();
  }

  @Test
  void countsAndRatesAreWithinTheirConfidenceIntervalAsOftenAsItSays() {
    int count = 0;
    int rate = 0;
    double bias = 0;
    for (int seed = 0; seed < DAYS; seed++) {
      List<Run> runs = day(seed);
      List<Run> drawn = drawn(runs);
      double estimated = drawn.size() * (double) K;
      double deviation = Math.sqrt(RUNS * (K - 1.0));
      count += Math.abs(estimated - RUNS) <= WITHIN * deviation ? 1 : 0;
      bias += estimated - RUNS;
      double truth = share(runs);
      double error = Math.sqrt(truth * (1 - truth) / drawn.size());
      rate += Math.abs(share(drawn) - truth) <= WITHIN * error ? 1 : 0;
    }
    assertThat(count / (double) DAYS).isBetween(0.90, 0.99);
    assertThat(rate / (double) DAYS).isBetween(0.90, 1.0);
    assertThat(Math.abs(bias / DAYS)).isLessThan(4 * Math.sqrt(RUNS * (K - 1.0) / DAYS));
  }

  private static double share(List<Run> runs) {
    return runs.stream().filter(Run::retried).count() / (double) runs.size();
  }

  @Test
  void quantilesAreWithinTheirConfidenceIntervalAsOftenAsItSays() {
    for (double q : new double[] {0.5, 0.9, 0.99}) {
      int within = 0;
      for (int seed = 0; seed < DAYS; seed++) {
        List<Double> all = sorted(day(seed));
        List<Double> drawn = sorted(drawn(day(seed)));
        // The share of the sample below the true quantile is binomial.
        double truth = all.get((int) (q * all.size()));
        double below = drawn.stream().filter(each -> each < truth).count() / (double) drawn.size();
        double error = Math.sqrt(q * (1 - q) / drawn.size());
        within += Math.abs(below - q) <= WITHIN * error + 1.0 / drawn.size() ? 1 : 0;
      }
      assertThat(within / (double) DAYS).as("quantile %s", q).isGreaterThanOrEqualTo(0.90);
    }
  }

  private static List<Double> sorted(List<Run> runs) {
    return runs.stream().map(Run::duration).sorted(Comparator.naturalOrder()).toList();
  }

  @Test
  void whoeverDecidesAnewDecidesTheSameAndAllAreFetchedWhereNothingIsSampled() {
    assertThat(drawn(day(1))).isEqualTo(drawn(day(1)));
    assertThat(day(1)).allMatch(run -> new CompletionSampler().weight(run.id(), run.run()) == 1);
  }
}
