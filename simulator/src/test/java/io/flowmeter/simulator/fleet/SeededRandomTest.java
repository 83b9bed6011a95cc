package io.flowmeter.simulator.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SeededRandomTest {

  @Test
  void theSameNameGivesTheSameStream() {
    assertThat(SeededRandom.of(1, 2, 3).bits()).isEqualTo(SeededRandom.of(1, 2, 3).bits());
    assertThat(SeededRandom.of(1, 2, 3).bits()).isNotEqualTo(SeededRandom.of(1, 3, 2).bits());
    assertThat(SeededRandom.of(1, 2).uuid())
        .matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab].*");
  }

  @Test
  void aPersistedSeedMeansTheSameFleetForEver() {
    // Whoever changes this value changes the fleets of all data directories.
    assertThat(SeededRandom.of(42, 1, 2).bits()).isEqualTo(GOLDEN);
  }

  private static final long GOLDEN = 5762146265542448816L;

  @Test
  void distributionsHaveTheirMedianAndMean() {
    SeededRandom random = SeededRandom.of(5);
    long[] tailed = new long[20_001];
    Arrays.setAll(tailed, i -> random.heavyTailed(1_000, 1));
    Arrays.sort(tailed);
    assertThat((double) tailed[10_000]).isCloseTo(1_000, within(40.0));
    assertThat((double) tailed[19_800]).isCloseTo(10_240, within(1_000.0));
    for (double mean : new double[] {0, 0.3, 4, 29, 31, 300}) {
      long sum = 0;
      for (int i = 0; i < 5_000; i++) {
        sum += random.poisson(mean);
      }
      assertThat(sum / 5_000.0).isCloseTo(mean, within(0.02 + mean * 0.05));
    }
  }
}
