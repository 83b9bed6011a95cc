package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.budget.Priority;
import io.flowmeter.ingest.observe.TrackedInstance;
import io.flowmeter.ingest.publish.CheckpointSnapshot;
import io.flowmeter.ingest.publish.RecordEncoder.SweepEnd;
import io.flowmeter.ingest.source.ObservedSteps;
import io.flowmeter.ingest.telemetry.Telemetry;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Polling sources as small as can be, a sweep at a time. */
class PollerTest {
  private static final String ORDERS = "orders";
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private LittleRuntime runtime = LittleRuntime.local();
  private RecordingSink recorded;
  private Poller poller;

  @BeforeEach
  void open() {
    open(LittleRuntime.local());
  }

  private void open(LittleRuntime source) {
    runtime = source;
    runtime.deploy(ORDERS);
    recorded = new RecordingSink();
    poll(CheckpointSnapshot.NOTHING);
  }

  private void openProduction() {
    open(LittleRuntime.production());
  }

  private void poll(CheckpointSnapshot snapshot) {
    PollSettings settings =
        new PollSettings(
            INTERVAL,
            1,
            new RecheckPolicy(
                Duration.ofSeconds(2),
                Duration.ofSeconds(30),
                true,
                Duration.ofMinutes(1),
                Duration.ofDays(1)),
            2,
            Duration.ofMinutes(1),
            Duration.ofDays(1),
            Duration.ofMinutes(30));
    poller =
        new Poller(
            runtime,
            settings,
            snapshot,
            recorded,
            new Telemetry(runtime.clock()),
            new PollStats(),
            runtime.clock());
  }

  @AfterEach
  void asksForNothingThatIsNotThere() {
    assertThat(runtime.ghosts()).isEmpty();
  }

  /** One list of the workflows, and all that follows from it. */
  private void sweep() throws InterruptedException {
    poller.runUntil(runtime.clock().instant().plus(INTERVAL));
  }

  private List<Observation> told() {
    return recorded.observations();
  }

  private List<String> toldOf(String id) {
    return recorded.of(id);
  }

  private TrackedInstance memory(String id) {
    return poller.workflow(ORDERS).memory(id);
  }

  private long runs(int life) {
    return memory("order-1").instanceRunss().known().get(life).run();
  }

  private List<SweepEnd> ends() {
    return recorded.ends();
  }

  @Test
  void allPagesAreReadAndWhatDidNotChangeIsNotToldAgain() throws InterruptedException {
    for (int i = 0; i < 8; i++) {
      runtime.create(ORDERS, "order-" + i, "running");
    }
    sweep();
    sweep();
    assertThat(told()).hasSize(16);
    assertThat(ends()).extracting(SweepEnd::sweep).containsExactly(1L);
    assertThat(ends().get(0).before()).containsEntry("running", 8L);
    assertThat(ends().get(0).complete()).isTrue();
  }

