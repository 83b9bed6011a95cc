package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.poll.DetailRequest.Why;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.schemas.observation.InstanceRow;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which detail goes first, and who pays for it. */
class DetailQueueTest {
  private static final String ORDERS = "orders";
  private static final double PER_SECOND = 2.8;

  private final LittleRuntime runtime = LittleRuntime.production();
  private final RecordingSink recorded = new RecordingSink();
  private final Asker asker = new Asker(runtime, recorded);

  private WorkflowState orders(String... ids) throws InterruptedException {
    runtime.deploy(ORDERS);
    for (String id : ids) {
      runtime.create(ORDERS, id, "running");
    }
    asker.sweep();
    return asker.planner().workflow(ORDERS);
  }

  private DetailRequest owed(WorkflowState workflow, String id, Why why, int endedBefore) {
    Instant end = runtime.clock().instant().minusSeconds(endedBefore);
    return new DetailRequest(workflow, id, why, end, Optional.empty());
  }

  @Test
  void anEndThatNothingToldGoesBeforeTheStepsOfOneThatIsTold() throws InterruptedException {
    WorkflowState workflow = orders("a", "b", "c", "d", "e");
    DetailQueue details = new DetailQueue(asker.context(), new StepTimes());
    details.enqueue(owed(workflow, "a", Why.COMPLETED, 500));
    details.enqueue(owed(workflow, "b", Why.TERMINATED, 400));
    details.enqueue(owed(workflow, "c", Why.ERRORED, 300));
    details.enqueue(owed(workflow, "d", Why.ABSENT, 10));
    details.enqueue(owed(workflow, "e", Why.ERRORED, 350));
    assertThat(details.urgent()).isTrue();
    assertThat(inOrder(details)).containsExactly("d", "e", "c", "b", "a");
  }

  @Test
  void aRowThatIsNotToldBeforeItsDetailDoesNotWaitForAllThatAreTold() throws InterruptedException {
    WorkflowState workflow = orders("a", "b", "c");
    DetailQueue details = new DetailQueue(asker.context(), new StepTimes());
    details.enqueue(owed(workflow, "a", Why.COMPLETED, 500));
    details.enqueue(owed(workflow, "b", Why.COMPLETED, 400));
    details.enqueue(owed(workflow, "c", Why.REBORN, 10));
    assertThat(inOrder(details)).containsExactly("c", "a", "b");
  }

  @Test
  void aRestartedRunThatEndsWhileItsRowWaitsGoesBeforeTheStepsOfThoseThatAreTold()
      throws InterruptedException {
    WorkflowState workflow = orders("a", "b");
    DetailQueue details = new DetailQueue(asker.context(), new StepTimes());
    details.enqueue(owed(workflow, "a", Why.ERRORED, 500));
    details.enqueue(held(workflow, "b", Why.REBORN, "running"));
    details.enqueue(held(workflow, "b", Why.COMPLETED, "complete"));
    assertThat(inOrder(details)).containsExactly("b", "a");
  }

  private DetailRequest held(WorkflowState workflow, String id, Why why, String status) {
    Instant now = runtime.clock().instant();
    ListedInstance row =
        new ListedInstance(
            id,
            status,
            Optional.of(now.minusSeconds(90)),
            Optional.of(now.minusSeconds(30)),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    return new DetailRequest(workflow, id, why, now, Optional.of(new ApiResponse<>(row, now, now)));
  }

  /** What is remembered and the counts agree then, so that nobody reads the row. */
  @Test
  void theSecondEndOfARunThatIsSampledOutIsToldByTheLookThatFindsIt() throws InterruptedException {
    WorkflowState workflow = orders();
    workflow.sampler.sampleOneOf(1_000_000);
    runtime.create(ORDERS, "order-1", "complete");
    asker.sweep();
    assertThat(workflow.memory("order-1").sampledOut()).isTrue();
    runtime.move(ORDERS, "order-1", "waiting");
    asker.sweep();
    asker.sweep();
    assertThat(recorded.of("order-1"))
        .containsExactly("row complete", "row waiting", "detail waiting");

    runtime.reopen(ORDERS, "order-1", "complete");
    ApiRequest<?> look =
        asker.planner().details().recheck(workflow, "order-1", runtime.clock().instant());
    asker.settle(asker.ask(look));

    assertThat(recorded.of("order-1"))
        .containsExactly("row complete", "row waiting", "detail waiting", "row complete");
    InstanceRow told = recorded.observations().get(recorded.observations().size() - 1).getRow();
    assertThat(told.getEndedOn()).isNotNull();
    assertThat(told.getStartedOn()).isNotNull();
  }

  private List<String> inOrder(DetailQueue details) throws InterruptedException {
    String[] order = new String[details.ready()];
    Arrays.setAll(order, any -> "");
    for (int i = 0; i < order.length; i++) {
      List<Integer> before = asked();
      asker.ask(details.next().orElseThrow());
      List<Integer> after = asked();
      for (int n = 0; n < after.size(); n++) {
        order[i] += after.get(n) > before.get(n) ? (char) ('a' + n) : "";
      }
    }
    return List.of(order);
  }

  private List<Integer> asked() {
    return List.of("a", "b", "c", "d", "e").stream().map(runtime::detailsAsked).toList();
  }

  @Test
  void whoIsFoundAliveIsPaidForByLooks() throws InterruptedException {
    WorkflowState workflow = orders("a", "b", "c", "d", "e");
    DetailQueue details = new DetailQueue(asker.context(), new StepTimes());
    LiveRechecks rechecks = new LiveRechecks(asker.context(), new StepTimes(), details);
    runtime.pass(Duration.ofHours(1));
    rechecks.plan(List.of(workflow), Duration.ofSeconds(10), PER_SECOND, runtime.clock().instant());
    assertThat(rechecks.ready(runtime.clock().instant(), PER_SECOND)).isTrue();
    for (String id : List.of("a", "b", "c", "d", "e")) {
      details.enqueue(owed(workflow, id, Why.ABSENT, 0));
      asker.ask(details.next().orElseThrow()).complete();
    }
    assertThat(rechecks.drain()).as("told at once that nothing was asked for").isZero();
    assertThat(rechecks.ready(runtime.clock().instant(), PER_SECOND)).isFalse();
    assertThat(rechecks.drain()).isEqualTo(5);
    runtime.pass(Duration.ofMinutes(1));
    assertThat(rechecks.ready(runtime.clock().instant(), PER_SECOND)).isTrue();
  }
}
