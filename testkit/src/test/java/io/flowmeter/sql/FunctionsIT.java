package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.flowmeter.testkit.ClickHouseServer;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class FunctionsIT {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  @BeforeAll
  static void migrate() throws SQLException {
    server.startAfresh();
  }

  @Test
  void aBucketHoldsFromItsLowerEdgeExclusivelyToItsUpperEdge() throws SQLException {
    assertThat(
            server.query(
                """
                SELECT toInt64(countIf(ms > pow(1.02, k) OR ms <= pow(1.02, k - 1))) AS outside,
                       toInt64(countIf(ms > flowmeter_bucket_upper_ms(k))) AS above,
                       toInt64(countIf(abs(flowmeter_bucket_ms(k) - ms) > 0.01 * ms)) AS far
                FROM (SELECT number + 1 AS ms, flowmeter_bucket(ms) AS k FROM numbers(200000))
                """))
        .containsExactly(Map.of("outside", 0L, "above", 0L, "far", 0L));
  }

  @Test
  void nothingTakesTheBucketOfItsOwn() throws SQLException {
    assertThat(
            server.query(
                """
                SELECT flowmeter_bucket(0) AS k, flowmeter_bucket_upper_ms(-1) AS upper, flowmeter_bucket_ms(-1) AS ms,
                       toString(flowmeter_buckets(0, 3)) AS some, toString(flowmeter_buckets(NULL, 3)) AS none
                """))
        .containsExactly(
            Map.of("k", (short) -1, "upper", 0L, "ms", 0.0, "some", "{-1:3}", "none", "{}"));
  }

  @Test
  void aQuantileIsWithinOnePercentOfTheExactOne() throws SQLException {
    Random random = new Random(20261124);
    for (int round = 0; round < 20; round++) {
      long[] durations =
          random
              .longs(1 + random.nextInt(500), 0, (long) Math.pow(10, 1 + random.nextInt(7)))
              .toArray();
      Arrays.sort(durations);
      String values =
          LongStream.of(durations).mapToObj(Long::toString).collect(Collectors.joining(","));
      for (double q : new double[] {0, 0.5, 0.95, 0.99, 1}) {
        double exact = durations[(int) Math.floor(q * (durations.length - 1))];
        List<Map<String, Object>> rows =
            server.query(
                "SELECT flowmeter_quantile(sumMap(flowmeter_buckets(ms, 1)), %s) AS v FROM (SELECT arrayJoin([%s]) AS ms)"
                    .formatted(q, values));
        assertThat((double) rows.get(0).get("v"))
            .as("q %s of %s", q, values)
            .isCloseTo(exact, within(exact * 0.01));
      }
    }
  }

  @Test
  void ofNothingThereIsNoQuantile() throws SQLException {
    assertThat(
            server.query(
                "SELECT isNull(flowmeter_quantile(CAST(map(), 'Map(Int16, Int64)'), 0.5)) AS none"))
        .singleElement()
        .satisfies(row -> assertThat(row.get("none").toString()).isEqualTo("1"));
  }

  @Test
  void theLongestIsInTheHighestBucketThatIsNotEmpty() throws SQLException {
    assertThat(
            server.query(
                """
                SELECT flowmeter_longest_ms(sumMap(flowmeter_buckets(ms, 2))) AS longest,
                       flowmeter_longest_ms(CAST(map(-1, 3, 500, 0), 'Map(Int16, Int64)')) AS at_once,
                       toInt64(isNull(flowmeter_longest_ms(CAST(map(), 'Map(Int16, Int64)')))) AS none
                FROM (SELECT arrayJoin([0, 500, 1000]) AS ms)
                """))
        .containsExactly(Map.of("longest", 1003L, "at_once", 0L, "none", 1L));
  }

  @Test
  void longerIsWhatIsInABucketAbove() throws SQLException {
    assertThat(
            server.query(
                """
                SELECT toInt64(flowmeter_longer_than(sumMap(flowmeter_buckets(ms, 2)), 1000)) AS longer,
                       toInt64(flowmeter_longer_than(CAST(map(), 'Map(Int16, Int64)'), 1000)) AS none
                FROM (SELECT arrayJoin([0, 500, 1000, 1030, 5000]) AS ms)
                """))
        .containsExactly(Map.of("longer", 4L, "none", 0L));
  }

  /** The expected probabilities are sums of exact binomial coefficients. */
  @Test
  void chanceIsFishersExactTest() throws SQLException {
    assertChance("12, 200, 10, 1000", 4.633595788119e-5);
    assertChance("1, 5, 5, 1000", 0.029554612020);
    assertChance("20, 20, 0, 1000", 1.974875315753e-42);
    assertChance("5, 5, 0, 5", 1.0 / 252);
    assertChance("0, 10, 5, 10", 1);
    assertChance("3, 10, 0, 0", 1);
    assertChance("0, 0, 0, 0", 1);
  }

  private static void assertChance(String counts, double expected) throws SQLException {
    assertThat(
            (double)
                server.query("SELECT flowmeter_chance(%s) AS p".formatted(counts)).get(0).get("p"))
        .as(counts)
        .isCloseTo(expected, within(expected * 1e-9));
  }

  /** Expected after Brown, Cai, DasGupta: Interval Estimation for a Binomial Proportion, 2001. */
  @Test
  void theIntervalOfAShareIsWilsons() throws SQLException {
    assertThat(
            server.query(
                """
                SELECT round(flowmeter_share_low(0.01, 100), 5) AS low, round(flowmeter_share_high(0.01, 100), 5) AS high,
                       round(flowmeter_share_low(0, 10), 5) AS least, round(flowmeter_share_high(1, 10), 5) AS most,
                       toInt64(isNull(flowmeter_share_low(0, 0))) AS unknown
                """))
        .containsExactly(
            Map.of("low", 0.00177, "high", 0.05449, "least", 0.0, "most", 1.0, "unknown", 1L));
  }

  /** Worked out by hand: q3 × (q3 ÷ q1)³, twice q3 at least, quartiles of 10 ms at least. */
  @Test
  void theFenceOfOutliersIsTukeysOfLogarithms() throws SQLException {
    assertThat(
            server.query(
                """
                SELECT flowmeter_outlier_fence(100, 200) AS wide, flowmeter_outlier_fence(100, 100) AS narrow,
                       flowmeter_outlier_fence(1, 3) AS short
                """))
        .containsExactly(Map.of("wide", 1600.0, "narrow", 200.0, "short", 20.0));
  }

  /** b ended last; c ended last before b began; a ran beside c and is not on the path. */
  @Test
  void theCriticalPathGoesBackFromTheEnd() throws SQLException {
    assertThat(
            server.query(
                """
                SELECT toString(flowmeter_critical_path(
                    [(toInt64(0), toInt64(30), 'a', 'step'), (0, 50, 'c', 'sleep'), (60, 100, 'b', 'step')])) AS path,
                    toString(flowmeter_critical_path(
                        CAST([], 'Array(Tuple(Int64, Int64, String, String))'))) AS none
                """))
        .containsExactly(Map.of("path", "[('b','step',40),('c','sleep',50)]", "none", "[]"));
  }
}
