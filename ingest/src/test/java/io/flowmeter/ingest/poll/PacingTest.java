package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.clock.SteppedClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Intervals, and how many runs are drawn, where 2.8 requests a second are granted. */
class PacingTest {
  private static final Instant START = Instant.parse("2026-11-24T12:00:00Z");
  private static final Duration LEAST = Duration.ofSeconds(10);
  private static final double PER_SECOND = 2.8;
  private static final long PAGES = 8;

  private final Pacing pacing = new Pacing(LEAST);
  private final WorkflowState orders =
      new WorkflowState("account", "orders", new SteppedClock(START));

  private void listed(Duration lasted, long pages, Map<String, Long> counts) {
    orders.sampler.reported(Optional.of(counts));
    pacing.over(lasted, PER_SECOND, pages, 0, 0, false, List.of(orders));
  }

  @Test
  void howManyAreDrawnFollowsTheCountsBeforeAnyRowIsSeen() {
    listed(LEAST, PAGES, Map.of("complete", 1_000L));
    assertThat(orders.sampler.k()).isEqualTo(1);
    listed(LEAST, PAGES, Map.of("complete", 1_200L));
    assertThat(pacing.interval()).isEqualTo(Pacing.AIM);
    assertThat(orders.sampler.k()).as("200 runs, room for 300").isEqualTo(1);
    listed(Pacing.AIM, PAGES, Map.of("complete", 3_600L));
    assertThat(orders.sampler.k()).as("2,400 runs, room for 300").isBetween(6L, 9L);
  }

  @Test
  void theIntervalGrowsWhereWhatIsFetchedInAnyCaseLeavesListsNoRoom() {
    listed(LEAST, PAGES, Map.of("errored", 0L, "complete", 0L));
    listed(LEAST, PAGES, Map.of("errored", 24L, "complete", 100L));
    assertThat(pacing.interval()).isEqualTo(Pacing.AIM);
    listed(Pacing.AIM, 100, Map.of("errored", 312L, "complete", 1_300L));
    assertThat(pacing.interval()).isGreaterThan(Pacing.AIM);
  }

  @Test
  void whereListsAloneTakeOverHalfTheIntervalGrowsUntilTheyTakeHalf() {
    listed(LEAST, 500, Map.of());
    listed(LEAST, 500, Map.of());
    listed(Pacing.AIM, 500, Map.of());
    listed(Pacing.AIM, 500, Map.of());
    assertThat(pacing.interval()).isBetween(Duration.ofSeconds(350), Duration.ofSeconds(360));
  }

  @Test
  void listsThatTakeHoursLeaveTheIntervalAtTenMinutesAndHalfOfTheBudgetToDetails() {
    long counted = 1_000;
    for (int i = 0; i < 20; i++) {
      counted += 2_000;
      listed(pacing.interval(), 50_000, Map.of("complete", counted));
    }
    assertThat(pacing.interval()).isEqualTo(Duration.ofMinutes(10));
    assertThat(pacing.listShare(PER_SECOND)).isEqualTo(0.5);
    assertThat(pacing.reason()).contains("over several intervals");
    double details = PER_SECOND * pacing.interval().toSeconds() / 2;
    assertThat(orders.sampler.k())
        .as("of 2,000 runs")
        .isLessThanOrEqualTo((long) (2_000 / details) + 1);
  }
}
