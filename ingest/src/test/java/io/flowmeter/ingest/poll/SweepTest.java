package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.ingest.RealParts;
import io.flowmeter.ingest.budget.Allowance;
import io.flowmeter.ingest.budget.Urgency;
import io.flowmeter.ingest.publish.Publisher;
import io.flowmeter.ingest.publish.Stored;
import io.flowmeter.ingest.publish.Units;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.SchemaRegistryException;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.SweepEnded;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sweeps over a source like the local runtime, one after the other, into a real broker. */
@ExtendWith(RealParts.class)
class SweepTest {
  private static final String ORDERS = "orders";

  private LittleRuntime runtime = LittleRuntime.local();
  private final ExecutorService visits = Executors.newFixedThreadPool(2);
  private Publisher publisher;
  private Polling polling;
  private KnownWorkflow workflow;

  @BeforeEach
  void open() {
    open(runtime);
  }

  private void open(LittleRuntime source) {
    runtime = source;
    publisher = new Publisher(RealParts.kafka(), runtime.account(), failure -> {});
    polling = polling(RealParts.registry(), 1_000);
    workflow = new KnownWorkflow(runtime.account(), ORDERS);
    runtime.deploy(ORDERS);
  }

  private Polling polling(SchemaRegistry registry, int visitsPerList) {
    PollSettings settings =
        new PollSettings(
            Duration.ofSeconds(2),
            2,
            new Looks(
                Duration.ofSeconds(2),
                Duration.ofSeconds(30),
                true,
                Duration.ofMinutes(1),
                Duration.ofDays(1)),
            visitsPerList,
            2,
            Allowance.unlimited(),
            Duration.ofMinutes(1),
            Duration.ofDays(1),
            Duration.ofMinutes(30));
    return new Polling(
        runtime, new Units(registry), publisher, visits, settings, new Tally(), () -> false);
  }

  @AfterEach
  void close() {
    publisher.close();
    visits.shutdownNow();
    assertThat(runtime.ghosts()).isEmpty();
  }

  private void sweep() throws InterruptedException {
    var list = runtime.workflows(runtime.budget().acquire(Urgency.USUAL), Optional.empty());
    new Sweep(polling, workflow).run(list.map(page -> page.rows().get(0)));
  }

  private List<Observation> told() throws InterruptedException {
    assertThat(publisher.flush(Duration.ofSeconds(30))).isTrue();
    return RealParts.observations(runtime.account());
  }

  private List<String> toldOf(String id) throws InterruptedException {
    return told().stream()
        .filter(each -> each.getInstanceId().equals(id))
        .map(
            each ->
                each.getRow() != null
                    ? "row " + each.getRow().getStatus()
                    : each.getVanished() != null
                        ? "vanished"
                        : "detail " + each.getDetail().getStatus())
        .toList();
  }

  private long runs(int life) {
    return workflow.memory("order-1").lives().known().get(life).run();
  }

  private List<SweepEnded> ends() throws InterruptedException {
    return told().stream()
        .map(Observation::getSweepEnded)
        .filter(end -> end != null && end.getPartition() == 0)
        .toList();
  }

  @Test
  void allPagesAreReadAndWhatDidNotChangeIsNotToldAgain() throws InterruptedException {
    for (int i = 0; i < 8; i++) {
      runtime.create(ORDERS, "order-" + i, "running");
    }
    sweep();
    sweep();
    assertThat(told()).filteredOn(each -> each.getSweepEnded() == null).hasSize(16);
    assertThat(ends()).extracting(SweepEnded::getSweep).containsExactly(1L);
    assertThat(ends().get(0).getReportedBefore()).containsEntry("running", 8L);
    assertThat(ends().get(0).getComplete()).isTrue();
  }

