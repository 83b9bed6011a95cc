package io.flowmeter.streams.spike;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BaselineTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);

  @Test
  void withoutBurstsItIsThePosteriorOfThePrior() {
    Baseline baseline = Baseline.none(DAY);
    baseline.learn(NOON, 1, 30);

    assertThat(baseline.share()).isEqualTo(2 / 50.0);
    assertThat(baseline.predictive().alpha()).isCloseTo(2, within(1e-9));
    assertThat(baseline.predictive().beta()).isCloseTo(48, within(1e-9));
  }

  @Test
  void whatIsAHalfLifeOldCountsHalf() {
    Baseline baseline = Baseline.none(DAY);
    baseline.learn(NOON, 10, 100);
    baseline.learn(NOON.plus(DAY), 0, 50);

    assertThat(baseline.finished()).isCloseTo(100, within(1e-9));
    assertThat(baseline.share()).isCloseTo((5 + 1) / (100 + 20.0), within(1e-9));
  }

  @Test
  void theOrderOfLearningDoesNotMatter() {
    Baseline one = Baseline.none(DAY);
    one.learn(NOON, 10, 100);
    one.learn(NOON.plus(DAY), 3, 50);
    Baseline other = Baseline.none(DAY);
    other.learn(NOON.plus(DAY), 3, 50);
    other.learn(NOON, 10, 100);

    assertThat(other.sums()).isEqualTo(one.sums());
  }

  @Test
  void runsThatErrByThemselvesAreNotTakenForBursts() {
    assertThat(blocks(new Random(1), false).overdispersion()).isLessThan(0.005);
  }

  @Test
  void burstsAreLearntAndWidenWhatIsExpected() {
    Baseline bursts = blocks(new Random(1), true);

    // Half of the blocks at 2 %, half at 18 %: ρ = 0.08² ÷ (0.1 · 0.9).
    assertThat(bursts.overdispersion()).isBetween(0.04, 0.09);
    assertThat(bursts.predictive().log10OfAtLeast(20, 50))
        .isGreaterThan(3 + blocks(new Random(1), false).predictive().log10OfAtLeast(20, 50));
  }

  private static Baseline blocks(Random random, boolean bursts) {
    Baseline baseline = Baseline.none(DAY);
    for (int block = 0; block < 288; block++) {
      double p = bursts ? (random.nextBoolean() ? 0.02 : 0.18) : 0.1;
      int errored = 0;
      for (int run = 0; run < 50; run++) {
        errored += random.nextDouble() < p ? 1 : 0;
      }
      baseline.learn(NOON.plus(Duration.ofMinutes(5L * block)), errored, 50);
    }
    return baseline;
  }
}
