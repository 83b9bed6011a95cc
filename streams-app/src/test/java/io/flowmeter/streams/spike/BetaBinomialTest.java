package io.flowmeter.streams.spike;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class BetaBinomialTest {
  private static final org.assertj.core.data.Offset<Double> CLOSE = within(1e-9);

  @Test
  void withAFlatPriorEveryNumberIsEquallyProbable() {
    BetaBinomial flat = new BetaBinomial(1, 1);

    for (int k = 0; k <= 10; k++) {
      assertThat(Math.pow(10, flat.log10OfAtLeast(k, 10))).isCloseTo((11 - k) / 11.0, CLOSE);
    }
  }

  @Test
  void allOfAFewByHand() {
    // α ÷ (α + β) · (α + 1) ÷ (α + β + 1) · (α + 2) ÷ (α + β + 2)
    double threeOfThree = 2 / 10.0 * 3 / 11.0 * 4 / 12.0;

    assertThat(Math.pow(10, new BetaBinomial(2, 8).log10OfAtLeast(3, 3)))
        .isCloseTo(threeOfThree, CLOSE);
  }

  @Test
  void whereTheShareIsAllButKnownItIsTheBinomial() {
    double atLeastOneOfTen = 1 - Math.pow(0.9, 10);

    assertThat(Math.pow(10, new BetaBinomial(1e6, 9e6).log10OfAtLeast(1, 10)))
        .isCloseTo(atLeastOneOfTen, within(1e-5));
  }

  @Test
  void probabilitiesTooSmallForADoubleStillHaveTheirLogarithm() {
    double score = -new BetaBinomial(10, 990).log10OfAtLeast(5_000, 5_000);

    assertThat(score).isGreaterThan(1_000).isFinite();
  }

  @Test
  void logGammaIsThatOfFactorials() {
    double logFactorial = 0;
    for (int n = 1; n < 170; n++) {
      logFactorial += Math.log(n);
      assertThat(BetaBinomial.logGamma(n + 1)).isCloseTo(logFactorial, within(1e-9));
    }
    assertThat(BetaBinomial.logGamma(0.5)).isCloseTo(0.5 * Math.log(Math.PI), within(1e-10));
  }
}