  @Test
  void rowsThatPagesRepeatAreHarmless() throws InterruptedException {
    for (int i = 0; i < 8; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    runtime.pagesShift();
    sweep();
    assertThat(told()).hasSize(16);
  }

  @Test
  void anEndIsToldAfterAMinuteEvenWhereNothingChanged() throws InterruptedException {
    sweep();
    runtime.pass(Duration.ofSeconds(30));
    sweep();
    runtime.pass(Duration.ofSeconds(31));
    sweep();
    assertThat(ends()).extracting(SweepEnd::sweep).containsExactly(1L, 2L);
  }

  @Test
  void aLiveRunAbsentFromTwoWholeListsVanishes() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "running");
    runtime.create(ORDERS, "order-2", "complete");
    runtime.create(ORDERS, "order-3", "complete");
    sweep();
    runtime.remove(ORDERS, "order-1");
    runtime.remove(ORDERS, "order-2");
    sweep();
    assertThat(toldOf("order-1")).doesNotContain("vanished");
    sweep();
    sweep();
    assertThat(toldOf("order-1")).containsExactly("row running", "detail running", "vanished");
    assertThat(toldOf("order-2")).containsExactly("row complete", "detail complete");
    assertThat(recorded.stored().checkpoints())
        .extracting(Checkpoint::getInstanceId)
        .doesNotContain("order-2");
  }

  @Test
  void emptyListsOfARuntimeThatStartsMeanNothing() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "running");
    runtime.create(ORDERS, "order-2", "complete");
    sweep();
    runtime.listsAreEmpty(true);
    sweep();
    sweep();
    sweep();
    runtime.listsAreEmpty(false);
    sweep();
    assertThat(toldOf("order-1")).containsExactly("row running", "detail running");
    assertThat(toldOf("order-2")).containsExactly("row complete", "detail complete");
    assertThat(memory("order-1").missingSince()).isEmpty();
    assertThat(memory("order-2").isNew()).isFalse();
  }

  @Test
  void whereAllListsOfAMinuteAreEmptyTheRuntimeBeganAnew() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "running");
    runtime.create(ORDERS, "order-2", "complete");
    sweep();
    Instant emptied = runtime.clock().instant();
    runtime.listsAreEmpty(true);
    for (int i = 0; i < 8; i++) {
      sweep();
    }
    assertThat(toldOf("order-1")).containsExactly("row running", "detail running", "vanished");
    assertThat(told().get(told().size() - 1).getVanished().getAt())
        .isBetween(emptied, emptied.plus(INTERVAL));
    assertThat(poller.known().instances()).isZero();
  }

  @Test
  void anEmptyListOfWorkflowsDeletesNoneOfThemWithinAMinute() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "running");
    sweep();
    runtime.listsNoWorkflows(true);
    sweep();
    sweep();
    sweep();
    assertThat(toldOf("order-1")).containsExactly("row running", "detail running");
    runtime.listsNoWorkflows(false);
    sweep();
    runtime.listsNoWorkflows(true);
    for (int i = 0; i < 8; i++) {
      sweep();
    }
    assertThat(toldOf("order-1")).containsExactly("row running", "detail running", "vanished");
  }

  @Test
  void absenceFromAListThatIsNotWholeMeansNothing() throws InterruptedException {
    for (int i = 0; i < 8; i++) {
      runtime.create(ORDERS, "order-" + i, "running");
    }
    sweep();
    runtime.pagesFail(true);
    sweep();
    sweep();
    sweep();
    assertThat(told()).noneMatch(each -> each.getVanished() != null);
    assertThat(ends()).last().extracting(SweepEnd::complete).isEqualTo(false);
    runtime.pagesFail(false);
    sweep();
    assertThat(ends()).last().extracting(SweepEnd::complete).isEqualTo(true);
  }

  @Test
  void aRestartThatLeavesTheRowUnchangedIsFoundByTheNextSweeps() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "errored");
    sweep();
    runtime.restart(ORDERS, "order-1", "errored");
    sweep();
    assertThat(toldOf("order-1"))
        .containsExactly("row errored", "detail errored", "row errored", "detail errored");
    assertThat(told())
        .filteredOn(each -> each.getInstanceId().equals("order-1"))
        .extracting(Observation::getRun)
        .containsExactly(runs(0), runs(0), runs(1), runs(1));
  }

  @Test
  void aRestartIsFoundByAgeAndLongAfterAPollersRestart() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "errored");
    sweep();
    runtime.pass(Duration.ofHours(1));
    sweep();
    assertThat(runtime.detailsAsked("order-1")).isEqualTo(2);
    sweep();
    assertThat(runtime.detailsAsked("order-1")).isEqualTo(2);
    poll(recorded.stored());
    runtime.restart(ORDERS, "order-1", "errored");
    sweep();
    assertThat(toldOf("order-1")).hasSize(4);
  }

  @Test
  void unchangedOnesAreLookedAtAFewAtATimeAndNoneIsForgotten() throws InterruptedException {
    for (int i = 0; i < 6; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    sweep();
    sweep();
    sweep();
    sweep();
    for (int i = 0; i < 6; i++) {
      assertThat(runtime.detailsAsked("order-" + i)).isEqualTo(2);
    }
  }

  @Test
  void withoutDetailsRowsAreToldAndDetailsFollow() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "complete");
    runtime.detailsFail(true);
    sweep();
    assertThat(toldOf("order-1")).containsExactly("row complete");
    assertThat(ends()).last().extracting(SweepEnd::complete).isEqualTo(false);
    runtime.detailsFail(false);
    sweep();
    assertThat(toldOf("order-1")).containsExactly("row complete", "detail complete");
  }

  @Test
  void aVisitThatBreaksMakesTheSweepIncompleteAndIsDoneAgain() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "complete");
    runtime.detailsBreak(true);
    sweep();
    assertThat(ends()).last().extracting(SweepEnd::complete).isEqualTo(false);
    runtime.detailsBreak(false);
    sweep();
    assertThat(toldOf("order-1")).containsExactly("row complete", "detail complete");
    assertThat(ends()).last().extracting(SweepEnd::complete).isEqualTo(true);
  }

  @Test
  void whatCouldNotBeToldIsNotRememberedAsTold() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "complete");
    recorded.deaf(true);
    sweep();
    recorded.deaf(false);
    sweep();
    sweep();
    assertThat(toldOf("order-1")).containsExactly("row complete", "detail complete");
  }

  @Test
  void aStatusThatChangedIsBoundByItsTwoSightings() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "running");
    sweep();
    Instant between = runtime.pass(Duration.ofSeconds(5));
    runtime.move(ORDERS, "order-1", "paused");
    sweep();
    Observation paused =
        told().stream()
            .filter(each -> each.getRow() != null && each.getRow().getStatus().equals("paused"))
            .findFirst()
            .orElseThrow();
    assertThat(paused.getRow().getNotBefore()).isBefore(between);
    assertThat(paused.getObservedAt()).isAfter(between);
  }

  @Test
  void productionIsReadFromTheNewestBackToWhatIsKnown() throws InterruptedException {
    openProduction();
    for (int i = 0; i < 30; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    sweep();
    assertThat(runtime.pagesRead()).isEqualTo(10);
    sweep();
    assertThat(runtime.pagesRead()).isEqualTo(10);
    for (int i = 30; i < 35; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    sweep();
    assertThat(runtime.pagesRead()).isEqualTo(13);
    assertThat(poller.known().instances()).isEqualTo(35);
    assertThat(told()).hasSize(70);
  }

  @Test
  void whatAFailingPageKeptBackIsReadLater() throws InterruptedException {
    openProduction();
    for (int i = 0; i < 30; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    runtime.pagesFail(true);
    sweep();
    assertThat(poller.known().instances()).isEqualTo(3);
    runtime.pagesFail(false);
    sweep();
    sweep();
    assertThat(poller.known().instances()).isEqualTo(30);
    assertThat(told()).hasSize(60);
  }

  @Test
  void liveOnesAreListedByTheirStatusHoweverOld() throws InterruptedException {
    openProduction();
    runtime.create(ORDERS, "old", "running");
    for (int i = 0; i < 30; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    sweep();
    sweep();
    runtime.move(ORDERS, "old", "waiting");
    sweep();
    sweep();
    runtime.move(ORDERS, "old", "complete");
    sweep();
    assertThat(toldOf("old"))
        .containsExactly("row running", "detail running", "detail waiting", "detail complete");
  }

  @Test
  void anEndWhoseDetailFailedIsFetchedLaterHoweverOld() throws InterruptedException {
    openProduction();
    runtime.create(ORDERS, "old", "complete");
    runtime.create(ORDERS, "older and gone", "complete");
    runtime.detailsFail(true);
    sweep();
    for (int i = 0; i < 30; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    sweep();
    runtime.detailsFail(false);
    runtime.remove(ORDERS, "older and gone");
    for (int i = 0; i < 6; i++) {
      sweep();
    }
    assertThat(toldOf("old")).containsExactly("row complete", "detail complete");
    assertThat(toldOf("older and gone")).containsExactly("row complete");
    assertThat(told()).noneMatch(each -> each.getVanished() != null);
    int asked = runtime.detailsAsked("older and gone");
    sweep();
    assertThat(runtime.detailsAsked("older and gone")).isEqualTo(asked);
  }

  @Test
  void aLiveRunThatProductionDoesNotFindTwiceVanishes() throws InterruptedException {
    openProduction();
    runtime.create(ORDERS, "order-1", "running");
    sweep();
    sweep();
    runtime.remove(ORDERS, "order-1");
    sweep();
    assertThat(toldOf("order-1")).doesNotContain("vanished");
    sweep();
    sweep();
    assertThat(toldOf("order-1")).containsExactly("row running", "detail running", "vanished");
    assertThat(runtime.detailsAsked("order-1")).isEqualTo(3);
  }

  @Test
  void theLiveRunsOfADeletedWorkflowVanish() throws InterruptedException {
    openProduction();
    runtime.deploy("refunds");
    runtime.create(ORDERS, "order-1", "running");
    runtime.create(ORDERS, "order-2", "complete");
    sweep();
    sweep();
    runtime.removeWorkflow(ORDERS);
    sweep();
    assertThat(toldOf("order-1")).doesNotContain("vanished");
    sweep();
    assertThat(toldOf("order-1")).containsExactly("row running", "detail running", "vanished");
    assertThat(toldOf("order-2")).containsExactly("row complete", "detail complete");
    assertThat(poller.known().live()).isZero();
  }

  @Test
  void aWorkflowMadeAnewHasNoneOfTheOldInstances() throws InterruptedException {
    openProduction();
    runtime.create(ORDERS, "order-1", "running");
    sweep();
    sweep();
    runtime.removeWorkflow(ORDERS);
    runtime.deploy(ORDERS);
    runtime.create(ORDERS, "order-2", "complete");
    sweep();
    sweep();
    assertThat(toldOf("order-1")).containsExactly("row running", "detail running", "vanished");
    assertThat(toldOf("order-2")).containsExactly("row complete", "detail complete");
  }

  @Test
  void whatEndedLongAgoIsForgottenAndNotToldAgain() throws InterruptedException {
    openProduction();
    runtime.create(ORDERS, "order-1", "complete");
    runtime.create(ORDERS, "order-2", "running");
    sweep();
    sweep();
    for (int i = 3; i < 6; i++) {
      runtime.pass(ListRowHandler.REMEMBERED.plus(INTERVAL));
      runtime.create(ORDERS, "order-" + i, "complete");
      sweep();
      sweep();
    }
    assertThat(recorded.stored().checkpoints())
        .extracting(Checkpoint::getInstanceId)
        .contains("order-2", "order-5")
        .doesNotContain("order-1");
    poll(recorded.stored());
    runtime.move(ORDERS, "order-2", "complete");
    sweep();
    sweep();
    assertThat(toldOf("order-1")).containsExactly("row complete", "detail complete");
    assertThat(toldOf("order-2")).contains("detail complete");
  }

  @Test
  void aForgottenOneThatLivesAgainIsANewLife() throws InterruptedException {
    openProduction();
    runtime.create(ORDERS, "order-1", "complete");
    sweep();
    long first = runs(0);
    for (int i = 2; i < 5; i++) {
      runtime.pass(ListRowHandler.REMEMBERED.plus(INTERVAL));
      runtime.create(ORDERS, "order-" + i, "complete");
      sweep();
      sweep();
    }
    assertThat(memory("order-1").isNew()).isTrue();
    runtime.restart(ORDERS, "order-1", "running");
    sweep();
    assertThat(toldOf("order-1")).last().isEqualTo("detail running");
    assertThat(told())
        .filteredOn(each -> each.getInstanceId().equals("order-1"))
        .extracting(Observation::getRun)
        .startsWith(first, first)
        .last()
        .isNotEqualTo(first);
  }

  @Test
  void clocksThatAreWrongByMinutesLoseNothing() throws InterruptedException {
    openProduction();
    int created = 0;
    for (int minutes : new int[] {0, 10, -10, 0, -10, 10}) {
      runtime.skew(Duration.ofMinutes(minutes));
      for (int i = 0; i < 4; i++) {
        runtime.create(ORDERS, "order-" + created++, "complete");
      }
      sweep();
    }
    sweep();
    for (int i = 0; i < created; i++) {
      assertThat(toldOf("order-" + i)).containsExactly("row complete", "detail complete");
    }
  }

  @Test
  void aRestartOfALiveRunIsToldApartByItsStart() throws InterruptedException {
    openProduction();
    runtime.create(ORDERS, "order-1", "running");
    sweep();
    sweep();
    runtime.restart(ORDERS, "order-1", "complete");
    sweep();
    sweep();
    assertThat(toldOf("order-1"))
        .containsExactlyInAnyOrder(
            "row running", "detail running", "row complete", "detail complete");
    assertThat(told())
        .filteredOn(each -> each.getInstanceId().equals("order-1"))
        .extracting(Observation::getRun)
        .containsExactly(runs(0), runs(0), runs(1), runs(1));
  }

  @Test
  void aWorkflowLeftOutTwiceIsDeletedAndMayComeBack() throws Exception {
    WorkflowRegistry registry = new WorkflowRegistry(runtime.account(), List.of());
    runtime.deploy("refunds");
    assertThat(listed(registry)).containsExactly("orders", "refunds");
    assertThat(listed(registry)).isEmpty();
    runtime.removeWorkflow("refunds");
    assertThat(listed(registry)).isEmpty();
    assertThat(listed(registry)).containsExactly("refunds deleted");
    assertThat(listed(registry)).isEmpty();
    runtime.deploy("refunds");
    assertThat(listed(registry)).containsExactly("refunds");
  }

  private List<String> listed(WorkflowRegistry registry) throws Exception {
    return registry
        .listed(
            runtime
                .workflows(runtime.budget().acquire(Priority.USUAL), Optional.empty())
                .map(page -> page.rows()),
            true)
        .stream()
        .peek(registry::published)
        .map(each -> each.getWorkflow() + (each.getDeletedAt() == null ? "" : " deleted"))
        .toList();
  }

  @Test
  void aSourceWithoutVersionsIsNotAskedAgainAtOnce() throws InterruptedException {
    sweep();
    sweep();
    assertThat(runtime.versionsAsked()).isEqualTo(1);
    assertThat(recorded.stored().versions()).isEmpty();
  }

  @Test
  void idsInStepNamesAreFoldedOnceAWorkflowHasShownTooMany() throws InterruptedException {
    runtime.shows(PollerTest::aStepForEach);
    for (int i = 0; i < 200; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    poller.runUntil(runtime.clock().instant().plus(Duration.ofHours(1)));
    for (int i = 0; i < 200; i++) {
      assertThat(stepsTold("order-" + i)).containsExactly("as named");
    }

    runtime.create(ORDERS, "order-200", "complete");
    poller.runUntil(runtime.clock().instant().plus(Duration.ofMinutes(1)));
    assertThat(stepsTold("order-200")).containsExactly("charge order {}");

    poll(recorded.stored());
    runtime.create(ORDERS, "order-201", "complete");
    poller.runUntil(runtime.clock().instant().plus(Duration.ofMinutes(1)));
    assertThat(stepsTold("order-201")).containsExactly("charge order {}");
  }

  private static ObservedSteps aStepForEach(String id) {
    Step step = new Step();
    step.setType("step");
    step.setName("charge " + id.replace('-', ' ') + "-1");
    step.setAttempts(List.of());
    return ObservedSteps.of(List.of(step));
  }

  private List<String> stepsTold(String id) {
    return told().stream()
        .filter(each -> each.getDetail() != null && each.getInstanceId().equals(id))
        .flatMap(each -> each.getDetail().getSteps().stream())
        .map(step -> Optional.ofNullable(step.getStep()).orElse("as named"))
        .toList();
  }
}
