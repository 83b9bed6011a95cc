package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.publish.CheckpointSnapshot;
import io.flowmeter.ingest.publish.RecordEncoder.SweepEnd;
import io.flowmeter.ingest.telemetry.LossReason;
import io.flowmeter.ingest.telemetry.Telemetry;
import io.flowmeter.schemas.observation.Observation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows that say of what life they speak only with a detail, while that fails, waits or lags. */
class HeldRowsTest {
  private static final String ORDERS = "orders";
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final LittleRuntime runtime = LittleRuntime.production();
  private final RecordingSink recorded = new RecordingSink();
  private final Telemetry telemetry = new Telemetry(runtime.clock());
  private Poller poller;

  @BeforeEach
  void open() {
    runtime.deploy(ORDERS);
    poller =
        new Poller(
            runtime,
            PollSettings.production(INTERVAL, 1),
            CheckpointSnapshot.NOTHING,
            recorded,
            telemetry,
            new PollStats(),
            runtime.clock());
  }

  private void sweep() throws InterruptedException {
    sweeps(INTERVAL);
  }

  private void sweeps(Duration time) throws InterruptedException {
    poller.runUntil(runtime.clock().instant().plus(time));
  }

  private List<Observation> details() {
    return recorded.observations().stream().filter(each -> each.getDetail() != null).toList();
  }

  @Test
  void theRowOfAReopenedRunWhoseDetailFailsIsToldWithTheNextOne() throws InterruptedException {
    seeReopenedInVain();
    runtime.reopen(ORDERS, "order-1", "complete");
    runtime.listsLeaveOut(Optional.of("order-1"));
    sweeps(Duration.ofMinutes(1));

    assertThat(recorded.of("order-1"))
        .containsExactly("row complete", "detail complete", "row waiting", "detail complete");
    assertThat(details().get(details().size() - 1).getDetail().getEnd())
        .isAfter(details().get(0).getDetail().getEnd());
  }

  @Test
  void aRowThatWaitsForItsDetailIsNotOvertakenByTheNextEndOfItsRun() throws InterruptedException {
    seeReopenedInVain();
    runtime.reopen(ORDERS, "order-1", "complete");
    runtime.create(ORDERS, "order-3", "complete");
    runtime.detailFails("order-1", true);
    sweep();
    runtime.detailFails("order-1", false);
    sweeps(Duration.ofMinutes(1));

    assertThat(recorded.of("order-1"))
        .containsExactly(
            "row complete", "detail complete", "row waiting", "row complete", "detail complete");
  }

