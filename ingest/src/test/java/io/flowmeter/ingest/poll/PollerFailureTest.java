package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.observe.TrackedInstance;
import io.flowmeter.ingest.publish.CheckpointSnapshot;
import io.flowmeter.ingest.publish.RecordEncoder.SweepEnd;
import io.flowmeter.ingest.telemetry.LossReason;
import io.flowmeter.ingest.telemetry.Telemetry;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.observation.Observation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Polling a little production where requests fail, runs restart and much is queued. */
class PollerFailureTest {
  private static final String ORDERS = "orders";
  private static final Duration INTERVAL = Duration.ofSeconds(10);
  private static final Duration QUEUED = Duration.ofSeconds(60);

  private final LittleRuntime runtime = LittleRuntime.production();
  private final RecordingSink recorded = new RecordingSink();
  private final Telemetry telemetry = new Telemetry(runtime.clock());
  private Poller poller;

  @BeforeEach
  void open() {
    runtime.deploy(ORDERS);
    poll(CheckpointSnapshot.NOTHING);
  }

  private void poll(CheckpointSnapshot snapshot) {
    poller =
        new Poller(
            runtime,
            PollSettings.production(INTERVAL, 1),
            snapshot,
            recorded,
            telemetry,
            new PollStats(),
            runtime.clock());
  }

  private void sweep() throws InterruptedException {
    poller.runUntil(runtime.clock().instant().plus(INTERVAL));
  }

  private void sweeps(Duration time) throws InterruptedException {
    poller.runUntil(runtime.clock().instant().plus(time));
  }

  private TrackedInstance memory(String id) {
    return poller.workflow(ORDERS).memory(id);
  }

  private long lost(LossReason loss) {
    return telemetry.totals().lost().getOrDefault(loss, 0L);
  }

  private List<Observation> details() {
    return recorded.observations().stream().filter(each -> each.getDetail() != null).toList();
  }

