package io.flowmeter.dashboards;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What a dashboard looks at: from and to, both inclusive, as Grafana's time picker has them. */
public record TimeRange(Instant from, Instant to) {

  /** Up to which width, in milliseconds, which rounder one is taken. */
  private static final List<long[]> ROUNDED =
      List.of(
          rounded(1_500, 1_000),
          rounded(3_500, 2_000),
          rounded(7_500, 5_000),
          rounded(12_500, 10_000),
          rounded(17_500, 15_000),
          rounded(25_000, 20_000),
          rounded(45_000, 30_000),
          rounded(90_000, 60_000),
          rounded(210_000, 120_000),
          rounded(450_000, 300_000),
          rounded(750_000, 600_000),
          rounded(1_050_000, 900_000),
          rounded(1_500_000, 1_200_000),
          rounded(2_700_000, 1_800_000),
          rounded(5_400_000, 3_600_000),
          rounded(9_000_000, 7_200_000),
          rounded(16_200_000, 10_800_000),
          rounded(32_400_000, 21_600_000),
          rounded(86_400_000, 43_200_000),
          rounded(604_800_000, 86_400_000),
          rounded(1_814_400_000, 604_800_000),
          rounded(3_628_800_000L, 2_592_000_000L));

  public TimeRange {
    if (from.isAfter(to)) {
      throw new IllegalArgumentException("Expected from before to, but got " + from + " and " + to);
    }
  }

  /**
   * The width of a chart's points: {@code $__interval}, rounded as Grafana does.
   *
   * @param points how many there may be at most
   * @param least the panel's minimal interval
   * @see <a href="https://github.com/grafana/grafana">Grafana: roundInterval of
   *     packages/grafana-data/src/datetime/rangeutil.ts</a>
   */
  public Duration interval(int points, Duration least) {
    long width = Duration.between(from, to).toMillis() / Math.max(points, 1);
    long rounded =
        ROUNDED.stream()
            .filter(step -> width < step[0])
            .mapToLong(step -> step[1])
            .findFirst()
            .orElse(31_536_000_000L);
    return Duration.ofMillis(Math.max(rounded, least.toMillis()));
  }

  private static long[] rounded(long below, long to) {
    return new long[] {below, to};
  }
}