  /** It completed, and was opened again, of which a row told; and then its detail failed. */
  private void seeReopenedInVain() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "complete");
    sweep();
    sweep();
    runtime.move(ORDERS, "order-1", "waiting");
    runtime.detailFails("order-1", true);
    sweep();
    sweep();
    assertThat(runtime.detailsAsked("order-1")).isGreaterThan(1);
    assertThat(recorded.of("order-1")).containsExactly("row complete", "detail complete");
    runtime.detailFails("order-1", false);
  }

  @Test
  void aRunThatIsOpenedAgainWhileTheDetailOfItsEndWaitsIsToldAtOnce() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "running");
    runtime.reopen(ORDERS, "order-1", "errored");
    runtime.detailFails("order-1", true);
    sweep();
    runtime.goOn(ORDERS, "order-1", "running");
    sweep();
    sweep();
    assertThat(recorded.of("order-1")).containsExactly("row errored", "row running");
    runtime.reopen(ORDERS, "order-1", "complete");
    sweep();
    sweep();
    assertThat(recorded.of("order-1"))
        .containsExactly("row errored", "row running", "row complete");

    runtime.detailFails("order-1", false);
    sweeps(Duration.ofMinutes(1));
    assertThat(recorded.of("order-1"))
        .containsExactly("row errored", "row running", "row complete", "detail complete");
    assertThat(telemetry.totals().known()).isEqualTo(2);
    assertThat(telemetry.totals().fetched()).isEqualTo(1);
  }

  /** Nothing says that it was modified since. */
  @Test
  void aDetailThatWaitsTakesTheRowAlongThatNeedsOne() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "errored");
    runtime.detailFails("order-1", true);
    sweep();
    runtime.move(ORDERS, "order-1", "running");
    sweep();
    sweep();
    assertThat(recorded.of("order-1")).containsExactly("row errored");
    runtime.detailFails("order-1", false);
    runtime.listsLeaveOut(Optional.of("order-1"));
    sweeps(Duration.ofMinutes(1));
    assertThat(recorded.of("order-1"))
        .containsExactly("row errored", "row running", "detail running");
  }

  @Test
  void aRestartWhoseDetailFailsIsNotToldOfTheRunThatItReplaced() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "running");
    sweep();
    long first = recorded.observations().get(0).getRun();
    runtime.restart(ORDERS, "order-1", "complete");
    runtime.detailFails("order-1", true);
    sweeps(Duration.ofMinutes(1));
    assertThat(recorded.of("order-1")).doesNotContain("row complete");

    runtime.detailFails("order-1", false);
    sweeps(Duration.ofMinutes(5));
    assertThat(recorded.of("order-1")).endsWith("row complete", "detail complete");
    assertThat(recorded.observations())
        .filteredOn(each -> each.getRun() == first && each.getRow() != null)
        .extracting(each -> each.getRow().getStatus())
        .containsOnly("running");
    assertThat(telemetry.totals().known()).isEqualTo(1);
    assertThat(telemetry.totals().fetched()).isEqualTo(1);
  }

  @Test
  void aDetailThatIsBehindARestartIsAskedForAgain() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "complete");
    sweep();
    sweep();
    long first = recorded.observations().get(0).getRun();
    runtime.detailLags(ORDERS, "order-1");
    runtime.restart(ORDERS, "order-1", "errored");
    sweep();
    sweep();
    assertThat(runtime.detailsAsked("order-1")).isGreaterThan(1);
    assertThat(recorded.of("order-1")).containsExactly("row complete", "detail complete");
    runtime.detailsCatchUp();
    sweeps(Duration.ofMinutes(1));
    assertThat(recorded.of("order-1"))
        .containsExactly("row complete", "detail complete", "row errored", "detail errored");
    assertThat(recorded.observations())
        .filteredOn(each -> each.getInstanceId().equals("order-1"))
        .filteredOn(each -> each.getRun() == first)
        .hasSize(2);
  }

  /** It is known to be queued anew, of which its row tells nothing. */
  @Test
  void aRowThatIsLeftAsItWasIsNotToldOfTheRunThatARestartBegan() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "running");
    sweep();
    long first = recorded.observations().get(0).getRun();
    runtime.detailRestarts(ORDERS, "order-1", "queued");
    runtime.pass(Duration.ofHours(1));
    sweeps(Duration.ofMinutes(5));
    assertThat(recorded.of("order-1")).endsWith("detail queued");
    runtime.move(ORDERS, "order-1", "complete");
    runtime.create(ORDERS, "order-2", "complete");
    sweeps(Duration.ofMinutes(1));
    assertThat(recorded.observations())
        .filteredOn(each -> each.getInstanceId().equals("order-1"))
        .filteredOn(each -> each.getRun() != first)
        .allMatch(each -> each.getDetail() != null);
  }

  /** It was errored, restarted and complete again before anybody listed it. */
  @Test
  void aRestartBeforeTheFirstListIsNotToldOfTheFirstRunWhereItsDetailFails()
      throws InterruptedException {
    runtime.create(ORDERS, "order-1", "errored");
    runtime.pass(Duration.ofSeconds(20));
    runtime.restart(ORDERS, "order-1", "complete");
    runtime.detailFails("order-1", true);
    sweep();
    sweep();
    assertThat(runtime.detailsAsked("order-1")).isPositive();
    assertThat(recorded.of("order-1")).isEmpty();
    runtime.detailFails("order-1", false);
    sweeps(Duration.ofMinutes(1));
    assertThat(recorded.of("order-1")).containsExactly("row complete", "detail complete");
    assertThat(recorded.observations())
        .extracting(Observation::getRun)
        .containsOnly(runOf(details()));
    assertThat(telemetry.totals().known()).isEqualTo(1);
  }

  private static long runOf(List<Observation> details) {
    return details.get(0).getDetail().getQueued().toEpochMilli();
  }

  @Test
  void whatWasQueuedForLongIsToldByItsRowWhereItsDetailFailsForLong() throws InterruptedException {
    runtime.createQueued(ORDERS, "order-1", "complete", Duration.ofSeconds(30));
    runtime.detailFails("order-1", true);
    sweeps(Duration.ofMinutes(5));
    assertThat(recorded.of("order-1")).isEmpty();
    sweeps(Duration.ofHours(1));
    assertThat(recorded.of("order-1")).containsExactly("row complete");
  }

  /** Its row tells the start of the run before until it begins. */
  @Test
  void aRestartThatIsQueuedIsNotTakenForTheRunThatItReplaced() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "complete");
    sweep();
    sweep();
    long first = recorded.observations().get(0).getRun();
    runtime.rowsTellStartsOfQueued();
    runtime.goOn(ORDERS, "order-1", "queued");
    runtime.detailRestarts(ORDERS, "order-1", "queued");
    sweeps(Duration.ofMinutes(1));
    assertThat(recorded.observations())
        .filteredOn(each -> each.getRun() == first)
        .extracting(each -> each.getRow() == null ? "detail" : each.getRow().getStatus())
        .containsExactly("complete", "detail");
    assertThat(recorded.of("order-1")).endsWith("detail queued");
  }

  @Test
  void aDetailThatIsBehindARestartThatIsQueuedIsAskedForAgain() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "complete");
    sweep();
    sweep();
    runtime.detailLags(ORDERS, "order-1");
    runtime.restart(ORDERS, "order-1", "queued");
    sweep();
    runtime.listsLeaveOut(Optional.of("order-1"));
    runtime.move(ORDERS, "order-1", "complete");
    runtime.detailsCatchUp();
    sweeps(Duration.ofMinutes(1));
    assertThat(recorded.of("order-1"))
        .containsExactly("row complete", "detail complete", "detail complete");
  }

  @Test
  void theEndOfARunThatIsToldWithTheDetailOfTheNextIsCounted() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "queued");
    sweep();
    runtime.pass(Duration.ofSeconds(30));
    runtime.startAnew(ORDERS, "order-1", "complete");
    runtime.detailFails("order-1", true);
    sweep();
    runtime.detailRestarts(ORDERS, "order-1", "complete");
    runtime.detailFails("order-1", false);
    sweeps(Duration.ofMinutes(1));
    assertThat(recorded.of("order-1"))
        .containsExactly("row queued", "row complete", "detail complete");
    assertThat(telemetry.totals().known()).isEqualTo(2);
    assertThat(telemetry.totals().fetched()).isEqualTo(1);
    assertThat(telemetry.totals().lost()).containsEntry(LossReason.RESTARTED, 1L);
  }

  @Test
  void aRestartFromAStepThatIsQueuedIsNotToldAfterTheEndThatFollows() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "complete");
    sweep();
    sweep();
    runtime.goOn(ORDERS, "order-1", "queued");
    runtime.detailFails("order-1", true);
    sweep();
    sweep();
    runtime.reopen(ORDERS, "order-1", "complete");
    runtime.create(ORDERS, "order-3", "complete");
    sweep();
    runtime.detailFails("order-1", false);
    sweeps(Duration.ofMinutes(1));
    assertThat(recorded.of("order-1"))
        .containsExactly(
            "row complete", "detail complete", "row queued", "row complete", "detail complete");
  }

  /** What it tells is told. */
  @Test
  void aRowThatIsListedAgainDoesNotWait() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "complete");
    runtime.detailFails("order-1", true);
    sweep();
    runtime.create(ORDERS, "order-2", "complete");
    sweep();
    assertThat(recorded.of("order-1")).containsExactly("row complete");
    assertThat(runtime.detailsAsked("order-1")).isPositive();
    assertThat(poller.workflow(ORDERS).rowsWaiting()).isEmpty();
  }

  /** It is known to live, and counts say that it does not. */
  @Test
  void whileTheRowOfAnEndWaitsSweepsAreNotComplete() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "queued");
    sweep();
    runtime.pass(Duration.ofSeconds(30));
    runtime.startAnew(ORDERS, "order-1", "complete");
    runtime.detailFails("order-1", true);
    sweeps(Duration.ofMinutes(3));
    assertThat(recorded.of("order-1")).doesNotContain("row complete");
    assertThat(lastSweep().complete()).isFalse();
    runtime.detailFails("order-1", false);
    sweeps(Duration.ofMinutes(6));
    assertThat(recorded.of("order-1")).endsWith("row complete", "detail complete");
    assertThat(lastSweep().complete()).isTrue();
  }

  private SweepEnd lastSweep() {
    return recorded.ends().get(recorded.ends().size() - 1);
  }

  @Test
  void aRowThatWasNewWhenItWasListedIsToldThoughItsDetailIsGoneHoursLater()
      throws InterruptedException {
    runtime.create(ORDERS, "order-0", "complete");
    sweep();
    runtime.createQueued(ORDERS, "order-1", "errored", Duration.ofSeconds(30));
    runtime.pass(ListRowHandler.REMEMBERED.plusMinutes(16));
    runtime.detailFails("order-1", true);
    sweep();
    runtime.pass(ListRowHandler.REMEMBERED.multipliedBy(2));
    runtime.create(ORDERS, "order-2", "complete");
    sweep();
    assertThat(recorded.of("order-1")).isEmpty();
    runtime.detailFails("order-1", false);
    runtime.hideDetail("order-1");
    sweeps(Duration.ofMinutes(10));
    assertThat(recorded.of("order-1")).containsExactly("row errored");
    assertThat(telemetry.totals().known()).isEqualTo(3);
  }
}
