package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.observe.ChangeDetection;
import io.flowmeter.ingest.observe.InstanceKey;
import io.flowmeter.ingest.observe.TrackedInstance;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.source.ListedWorkflow;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Counts against knowledge. The counts are taken at the second 0; rows are made before it. */
class CountReconcilerTest {
  private static final Instant TAKEN = Instant.parse("2026-11-24T12:00:00Z");

  private final Map<String, TrackedInstance> known = new HashMap<>();

  private static ListedInstance row(String id, String status, int madeAt, Integer changedAt) {
    Instant made = TAKEN.plusSeconds(madeAt);
    return new ListedInstance(
        id,
        status,
        Optional.of(made),
        Optional.of(made),
        Optional.empty(),
        Optional.ofNullable(changedAt).map(TAKEN::plusSeconds),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private void know(String id, String status, int madeAt) {
    ApiResponse<ListedInstance> row =
        new ApiResponse<>(row(id, status, madeAt, null), TAKEN.minusSeconds(100), TAKEN);
    InstanceKey key = new InstanceKey("account", "orders", id);
    known.put(id, ChangeDetection.row(key, TrackedInstance.NONE, row).tracked());
  }

  private CountReconciler reckoning(Map<String, Long> counts) {
    return new CountReconciler(counts(counts), known, 0, false);
  }

  @Test
  void countsThatAreWhatIsKnownContradictNothing() {
    know("a", "waiting", -900);
    know("b", "running", -800);
    CountReconciler reconciler = reckoning(Map.of("waiting", 1L, "running", 1L, "complete", 70L));
    assertThat(reconciler.contradicting()).isEmpty();
    assertThat(reconciler.ended()).isZero();
  }

  @Test
  void theStatusThatSomeLeftContradictsAndThatOfTheRowsSeenDoesNot() {
    know("a", "waiting", -900);
    know("b", "waiting", -850);
    know("c", "running", -800);
    CountReconciler reconciler = reckoning(Map.of("waiting", 1L, "running", 2L, "complete", 70L));
    reconciler.takeIn(row("d", "running", -10, null), true, false);
    assertThat(reconciler.contradicting()).containsExactly("waiting");
    assertThat(reconciler.ended()).isEqualTo(1);
    assertThat(reconciler.endedUnread()).isEqualTo(1);
  }

  @Test
  void whoMovedToAStatusThatWasReadBeforeIsNotAmongThoseThatEnded() {
    know("a", "waiting", -900);
    know("b", "waiting", -850);
    know("c", "running", -800);
    // a ended; b moved to running when that was read already, and c was seen there.
    CountReconciler reconciler = reckoning(Map.of("waiting", 1L, "running", 1L, "complete", 71L));
    reconciler.takeIn(row("c", "running", -800, null), false, true);
    reconciler.readWhole("running");
    reconciler.readWhole("waiting");
    assertThat(reconciler.absent())
        .extracting(Map.Entry::getKey)
        .containsExactlyInAnyOrder("a", "b");
    assertThat(reconciler.ended()).as("of both").isEqualTo(1);
  }

  @Test
  void whatChangedSinceTheCountsWereTakenLivedThen() {
    know("a", "waiting", -900);
    CountReconciler reconciler = reckoning(Map.of("waiting", 1L));
    reconciler.takeIn(row("a", "complete", -900, 1), true, true);
    assertThat(reconciler.ended()).isZero();
    assertThat(reconciler.contradicting()).isEmpty();
  }

  @Test
  void moreThanWasListedIsHiddenOnlyBeyondTheDoubtOfTheClocks() {
    CountReconciler reconciler = reckoning(Map.of("running", 2L));
    reconciler.takeIn(row("a", "running", 1, null), true, false);
    assertThat(reconciler.someHidden()).as("made within 2 s of the counts").isFalse();
    CountReconciler later = new CountReconciler(counts(Map.of("running", 2L)), known, -2, false);
    later.takeIn(row("a", "running", 3, null), true, false);
    assertThat(later.someHidden())
        .as("one is surely ahead of the counts, two are missing")
        .isTrue();
  }

  private static ApiResponse<ListedWorkflow> counts(Map<String, Long> counts) {
    ListedWorkflow listed =
        new ListedWorkflow(
            "orders",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(counts));
    return new ApiResponse<>(listed, TAKEN.minusSeconds(1), TAKEN);
  }

  @Test
  void theBoundIsAPageForAHundredNewAndAPageForAHundredLiveOnes() {
    CountReconciler reconciler =
        reckoning(Map.of("waiting", 150L, "running", 60L, "complete", 9_000L));
    for (int i = 0; i < 101; i++) {
      reconciler.takeIn(row("new-" + i, "complete", -i, null), true, false);
    }
    assertThat(reconciler.bound()).isEqualTo(2 + 3);
  }
}
