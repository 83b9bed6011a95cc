package io.flowmeter.ingest.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.observe.InstanceRuns.Assigned;
import io.flowmeter.ingest.observe.InstanceRuns.Life;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InstanceRunsTest {
  private static final Instant CREATED = Instant.ofEpochMilli(1_000_000);

  private static Optional<Instant> at(long millisAfterCreation) {
    return Optional.of(CREATED.plusMillis(millisAfterCreation));
  }

  private static long run(long millisAfterCreation) {
    return 1_000_000 + millisAfterCreation;
  }

  private static Assigned assign(InstanceRuns runs, long queued) {
    return runs.assign(Optional.of(CREATED), at(queued)).orElseThrow();
  }

  @Test
  void firstRunIsNamedByRowCreation() {
    Assigned first = assign(InstanceRuns.NONE, 71);
    assertThat(first.run()).isEqualTo(run(0));
    assertThat(first.runs().known()).containsExactly(new Life(run(0), at(71)));
  }

  @Test
  void rowStartsFirstRunAndLaterDetailSetsQueued() {
    InstanceRuns byRow = InstanceRuns.NONE.startedBy(CREATED);
    assertThat(byRow.newest()).hasValue(run(0));
    assertThat(assign(byRow, 5_000).run()).isEqualTo(run(0));
  }

  @Test
  void toleranceIsExactlyFiveSeconds() {
    assertThat(assign(InstanceRuns.NONE, 5_000).run()).isEqualTo(run(0));
    assertThat(assign(InstanceRuns.NONE, 5_001).run()).isEqualTo(run(5_001));
  }

  @Test
  void restartWithinSecondsIsNewRunIfFirstQueuedIsKnown() {
    InstanceRuns first = assign(InstanceRuns.NONE, 20).runs();
    Assigned second = assign(first, 1_500);
    assertThat(second.run()).isEqualTo(run(1_500));
    assertThat(second.runs().known())
        .containsExactly(new Life(run(0), at(20)), new Life(run(1_500), at(1_500)));
  }

  @Test
  void restartFromStepKeepsRun() {
    InstanceRuns first = assign(InstanceRuns.NONE, 20).runs();
    assertThat(assign(first, 20)).isEqualTo(new Assigned(first, run(0)));
  }

  @Test
  void restartedInstanceFirstSeenHasOnlyObservedRun() {
    Assigned seen = assign(InstanceRuns.NONE, 90_000);
    assertThat(seen.run()).isEqualTo(run(90_000));
    assertThat(seen.runs().known()).containsExactly(new Life(run(90_000), at(90_000)));
  }

  @Test
  void detailQueuedFarFromRowCreationStartsAnotherRun() {
    Assigned seen = assign(InstanceRuns.NONE.startedBy(CREATED), 90_000);
    assertThat(seen.run()).isEqualTo(run(90_000));
    assertThat(seen.runs().known())
        .containsExactly(new Life(run(0), Optional.empty()), new Life(run(90_000), at(90_000)));
  }

  @Test
  void oldDetailBelongsToRunOfItsQueued() {
    InstanceRuns two = assign(assign(InstanceRuns.NONE, 20).runs(), 1_500).runs();
    assertThat(assign(two, 20).run()).isEqualTo(run(0));
    assertThat(two.newest()).hasValue(run(1_500));
  }

  @Test
  void detailWithoutQueuedBelongsToNewestRun() {
    InstanceRuns two = assign(assign(InstanceRuns.NONE, 20).runs(), 1_500).runs();
    assertThat(two.assign(Optional.of(CREATED), Optional.empty()).orElseThrow().run())
        .isEqualTo(run(1_500));
  }

  private static InstanceRuns maxRuns() {
    List<Life> runs = new ArrayList<>(List.of(new Life(run(0), at(20))));
    for (long i = 1; i < InstanceRuns.MOST; i++) {
      runs.add(new Life(run(i * 10_000), at(i * 10_000)));
    }
    return new InstanceRuns(runs);
  }

  @Test
  void frequentRestartsKeepFirstAndLatestRuns() {
    long latest = InstanceRuns.MOST * 10_000L;
    InstanceRuns runs = assign(maxRuns(), latest).runs();
    assertThat(runs.known()).hasSize(InstanceRuns.MOST).startsWith(new Life(run(0), at(20)));
    assertThat(runs.newest()).hasValue(run(latest));
    assertThat(assign(runs, 20).run()).isEqualTo(run(0));
    Assigned evicted = assign(runs, 10_000);
    assertThat(evicted.run()).as("same name as before eviction").isEqualTo(run(10_000));
    assertThat(evicted.runs().newest()).hasValue(run(latest));
    assertThat(evicted.runs().known()).hasSize(InstanceRuns.MOST);
  }

  @Test
  void checkpointWithMaxRunsIsFarBelowKafkaLimit() {
    TrackedInstance tracked = TrackedInstance.NONE.named(maxRuns());
    InstanceKey key = new InstanceKey("account", "orders", "order-1");
    assertThat(RecordFingerprint.of(tracked.toCheckpoint(key)).size()).isLessThan(1 << 18);
  }

  @Test
  void withoutAnyTimeNoRunIsAssigned() {
    assertThat(InstanceRuns.NONE.assign(Optional.empty(), Optional.empty())).isEmpty();
  }

  @Test
  void withoutCreationDetailNamesRun() {
    Assigned seen = InstanceRuns.NONE.assign(Optional.empty(), at(20)).orElseThrow();
    assertThat(seen)
        .isEqualTo(new Assigned(new InstanceRuns(List.of(new Life(run(20), at(20)))), run(20)));
  }
}
