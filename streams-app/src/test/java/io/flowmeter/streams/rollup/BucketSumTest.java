package io.flowmeter.streams.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.schemas.rollup.Bucket;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class BucketSumTest {

  @Property
  void inWhateverOrderBucketsAreAddedTheirSumIsTheSame(
      @ForAll("buckets") List<Bucket> a,
      @ForAll("buckets") List<Bucket> b,
      @ForAll("buckets") List<Bucket> c) {
    List<Bucket> sum = sum(a, b, c);

    assertThat(sum(b, a, c)).isEqualTo(sum);
    assertThat(sum(a, sum(b, c))).isEqualTo(sum(sum(a, b), c)).isEqualTo(sum);
  }

  @Property
  void theSumHasOfEachKeyWhatAllHaveOfIt(
      @ForAll("buckets") List<Bucket> a, @ForAll("buckets") List<Bucket> b) {
    TreeMap<Integer, Long> counts = new TreeMap<>();
    a.forEach(bucket -> counts.merge(bucket.getBucket(), bucket.getCount(), Long::sum));
    b.forEach(bucket -> counts.merge(bucket.getBucket(), bucket.getCount(), Long::sum));
    counts.values().removeIf(count -> count == 0);

    assertThat(sum(a, b))
        .isEqualTo(
            counts.entrySet().stream()
                .map(entry -> new Bucket(entry.getKey(), entry.getValue()))
                .toList());
  }

  @Property
  void whatIsTakenBackLeavesNothing(@ForAll("buckets") List<Bucket> a) {
    BucketSum sum = new BucketSum();
    sum.add(a, 1);
    sum.add(a, -1);

    assertThat(sum.isZero()).isTrue();
    assertThat(sum.buckets()).isEmpty();
  }

  @SafeVarargs
  private static List<Bucket> sum(List<Bucket>... all) {
    BucketSum sum = new BucketSum();
    for (List<Bucket> each : all) {
      sum.add(each, 1);
    }
    return sum.buckets();
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
}
