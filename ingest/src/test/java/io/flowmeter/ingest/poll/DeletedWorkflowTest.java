package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.publish.CheckpointSnapshot;
import io.flowmeter.ingest.source.ObservedSteps;
import io.flowmeter.ingest.telemetry.LossReason;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.Step;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is owed of a workflow that is deleted or made anew. */
class DeletedWorkflowTest {
  private static final String ORDERS = "orders";
  private final LittleRuntime runtime = LittleRuntime.production();
  private final RecordingSink recorded = new RecordingSink();
  private final Asker asker = new Asker(runtime, recorded);

  @BeforeEach
  void deploy() {
    runtime.deploy(ORDERS);
    runtime.deploy("refunds");
  }

  private long lost() {
    return asker.telemetry().totals().lost().getOrDefault(LossReason.VANISHED, 0L);
  }

  private WorkflowState orders() {
    return asker.planner().workflow(ORDERS);
  }

  private void assertThatNothingIsOwed() throws InterruptedException {
    assertThat(asker.planner().details().size()).isZero();
    assertThat(orders().pending).isZero();
    assertThat(asker.telemetry().totals().known())
        .isEqualTo(
            asker.telemetry().totals().fetched()
                + asker.telemetry().totals().lost().values().stream()
                    .mapToLong(Long::longValue)
                    .sum());
    int asked = runtime.asked().size();
    for (int i = 0; i < 5; i++) {
      asker.sweep();
    }
    assertThat(runtime.asked().subList(asked, runtime.asked().size())).doesNotContain("detail");
  }

  @Test
  void endsThatAreOwedWhenAWorkflowIsDeletedAreLost() throws InterruptedException {
    asker.sweep();
    runtime.create(ORDERS, "told", "complete");
    runtime.create(ORDERS, "row told", "errored");
    runtime.createQueued(ORDERS, "row held", "complete", Duration.ofMinutes(1));
    runtime.detailFails("row told", true);
    runtime.detailFails("row held", true);
    asker.sweep();
    runtime.removeWorkflow(ORDERS);
    asker.sweep();
    assertThat(lost()).isZero();
    asker.sweep();
    assertThat(recorded.of("told")).containsExactly("row complete", "detail complete");
    assertThat(recorded.of("row told")).containsExactly("row errored");
    assertThat(recorded.of("row held")).containsExactly("row complete");
    assertThat(lost()).isEqualTo(2);
    assertThatNothingIsOwed();
    asker.start(recorded.stored());
    assertThatNothingIsOwed();
  }

  @Test
  void aDetailOnItsWayWhenAWorkflowIsDeletedIsLostAndNotAskedForAgain()
      throws InterruptedException {
    asker.sweep();
    runtime.create(ORDERS, "order-1", "errored");
    runtime.detailFails("order-1", true);
    ApiRequest.Settling late = asker.onItsWay("a visit of " + ORDERS);
    runtime.removeWorkflow(ORDERS);
    asker.sweep();
    asker.sweep();
    assertThat(lost()).isEqualTo(1);
    asker.settle(late);
    assertThatNothingIsOwed();
  }

  @Test
  void aDetailThatComesTooLateIsNeitherToldNorCounted() throws InterruptedException {
    asker.sweep();
    runtime.create(ORDERS, "order-1", "errored");
    ApiRequest.Settling late = asker.onItsWay("a visit of " + ORDERS);
    runtime.removeWorkflow(ORDERS);
    asker.sweep();
    asker.sweep();
    asker.settle(late);
    assertThat(recorded.of("order-1")).containsExactly("row errored");
    assertThat(asker.telemetry().totals().fetched()).isZero();
    assertThatNothingIsOwed();
  }

  @Test
  void aPageThatComesTooLateMakesNothingLiveAgain() throws InterruptedException {
    asker.sweep();
    runtime.create(ORDERS, "order-1", "running");
    ApiRequest.Settling late = asker.onItsWay("a page of " + ORDERS);
    runtime.removeWorkflow(ORDERS);
    asker.sweep();
    asker.sweep();
    asker.settle(late);
    assertThat(orders().live()).isZero();
    assertThatNothingIsOwed();
  }

  @Test
  void aWorkflowMadeAnewOwesOfItsOwnInstancesOnly() throws InterruptedException {
    asker.sweep();
    runtime.create(ORDERS, "order-1", "errored");
    runtime.detailFails("order-1", true);
    ApiRequest.Settling late = asker.onItsWay("a visit of " + ORDERS);
    runtime.removeWorkflow(ORDERS);
    runtime.deploy(ORDERS);
    runtime.detailFails("order-1", false);
    runtime.create(ORDERS, "order-1", "complete");
    asker.sweep();
    asker.settle(late);
    asker.sweep();
    assertThat(lost()).isEqualTo(1);
    assertThat(asker.telemetry().totals().fetched()).isEqualTo(1);
    assertThat(recorded.of("order-1"))
        .containsExactly("row errored", "row complete", "detail complete");
    assertThatNothingIsOwed();
  }

