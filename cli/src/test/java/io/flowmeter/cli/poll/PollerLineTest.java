package io.flowmeter.cli.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.Progress;
import io.flowmeter.ingest.poll.PollPlan;
import io.flowmeter.ingest.telemetry.Telemetry;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PollerLineTest {
  private static final Telemetry TELEMETRY = new Telemetry(Clock.system());

  private static String line(boolean isLeader, PollPlan.Backfilling backfill) {
    TELEMETRY.budgetLeft(512);
    PollPlan plan =
        new PollPlan(Duration.ofSeconds(120), "details take it all", 2.8, 2, 1, 10, 8, 3, backfill);
    Progress progress =
        new Progress(
            isLeader,
            5,
            1_300,
            300,
            1_000,
            900,
            2_000,
            1_500,
            0,
            0,
            Optional.empty(),
            0,
            3,
            isLeader ? Optional.of(plan) : Optional.empty(),
            Optional.empty());
    return PollerLine.of("acc", progress, TELEMETRY.totals());
  }

  @Test
  void whatIsRetainedFillsABar() {
    assertThat(
            line(
                true,
                new PollPlan.Backfilling(
                    3_000, 1_000, 1_000, Optional.of(Duration.ofHours(2)), false)))
        .startsWith(
            "acc: backfill [█████···············] 1,000 of about 4,000, 2 h 0 min left, 300 live");
  }

  @Test
  void whatAnEarlierProcessDidIsInNoBar() {
    assertThat(
            line(
                true,
                new PollPlan.Backfilling(
                    3_000, 1_000, 1_000, Optional.of(Duration.ofHours(2)), true)))
        .startsWith(
            "acc: backfill goes on, 1,000 since the start, at most 3,000 to go, 2 h 0 min left,"
                + " 300 live");
  }

  @Test
  void budgetAndIntervalAreToldWithTheReason() {
    assertThat(line(true, new PollPlan.Backfilling(7, 7, 0, Optional.of(Duration.ZERO), false)))
        .isEqualTo(
            "acc: 300 live, 1,000 ended known, 900 details fetched, 3 waiting, budget left 512,"
                + " every 2 min: details take it all");
  }

  @Test
  void whoStandsBySaysSo() {
    assertThat(line(false, new PollPlan.Backfilling(0, 0, 0, Optional.empty(), false)))
        .isEqualTo("acc: stands by, another process polls");
  }

  @Test
  void timesHaveTwoUnitsAtMost() {
    assertThat(PollerLine.time(Duration.ofMillis(250))).isEqualTo("250 ms");
    assertThat(PollerLine.time(Duration.ofSeconds(90))).isEqualTo("90 s");
    assertThat(PollerLine.time(Duration.ofMinutes(59))).isEqualTo("59 min");
    assertThat(PollerLine.time(Duration.ofHours(50))).isEqualTo("2 d 2 h");
  }
}