  @Test
  void rowsThatPagesRepeatAreHarmless() throws InterruptedException {
    for (int i = 0; i < 8; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    runtime.pagesShift();
    sweep();
    assertThat(told()).filteredOn(each -> each.getSweepEnded() == null).hasSize(16);
  }

  @Test
  void anEndIsToldAfterAMinuteEvenWhereNothingChanged() throws InterruptedException {
    sweep();
    runtime.pass(Duration.ofSeconds(30));
    sweep();
    runtime.pass(Duration.ofSeconds(31));
    sweep();
    assertThat(ends()).extracting(SweepEnded::getSweep).containsExactly(1L, 2L);
  }

  @Test
  void aLiveRunAbsentFromTwoWholeListsVanishes() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "running");
    runtime.create(ORDERS, "order-2", "complete");
    sweep();
    runtime.remove(ORDERS, "order-1");
    runtime.remove(ORDERS, "order-2");
    sweep();
    assertThat(toldOf("order-1")).doesNotContain("vanished");
    sweep();
    sweep();
    assertThat(toldOf("order-1")).containsExactly("row running", "detail running", "vanished");
    assertThat(toldOf("order-2")).containsExactly("row complete", "detail complete");
    assertThat(
            Stored.read(RealParts.kafka(), RealParts.registry(), runtime.account()).checkpoints())
        .extracting(Checkpoint::getInstanceId)
        .doesNotContain("order-2");
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
    assertThat(ends()).last().extracting(SweepEnded::getComplete).isEqualTo(false);
    runtime.pagesFail(false);
    sweep();
    assertThat(ends()).last().extracting(SweepEnded::getComplete).isEqualTo(true);
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
    told();
    KnownWorkflow again = new KnownWorkflow(runtime.account(), ORDERS);
    Stored.read(RealParts.kafka(), RealParts.registry(), runtime.account())
        .checkpoints()
        .forEach(again::restore);
    workflow = again;
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
    assertThat(ends()).last().extracting(SweepEnded::getComplete).isEqualTo(false);
    runtime.detailsFail(false);
    sweep();
    assertThat(toldOf("order-1")).containsExactly("row complete", "detail complete");
  }

  @Test
  void aVisitThatBreaksMakesTheSweepIncompleteAndIsDoneAgain() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "complete");
    runtime.detailsBreak(true);
    sweep();
    assertThat(ends()).last().extracting(SweepEnded::getComplete).isEqualTo(false);
    runtime.detailsBreak(false);
    sweep();
    assertThat(toldOf("order-1")).containsExactly("row complete", "detail complete");
    assertThat(ends()).last().extracting(SweepEnded::getComplete).isEqualTo(true);
  }

  @Test
  void whatCouldNotBeEncodedIsNotRememberedAsTold() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "complete");
    Polling able = polling;
    try (SchemaRegistry away = SchemaRegistry.confluent("http://127.0.0.1:1")) {
      polling = polling(away, 1_000);
      assertThatThrownBy(this::sweep).isInstanceOf(SchemaRegistryException.class);
    }
    polling = able;
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

  private void openProduction() {
    publisher.close();
    open(LittleRuntime.production());
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
    assertThat(runtime.pagesRead()).isEqualTo(11);
    for (int i = 30; i < 35; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    sweep();
    assertThat(runtime.pagesRead()).isEqualTo(14);
    assertThat(workflow.instances).hasSize(35);
    assertThat(told()).filteredOn(each -> each.getSweepEnded() == null).hasSize(70);
  }

  @Test
  void productionIsReadToTheEndAgainWhereAPageWasMissing() throws InterruptedException {
    openProduction();
    for (int i = 0; i < 30; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    runtime.pagesFail(true);
    sweep();
    assertThat(workflow.instances).hasSize(3);
    runtime.pagesFail(false);
    sweep();
    assertThat(workflow.instances).hasSize(30);
    assertThat(ends()).extracting(SweepEnded::getComplete).containsExactly(false, true);
  }

  @Test
  void liveOnesAreListedByTheirStatusHoweverOld() throws InterruptedException {
    openProduction();
    runtime.create(ORDERS, "old", "running");
    for (int i = 0; i < 30; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    sweep();
    runtime.move(ORDERS, "old", "waiting");
    sweep();
    runtime.move(ORDERS, "old", "complete");
    sweep();
    assertThat(toldOf("old"))
        .containsExactly(
            "row running", "detail running", "row waiting", "detail waiting", "detail complete");
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
    for (int i = 0; i < 4; i++) {
      sweep();
    }
    assertThat(toldOf("old")).containsExactly("row complete", "detail complete");
    assertThat(toldOf("older and gone")).containsExactly("row complete");
    assertThat(runtime.detailsAsked("older and gone")).isEqualTo(4);
    assertThat(told()).noneMatch(each -> each.getVanished() != null);
  }

  @Test
  void aLiveRunThatProductionDoesNotFindTwiceVanishes() throws InterruptedException {
    openProduction();
    runtime.create(ORDERS, "order-1", "running");
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
  void manyThatEndTogetherDoNotHoldUpOneSweep() throws InterruptedException {
    openProduction();
    for (int i = 0; i < 8; i++) {
      runtime.create(ORDERS, "old-" + i, "running");
    }
    for (int i = 0; i < 6; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    sweep();
    for (int i = 0; i < 8; i++) {
      runtime.move(ORDERS, "old-" + i, "complete");
    }
    polling = polling(RealParts.registry(), 5);
    sweep();
    assertThat(workflow.live()).hasSize(3);
    assertThat(ends()).last().extracting(SweepEnded::getComplete).isEqualTo(false);
    sweep();
    assertThat(workflow.live()).isEmpty();
    assertThat(ends()).last().extracting(SweepEnded::getComplete).isEqualTo(true);
  }

  @Test
  void aWorkflowLeftOutTwiceIsDeletedAndMayComeBack() throws InterruptedException {
    Directory directory = new Directory(runtime.account(), List.of());
    runtime.deploy("refunds");
    assertThat(listed(directory)).containsExactly("orders", "refunds");
    assertThat(listed(directory)).isEmpty();
    runtime.removeWorkflow("refunds");
    assertThat(listed(directory)).isEmpty();
    assertThat(listed(directory)).containsExactly("refunds deleted");
    assertThat(listed(directory)).isEmpty();
    runtime.deploy("refunds");
    assertThat(listed(directory)).containsExactly("refunds");
  }

  private List<String> listed(Directory directory) throws InterruptedException {
    return directory
        .listed(
            runtime
                .workflows(runtime.budget().acquire(Urgency.USUAL), Optional.empty())
                .map(page -> page.rows()))
        .stream()
        .map(each -> each.getWorkflow() + (each.getDeletedAt() == null ? "" : " deleted"))
        .toList();
  }

  @Test
  void aSourceWithoutVersionsIsNotAskedAgainAtOnce() throws InterruptedException {
    new VersionListing(polling, workflow).run(runtime.pass(Duration.ZERO));
    assertThat(workflow.versionsListedAt).isPresent();
    assertThat(RealParts.committed(Topics.VERSIONS, runtime.account())).isEmpty();
  }
}
