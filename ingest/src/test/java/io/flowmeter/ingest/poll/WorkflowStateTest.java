package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a next process begins with, while details of some runs are waited for. */
class WorkflowStateTest {
  private static final Instant LISTED = Instant.parse("2026-11-24T12:00:00Z");
  private static final Instant BOTTOM = LISTED.minus(Duration.ofHours(1));
  private static final Optional<Instant> NOBODY = Optional.empty();

  private final WorkflowState workflow = new WorkflowState("account", "orders", Clock.system());

  @Test
  void whoIsHeldIsListedAgainByANextProcess() {
    workflow.listedTo = Optional.of(LISTED);

    Instant told = listedTo(LISTED.minusSeconds(7));

    assertThat(told).isBefore(LISTED.minusSeconds(7));
  }

  @Test
  void whatWasForgottenIsSettledForANextProcessHoweverOldWhoIsHeld() {
    workflow.listedTo = Optional.of(LISTED);
    assertThat(told(NOBODY, NOBODY).getListedTo()).isEqualTo(LISTED);
    Instant settled = workflow.settleBefore().orElseThrow();

    Instant told = listedTo(LISTED.minus(Duration.ofHours(5)));

    assertThat(told.minus(ListRowHandler.REMEMBERED)).isEqualTo(settled);
    WorkflowState next = new WorkflowState("account", "orders", Clock.system());
    next.restore(told(Optional.of(LISTED.minus(Duration.ofHours(5))), NOBODY));
    next.toCheckpoint(Optional.of(LISTED.minus(Duration.ofHours(6))), NOBODY);
    assertThat(next.toldListedTo).contains(told);
  }

  @Test
  void thePastGoesOnFromWhomItListedAndIsHeldThoughItWentDeeper() {
    workflow.backfill.begin(Optional.of(BOTTOM), Optional.of("deeper"));
    Instant held = BOTTOM.plus(Duration.ofMinutes(5));

    Checkpoint told = told(NOBODY, Optional.of(held));

    assertThat(told.getBackfilledTo()).isAfter(held);
    assertThat(told.getBackfillCursor()).isNull();
    assertThat(workflow.backfill.isNews()).isTrue();
    assertThat(workflow.backfill.willShow(held)).isTrue();
    Checkpoint then = told(NOBODY, NOBODY);
    assertThat(then.getBackfilledTo()).isEqualTo(BOTTOM);
    assertThat(then.getBackfillCursor()).isEqualTo("deeper");
    assertThat(workflow.backfill.isNews()).isFalse();
    assertThat(workflow.backfill.willShow(held)).isFalse();
  }

  @Test
  void thePastIsNeverToldToBeLessFarThanItWas() {
    workflow.backfill.begin(Optional.of(BOTTOM), Optional.of("deeper"));
    assertThat(told(NOBODY, NOBODY).getBackfilledTo()).isEqualTo(BOTTOM);

    Checkpoint told = told(NOBODY, Optional.of(BOTTOM));

    assertThat(told.getBackfilledTo()).isEqualTo(BOTTOM);
  }

  private Instant listedTo(Instant held) {
    return told(Optional.of(held), NOBODY).getListedTo();
  }

  private Checkpoint told(Optional<Instant> held, Optional<Instant> heldOfBackfill) {
    return workflow.toCheckpoint(held, heldOfBackfill);
  }
}
