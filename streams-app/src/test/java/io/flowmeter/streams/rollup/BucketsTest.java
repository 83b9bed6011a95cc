package io.flowmeter.streams.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.schemas.rollup.Bucket;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
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

  @Property
  void additionIsCommutative(@ForAll("buckets") List<Bucket> a, @ForAll("buckets") List<Bucket> b) {
    assertThat(counts(Buckets.sum(a, b))).isEqualTo(counts(Buckets.sum(b, a)));
  }

  @Property
  void additionIsAssociative(
      @ForAll("buckets") List<Bucket> a,
      @ForAll("buckets") List<Bucket> b,
      @ForAll("buckets") List<Bucket> c) {
    assertThat(counts(Buckets.sum(Buckets.sum(a, b), c)))
        .isEqualTo(counts(Buckets.sum(a, Buckets.sum(b, c))));
  }

  @Property
  void whatIsTakenBackLeavesNothing(@ForAll("buckets") List<Bucket> a) {
    assertThat(Buckets.sum(a, Buckets.negated(a))).isEmpty();
  }

  @Provide
  Arbitrary<List<Bucket>> buckets() {
    return Arbitraries.maps(
            Arbitraries.integers().between(-1, 900),
            Arbitraries.longs().between(-1_000, 1_000).filter(n -> n != 0))
        .ofMaxSize(8)
        .map(
            counts ->
                counts.entrySet().stream()
                    .map(entry -> new Bucket(entry.getKey(), entry.getValue()))
                    .toList());
  }

  private static Map<Integer, Long> counts(List<Bucket> buckets) {
    return buckets.stream().collect(Collectors.toMap(Bucket::getBucket, Bucket::getCount));
  }
}