  /** So many sweeps later that what ended is forgotten. */
  private void forget() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      runtime.pass(ListRowHandler.REMEMBERED.plus(INTERVAL));
      runtime.create(ORDERS, "later-" + i, "complete");
      sweep();
      sweep();
    }
  }

  @Test
  void aPastWhoseCursorIsRefusedIsNotFetchedAgain() throws InterruptedException {
    for (int i = 0; i < 30; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    runtime.pagesRefusedFrom(15);
    sweep();
    forget();
    assertThat(memory("order-29").isNew()).isTrue();
    runtime.pagesRefusedFrom(Integer.MAX_VALUE);
    sweeps(Duration.ofMinutes(2));
    for (int i = 0; i < 30; i++) {
      assertThat(recorded.of("order-" + i)).contains("row complete", "detail complete");
    }
    // Those of the very moment that was reached are taken again, lest one of them be lost.
    assertThat(details()).hasSizeBetween(33, 34);
  }

  /** It was restarted before it was first seen: its run began above the place, its row is below. */
  @Test
  void aRunThatWasForgottenBeforeThePastShowedItIsNotFetchedAgain() throws InterruptedException {
    for (int i = 0; i < 30; i++) {
      runtime.create(ORDERS, "order-" + i, i == 1 ? "running" : "complete");
    }
    runtime.restart(ORDERS, "order-1", "running");
    runtime.pagesFailFrom(15);
    sweep();
    runtime.reopen(ORDERS, "order-1", "errored");
    sweeps(INTERVAL.multipliedBy(6));
    assertThat(recorded.of("order-1")).endsWith("detail errored");
    forget();
    assertThat(memory("order-1").isNew()).isTrue();
    runtime.pagesFailFrom(Integer.MAX_VALUE);
    sweeps(Duration.ofMinutes(2));
    assertThat(recorded.of("order-0")).containsExactly("row complete", "detail complete");
    assertThat(recorded.of("order-1")).containsOnlyOnce("detail errored");
  }

  @Test
  void aPastThatAnEarlierProcessBeganIsToldAsSuch() throws InterruptedException {
    for (int i = 0; i < 30; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    runtime.pagesFailFrom(15);
    sweep();
    forget();
    assertThat(poller.planning().backfill())
        .isEqualTo(
            new PollPlan.Backfilling(15, 15, 18, poller.planning().backfill().left(), false));
    poll(recorded.stored());
    sweep();
    assertThat(poller.planning().backfill().resumed()).isTrue();
    assertThat(poller.planning().backfill().known()).isZero();
    assertThat(poller.planning().backfill().ahead()).isBetween(15L, 33L);
    runtime.pagesFailFrom(Integer.MAX_VALUE);
    sweeps(Duration.ofMinutes(2));
    assertThat(poller.planning().backfill().ahead()).isZero();
  }

  @Test
  void whatAKilledProcessHadToldOfThePastIsNotFetchedAgain() throws InterruptedException {
    for (int i = 0; i < 15; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    sweep();
    sweep();
    List<Checkpoint> beforeItsSweepEnded =
        recorded.stored().checkpoints().stream()
            .filter(checkpoint -> !checkpoint.getInstanceId().isEmpty())
            .toList();
    runtime.pass(ListRowHandler.REMEMBERED.multipliedBy(2));
    for (int i = 0; i < 30; i++) {
      runtime.create(ORDERS, "newer-" + i, "complete");
    }
    // The past can be listed only after some sweeps have ended.
    runtime.pagesFailFrom(15);
    poll(new CheckpointSnapshot(beforeItsSweepEnded, List.of(), List.of()));
    forget();
    runtime.pagesFailFrom(Integer.MAX_VALUE);
    sweeps(Duration.ofMinutes(2));
    for (int i = 0; i < 15; i++) {
      assertThat(recorded.of("order-" + i)).containsOnlyOnce("detail complete");
    }
    assertThat(telemetry.totals().known()).isEqualTo(48);
    assertThat(telemetry.totals().fetched()).isEqualTo(48);
  }

  @Test
  void whoDiesRightAfterItForgotAfterALongAbsenceLeavesNothingToBeFetchedAgain()
      throws InterruptedException {
    for (int i = 0; i < 5; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    sweeps(INTERVAL.multipliedBy(3));
    runtime.pass(ListRowHandler.REMEMBERED.multipliedBy(2));
    dieRightAfterItForgot("order-0");
    for (int i = 0; i < 5; i++) {
      assertThat(recorded.of("order-" + i)).containsOnlyOnce("detail complete");
    }
    assertThat(recorded.of("latest")).contains("detail complete");
  }

  @Test
  void whoDiesRightAfterItForgotWhatThePastShowedLeavesNothingToBeFetchedAgain()
      throws InterruptedException {
    for (int i = 0; i < 30; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    runtime.pagesFailFrom(15);
    sweeps(INTERVAL.multipliedBy(3));
    List<Checkpoint> placeOfTheFirstPage =
        recorded.stored().checkpoints().stream()
            .filter(checkpoint -> checkpoint.getInstanceId().isEmpty())
            .toList();
    runtime.pagesFailFrom(Integer.MAX_VALUE);
    sweeps(INTERVAL.multipliedBy(3));
    List<Checkpoint> killedBeforeItToldThePlace = new ArrayList<>(placeOfTheFirstPage);
    recorded.stored().checkpoints().stream()
        .filter(checkpoint -> !checkpoint.getInstanceId().isEmpty())
        .forEach(killedBeforeItToldThePlace::add);
    runtime.pass(ListRowHandler.REMEMBERED.multipliedBy(2));
    // How far it listed since is told before the past goes on.
    runtime.pagesFailFrom(15);
    poll(new CheckpointSnapshot(killedBeforeItToldThePlace, List.of(), List.of()));
    runtime.create(ORDERS, "first", "complete");
    sweeps(INTERVAL.multipliedBy(3));
    runtime.pagesFailFrom(Integer.MAX_VALUE);
    dieRightAfterItForgot("order-0");
    for (int i = 0; i < 30; i++) {
      assertThat(recorded.of("order-" + i)).containsOnlyOnce("detail complete");
    }
  }

  /** Counts do not tell that a run ended again in the same status: nobody lists it once more. */
  @Test
  void aSecondEndIsRememberedByWhoeverGoesOnBeforeItsDetailIsHad() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "complete");
    sweep();
    sweep();
    runtime.reopen(ORDERS, "order-1", "complete");
    runtime.detailFails("order-1", true);
    runtime.create(ORDERS, "order-2", "complete");
    sweep();
    sweep();
    assertThat(recorded.of("order-1"))
        .containsExactly("row complete", "detail complete", "row complete");

    runtime.detailFails("order-1", false);
    poll(recorded.stored());
    sweeps(Duration.ofMinutes(1));

    assertThat(recorded.of("order-1"))
        .containsExactly("row complete", "detail complete", "row complete", "detail complete");
    assertThat(details().get(details().size() - 1).getDetail().getEnd())
        .isAfter(details().get(0).getDetail().getEnd());
    assertThat(telemetry.totals().known()).isEqualTo(3);
    assertThat(telemetry.totals().fetched()).isEqualTo(3);
  }

  @Test
  void aDetailThatIsBehindItsRowIsAskedForAgain() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "complete");
    sweep();
    sweep();
    runtime.detailLags(ORDERS, "order-1");
    runtime.reopen(ORDERS, "order-1", "complete");
    runtime.create(ORDERS, "order-2", "complete");
    sweep();
    sweep();
    assertThat(recorded.of("order-1"))
        .containsExactly("row complete", "detail complete", "row complete");

    runtime.detailsCatchUp();
    sweeps(Duration.ofMinutes(1));
    assertThat(recorded.of("order-1"))
        .containsExactly("row complete", "detail complete", "row complete", "detail complete");
    int asked = runtime.detailsAsked("order-1");
    sweeps(Duration.ofMinutes(10));
    assertThat(runtime.detailsAsked("order-1")).as("asked for no more").isEqualTo(asked);
    assertThat(telemetry.totals().known()).isEqualTo(3);
    assertThat(telemetry.totals().fetched()).isEqualTo(3);
  }

  /**
   * A row that nothing is remembered of is told at once, where it surely speaks of the first run.
   */
  @Test
  void aSecondEndOfAForgottenRunOutlastsWhoeverSawItToo() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "complete");
    sweep();
    sweep();
    for (int i = 0; remembers("order-1"); i++) {
      runtime.pass(ListRowHandler.REMEMBERED);
      runtime.create(ORDERS, "later-" + i, "complete");
      sweep();
      sweep();
    }
    runtime.reopen(ORDERS, "order-1", "complete");
    runtime.detailFails("order-1", true);
    runtime.create(ORDERS, "newest", "complete");
    sweep();
    assertThat(recorded.of("order-1"))
        .containsExactly("row complete", "detail complete", "row complete");

    runtime.detailFails("order-1", false);
    poll(recorded.stored());
    sweeps(Duration.ofMinutes(1));
    assertThat(recorded.of("order-1"))
        .containsExactly("row complete", "detail complete", "row complete", "detail complete");
  }

  /** Second after second, while others come and end; another process goes on then. */
  private void dieRightAfterItForgot(String id) throws InterruptedException {
    for (int second = 0; remembers(id); second++) {
      assertThat(second).isLessThan(300);
      if (second % 30 == 0) {
        runtime.create(ORDERS, "later-" + second, "complete");
      }
      sweeps(Duration.ofSeconds(1));
    }
    poll(recorded.stored());
    runtime.create(ORDERS, "latest", "complete");
    sweeps(Duration.ofMinutes(2));
  }

  private boolean remembers(String id) {
    return recorded.stored().checkpoints().stream()
        .anyMatch(checkpoint -> checkpoint.getInstanceId().equals(id));
  }

  @Test
  void aCursorThatShowsForgottenRowsAgainFetchesNothingTwice() throws InterruptedException {
    for (int i = 0; i < 30; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    runtime.pagesFailFrom(15);
    sweep();
    assertThat(recorded.of("order-16")).containsExactly("row complete", "detail complete");
    forget();
    assertThat(memory("order-16").isNew()).isTrue();
    // The cursor is a position, and three new rows pushed those that it showed below it.
    runtime.pagesFailFrom(Integer.MAX_VALUE);
    sweeps(Duration.ofMinutes(2));
    assertThat(runtime.detailsAsked("order-17")).isEqualTo(1);
    assertThat(runtime.detailsAsked("order-16")).isEqualTo(1);
    for (int i = 0; i < 15; i++) {
      assertThat(recorded.of("order-" + i)).containsExactly("row complete", "detail complete");
    }
  }

  @Test
  void nothingIsAskedWhileThereIsNoRoomToTellIt() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "complete");
    recorded.full(true);
    sweep();
    assertThat(runtime.asked()).isEmpty();
    assertThat(recorded.workflows()).isEmpty();
    recorded.full(false);
    sweep();
    assertThat(recorded.of("order-1")).containsExactly("row complete", "detail complete");
  }

  @Test
  void manyErroredRunsLeaveListsTheirTurn() throws InterruptedException {
    sweep();
    for (int i = 0; i < 30; i++) {
      runtime.create(ORDERS, "order-" + i, "errored");
    }
    int before = runtime.asked().size();
    sweeps(INTERVAL.multipliedBy(3));
    List<String> asked = runtime.asked().subList(before, runtime.asked().size());
    List<String> first = asked.subList(0, asked.lastIndexOf("page"));
    assertThat(first).contains("detail");
    assertThat(String.join(" ", first)).doesNotContain("detail detail detail");
  }

  @Test
  void aDetailThatAlwaysFailsRestsLongerAndLongerAndKeepsNoSweepIncomplete()
      throws InterruptedException {
    sweep();
    runtime.create(ORDERS, "order-1", "errored");
    runtime.detailFails("order-1", true);
    sweeps(Duration.ofHours(1));
    assertThat(runtime.detailsAsked("order-1")).isBetween(5, 10);
    assertThat(recorded.ends()).last().extracting(SweepEnd::complete).isEqualTo(true);
    runtime.detailFails("order-1", false);
    sweeps(Duration.ofMinutes(70));
    assertThat(recorded.of("order-1")).containsExactly("row errored", "detail errored");
  }

  @Test
  void aLookThatAlwaysFailsRestsAsLongAsOneThatTellsNothing() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "running");
    runtime.detailFails("order-1", true);
    sweeps(Duration.ofHours(1));
    assertThat(runtime.detailsAsked("order-1")).isBetween(4, 12);
  }

  @Test
  void aNewInstanceWhoseDetailIsNotFoundTwiceIsToldByItsRow() throws InterruptedException {
    sweep();
    runtime.createQueued(ORDERS, "order-1", "complete", QUEUED);
    runtime.hideDetail("order-1");
    sweeps(Duration.ofMinutes(2));
    assertThat(recorded.of("order-1")).containsExactly("row complete");
    assertThat(runtime.detailsAsked("order-1")).isEqualTo(2);
    assertThat(lost(LossReason.VANISHED)).isEqualTo(1);
    assertThat(poller.waiting()).isZero();
  }

  @Test
  void aLiveRunThatVanishesHasEndedAndIsLost() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "running");
    sweep();
    runtime.remove(ORDERS, "order-1");
    sweeps(Duration.ofMinutes(2));
    assertThat(recorded.of("order-1")).last().isEqualTo("vanished");
    assertThat(telemetry.totals().known()).isEqualTo(1);
    assertThat(lost(LossReason.VANISHED)).isEqualTo(1);
    assertThat(telemetry.totals().coverage()).contains(0.0);
  }

  @Test
  void aForgottenOneThatIsQueuedAgainIsANewLife() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "complete");
    sweep();
    long first = memory("order-1").instanceRunss().newest().orElseThrow();
    forget();
    assertThat(memory("order-1").isNew()).isTrue();
    runtime.restart(ORDERS, "order-1", "queued");
    sweep();
    sweep();
    assertThat(recorded.of("order-1"))
        .startsWith("row complete", "detail complete")
        .contains("detail queued");
    assertThat(
            recorded.observations().stream()
                .filter(each -> each.getInstanceId().equals("order-1"))
                .filter(each -> each.getRun() == first))
        .hasSize(2);
  }

  @Test
  void whereRunsAreSampledALiveOneThatWasQueuedForLongIsToldByItsRow() throws InterruptedException {
    sweep();
    poller.workflow(ORDERS).sampler.sampleOneOf(4);
    for (int i = 0; i < 20; i++) {
      runtime.createQueued(ORDERS, "order-" + i, "running", QUEUED);
    }
    sweep();
    for (int i = 0; i < 20; i++) {
      assertThat(recorded.of("order-" + i)).containsExactly("row running");
      assertThat(runtime.detailsAsked("order-" + i)).isZero();
    }
  }

  @Test
  void aRowThatWaitsForItsDetailIsNotOvertakenByLaterOnesWhereRunsBeginToBeSampled()
      throws InterruptedException {
    sweep();
    runtime.createQueued(ORDERS, "order-1", "paused", QUEUED);
    runtime.detailFails("order-1", true);
    sweep();
    poller.workflow(ORDERS).sampler.sampleOneOf(4);
    runtime.move(ORDERS, "order-1", "running");
    sweep();
    runtime.detailFails("order-1", false);
    sweeps(Duration.ofMinutes(1));
    assertThat(recorded.of("order-1")).startsWith("row paused").doesNotHaveDuplicates();
  }

  @Test
  void anEndThatWaitsForItsDetailIsCountedOnceWhenItIsSeen() throws InterruptedException {
    sweep();
    runtime.createQueued(ORDERS, "order-1", "complete", QUEUED);
    runtime.detailFails("order-1", true);
    sweep();
    assertThat(poller.workflow(ORDERS).sampler.drain())
        .isEqualTo(new CompletionSampler.Ended(1, 0));
    runtime.detailFails("order-1", false);
    sweep();
    sweep();
    assertThat(recorded.of("order-1")).contains("detail complete");
    assertThat(poller.workflow(ORDERS).sampler.drain())
        .isEqualTo(new CompletionSampler.Ended(0, 0));
  }

  @Test
  void runsThatWereQueuedForLongAreDrawnLikeOthers() throws InterruptedException {
    sweep();
    poller.workflow(ORDERS).sampler.sampleOneOf(4);
    for (int i = 0; i < 60; i++) {
      runtime.createQueued(ORDERS, "order-" + i, "complete", QUEUED);
    }
    sweeps(Duration.ofMinutes(1));
    assertThat(details()).hasSizeBetween(5, 30);
    assertThat(details()).extracting(each -> each.getDetail().getWeight()).containsOnly(4L);
    assertThat(details().size() + lost(LossReason.SAMPLED_OUT)).isEqualTo(60);
    assertThat(telemetry.totals().known()).isEqualTo(60);
  }

  @Test
  void whereRunsAreSampledARestartIsFetchedAndItsFirstLifeIsNotToldEnded()
      throws InterruptedException {
    runtime.create(ORDERS, "order-1", "running");
    sweep();
    long first = memory("order-1").instanceRunss().newest().orElseThrow();
    poller.workflow(ORDERS).sampler.sampleOneOf(1_000_000);
    runtime.restart(ORDERS, "order-1", "complete");
    sweep();
    sweep();
    assertThat(recorded.of("order-1")).contains("row complete", "detail complete");
    assertThat(
            recorded.observations().stream()
                .filter(each -> each.getRow() != null && each.getRun() == first)
                .map(each -> each.getRow().getStatus()))
        .containsOnly("running");
    assertThat(telemetry.totals().known()).isEqualTo(1);
    assertThat(details()).extracting(each -> each.getDetail().getWeight()).containsOnly(1L);
  }

  @Test
  void aSampledOutRunThatIsReopenedStaysLeftOutWhateverFails() throws InterruptedException {
    sweep();
    poller.workflow(ORDERS).sampler.sampleOneOf(1_000_000);
    runtime.create(ORDERS, "order-1", "complete");
    sweep();
    assertThat(memory("order-1").sampledOut()).isTrue();
    runtime.startAnew(ORDERS, "order-1", "errored");
    runtime.create(ORDERS, "order-2", "complete");
    runtime.detailFails("order-1", true);
    sweep();
    runtime.detailFails("order-1", false);
    sweeps(Duration.ofMinutes(1));
    assertThat(runtime.detailsAsked("order-1")).isGreaterThan(1);
    assertThat(details()).isEmpty();
  }

  @Test
  void aRunThatWasOwedByItsAbsenceIsNotDrawnWhenItsRowIsFound() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "running");
    sweep();
    poller.workflow(ORDERS).sampler.sampleOneOf(1_000_000);
    runtime.move(ORDERS, "order-1", "complete");
    runtime.listsLeaveOut(Optional.of("order-1"));
    runtime.detailFails("order-1", true);
    sweep();
    sweep();
    assertThat(poller.planning().backlog() + runtime.detailsAsked("order-1")).isPositive();
    runtime.listsLeaveOut(Optional.empty());
    runtime.create(ORDERS, "order-2", "errored");
    sweep();
    assertThat(recorded.of("order-1")).endsWith("row complete");
    runtime.detailFails("order-1", false);
    sweeps(Duration.ofMinutes(2));
    assertThat(recorded.of("order-1")).endsWith("row complete", "detail complete");
    assertThat(lost(LossReason.SAMPLED_OUT)).isZero();
  }

  @Test
  void aReopenedSampledOutRunIsToldByItsRows() throws InterruptedException {
    sweep();
    poller.workflow(ORDERS).sampler.sampleOneOf(1_000_000);
    runtime.create(ORDERS, "order-1", "complete");
    sweep();
    runtime.move(ORDERS, "order-1", "running");
    sweep();
    runtime.move(ORDERS, "order-1", "complete");
    sweep();
    assertThat(recorded.of("order-1")).startsWith("row complete", "row running");
    assertThat(telemetry.totals().known())
        .isEqualTo(telemetry.totals().lost().get(LossReason.SAMPLED_OUT));
  }

  @Test
  void aRunThatEndedWhileNoSweepWasEverEndedIsTold() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "running");
    sweep();
    CheckpointSnapshot whole = recorded.stored();
    List<Checkpoint> instances =
        whole.checkpoints().stream().filter(each -> !each.getInstanceId().isEmpty()).toList();
    poll(new CheckpointSnapshot(instances, whole.workflows(), whole.versions()));
    runtime.move(ORDERS, "order-1", "complete");
    sweep();
    assertThat(recorded.of("order-1"))
        .containsExactlyInAnyOrder("row running", "row complete", "detail complete");
  }

  @Test
  void listsOfVersionsThatFailRest() throws InterruptedException {
    runtime.versionsFail();
    for (int i = 0; i < 30; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    sweeps(Duration.ofMinutes(10));
    assertThat(runtime.versionsAsked()).isBetween(2, 5);
  }

  @Test
  void afterNewestThatCouldNotBeReadTheyAreReadAgain() throws InterruptedException {
    runtime.tellsTriggered();
    runtime.create(ORDERS, "order-1", "complete");
    sweep();
    runtime.create(ORDERS, "order-2", "complete");
    runtime.allPagesFail(true);
    sweeps(Duration.ofMinutes(1));
    runtime.allPagesFail(false);
    sweeps(Duration.ofMinutes(1));
    assertThat(recorded.of("order-2")).containsExactly("row complete", "detail complete");
  }
}