  @Test
  void aWorkflowMadeAnewIsKnownByItsCreationWhereItsIdIsMissing() throws InterruptedException {
    runtime.hideWorkflowIds();
    runtime.create(ORDERS, "order-1", "running");
    asker.sweep();
    runtime.removeWorkflow(ORDERS);
    runtime.deploy(ORDERS);
    runtime.create(ORDERS, "order-2", "running");
    asker.sweep();
    assertThat(recorded.of("order-1")).containsExactly("row running", "vanished");
    assertThat(recorded.of("order-2")).containsExactly("row running");
  }

  @Test
  void aWorkflowMadeAnewIsGoneOnceWhateverProcessFindsIt() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "complete");
    asker.sweep();
    runtime.removeWorkflow(ORDERS);
    runtime.deploy(ORDERS);
    runtime.create(ORDERS, "order-2", "running");
    asker.sweep();
    asker.start(recorded.stored());
    asker.sweep();
    asker.sweep();
    assertThat(recorded.of("order-2")).doesNotContain("vanished");
    assertThat(orders().live()).isEqualTo(1);
  }

  @Test
  void aWorkflowIsNotTakenForDeletedWhereRowsOfTheListAreOfNoUse() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "running");
    asker.sweep();
    runtime.showsUnusable(ORDERS);
    for (int i = 0; i < 5; i++) {
      asker.sweep();
    }
    assertThat(recorded.of("order-1")).doesNotContain("vanished");
    assertThat(asker.context().stats().lastProblem().orElseThrow()).contains("1 rows");
  }

  private List<String> rememberedIds() {
    return recorded.stored().checkpoints().stream()
        .filter(each -> each.getWorkflow().equals(ORDERS))
        .map(Checkpoint::getInstanceId)
        .toList();
  }

  private void deleteAndForget() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "complete");
    runtime.create(ORDERS, "order-2", "errored");
    runtime.create(ORDERS, "order-3", "running");
    asker.sweep();
    runtime.detailFails("order-4", true);
    runtime.create(ORDERS, "order-4", "errored");
    asker.sweep();
    runtime.removeWorkflow(ORDERS);
    asker.sweep();
    asker.sweep();
    assertThat(rememberedIds()).contains("order-1", "order-2", "order-3", "order-4");
    runtime.pass(ListRowHandler.REMEMBERED);
  }

  @Test
  void ofAWorkflowThatWasDeletedLongAgoOnlyTheNumberOfItsSweepsIsRemembered()
      throws InterruptedException {
    Step charge = new Step();
    charge.setName("charge");
    charge.setType("step");
    charge.setAttempts(List.of());
    runtime.shows(id -> ObservedSteps.of(List.of(charge)));
    deleteAndForget();
    assertThat(rememberedIds()).as("steps, too").filteredOn(String::isEmpty).hasSize(2);
    asker.sweep();
    assertThat(rememberedIds()).containsExactly("");
    assertThat(asker.planner().knows(ORDERS)).isFalse();
  }

  @Test
  void itIsForgottenByAProcessThatStartsAfterwardsToo() throws InterruptedException {
    deleteAndForget();
    asker.start(recorded.stored());
    asker.sweep();
    assertThat(rememberedIds()).containsExactly("");
    assertThat(asker.planner().knows(ORDERS)).isFalse();
  }

  @Test
  void oneOfTheSameNameAsAForgottenOneIsToldFromItsBeginning() throws InterruptedException {
    deleteAndForget();
    long sweeps = orders().sweep;
    asker.sweep();
    runtime.deploy(ORDERS);
    runtime.detailFails("order-4", false);
    runtime.create(ORDERS, "order-1", "complete");
    runtime.create(ORDERS, "order-4", "running");
    asker.sweep();
    asker.sweep();
    assertThat(recorded.of("order-1"))
        .containsExactly("row complete", "detail complete", "row complete", "detail complete");
    assertThat(recorded.of("order-4")).startsWith("row errored", "row running");
    assertThat(
            recorded.observations().stream()
                .filter(each -> each.getInstanceId().equals("order-1"))
                .map(Observation::getRun)
                .distinct())
        .hasSize(2);
    assertThat(orders().sweep).isGreaterThan(sweeps);
  }

  @Test
  void aWorkflowMadeAnewWhileNobodyPolledIsKnownByWhatWasToldOfIt() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "running");
    asker.sweep();
    CheckpointSnapshot all = recorded.stored();
    // No sweep's end was told yet: nothing but the workflow's own record has the id.
    CheckpointSnapshot snapshot =
        new CheckpointSnapshot(
            all.checkpoints().stream().filter(each -> !each.getInstanceId().isEmpty()).toList(),
            all.workflows(),
            all.versions());
    assertThat(snapshot.checkpoints()).extracting(Checkpoint::getInstanceId).contains("order-1");
    runtime.removeWorkflow(ORDERS);
    runtime.deploy(ORDERS);
    asker.start(snapshot);
    asker.sweep();
    assertThat(recorded.of("order-1")).last().isEqualTo("vanished");
  }
}
