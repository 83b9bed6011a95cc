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

    Instant published = listedTo(LISTED.minusSeconds(7));

    assertThat(published).isBefore(LISTED.minusSeconds(7));
  }

  @Test
  void whatWasForgottenIsSettledForANextProcessHoweverOldWhoIsHeld() {
    workflow.listedTo = Optional.of(LISTED);
    assertThat(told(NOBODY, NOBODY).getListedTo()).isEqualTo(LISTED);
    Instant settled = workflow.completeBefore().orElseThrow();

    Instant published = listedTo(LISTED.minus(Duration.ofHours(5)));

    assertThat(published.minus(ListRowHandler.REMEMBERED)).isEqualTo(settled);
    WorkflowState next = new WorkflowState("account", "orders", Clock.system());
    next.restore(told(Optional.of(LISTED.minus(Duration.ofHours(5))), NOBODY));
    next.toCheckpoint(Optional.of(LISTED.minus(Duration.ofHours(6))), NOBODY);
    assertThat(next.publishedListedTo).contains(published);
  }

  @Test
  void thePastGoesOnFromWhomItListedAndIsHeldThoughItWentDeeper() {
    workflow.backfill.start(Optional.of(BOTTOM), Optional.of("deeper"));
    Instant held = BOTTOM.plus(Duration.ofMinutes(5));

    Checkpoint told = told(NOBODY, Optional.of(held));

    assertThat(told.getBackfilledTo()).isAfter(held);
    assertThat(told.getBackfillCursor()).isNull();
    assertThat(workflow.backfill.hasChanges()).isTrue();
    assertThat(workflow.backfill.willShow(held)).isTrue();
    Checkpoint then = told(NOBODY, NOBODY);
    assertThat(then.getBackfilledTo()).isEqualTo(BOTTOM);
    assertThat(then.getBackfillCursor()).isEqualTo("deeper");
    assertThat(workflow.backfill.hasChanges()).isFalse();
    assertThat(workflow.backfill.willShow(held)).isFalse();
  }

  @Test
  void thePastIsNeverToldToBeLessFarThanItWas() {
    workflow.backfill.start(Optional.of(BOTTOM), Optional.of("deeper"));
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
