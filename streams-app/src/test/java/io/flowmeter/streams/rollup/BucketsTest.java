package io.flowmeter.streams.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class BucketsTest {

  @Property
  void aKeyHoldsItsDuration(@ForAll @LongRange(min = 1, max = 4_000_000_000_000L) long ms) {
    int key = Buckets.key(ms);

    assertThat((double) ms)
        .isGreaterThan(Math.pow(Buckets.GAMMA, key - 1))
        .isLessThanOrEqualTo(Math.pow(Buckets.GAMMA, key));
  }

  @Example
  void nothingAndLessThanNothingHaveAKeyOfTheirOwn() {
    assertThat(Buckets.key(0)).isEqualTo(-1);
    assertThat(Buckets.key(-5)).isEqualTo(-1);
    assertThat(Buckets.key(1)).isZero();
  }
}
