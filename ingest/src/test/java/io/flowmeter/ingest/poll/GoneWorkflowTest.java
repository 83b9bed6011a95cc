package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.budget.Urgency;
import io.flowmeter.ingest.publish.Stored;
import io.flowmeter.ingest.telemetry.Loss;
import io.flowmeter.ingest.telemetry.Telemetry;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is owed of a workflow that is deleted or made anew. Question by question. */
class GoneWorkflowTest {
  private static final String ORDERS = "orders";
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final LittleRuntime runtime = LittleRuntime.production();
  private final Heard heard = new Heard();
  private Telemetry telemetry;
  private Planner planner;

  @BeforeEach
  void open() {
    runtime.deploy(ORDERS);
    runtime.deploy("refunds");
    start(Stored.NOTHING);
  }

  /** A process starts. */
  private void start(Stored stored) {
    telemetry = new Telemetry(runtime.clock());
    planner =
        new Planner(
            new Polling(
                runtime.account(),
                runtime.traits(),
                PollSettings.production(INTERVAL, 1),
                heard,
                telemetry,
                new Tally(),
                runtime.clock(),
                () -> false),
            stored);
  }

  /** One list of the workflows, and all that follows from it. */
  private void sweep() throws InterruptedException {
    runtime.pass(INTERVAL);
    for (Optional<Question<?>> question = next(); question.isPresent(); question = next()) {
      settle(ask(question.get()));
    }
  }

  private Optional<Question<?>> next() throws InterruptedException {
    return planner.next(runtime.clock().instant());
  }

  private Question.Settling ask(Question<?> question) throws InterruptedException {
    return question.ask(runtime, runtime.budget().acquire(Urgency.USUAL));
  }

  private void settle(Question.Settling answer) throws InterruptedException {
    answer.settle();
    planner.settled();
  }

  /** Asks what is due until an answer to such a question is there, which is not taken in. */
  private Question.Settling onItsWay(String what) throws InterruptedException {
    runtime.pass(INTERVAL);
    while (true) {
      Question<?> question = next().orElseThrow();
      Question.Settling answer = ask(question);
      if (question.what().startsWith(what)) {
        return answer;
      }
      settle(answer);
    }
  }

  private long lost() {
    return telemetry.totals().lost().getOrDefault(Loss.VANISHED, 0L);
  }

  private KnownWorkflow orders() {
    return planner.workflow(ORDERS);
  }

  private void assertThatNothingIsOwed() throws InterruptedException {
    assertThat(planner.details().size()).isZero();
    assertThat(orders().pending).isZero();
    assertThat(telemetry.totals().known())
        .isEqualTo(
            telemetry.totals().fetched()
                + telemetry.totals().lost().values().stream().mapToLong(Long::longValue).sum());
    int asked = runtime.asked().size();
    for (int i = 0; i < 5; i++) {
      sweep();
    }
    assertThat(runtime.asked().subList(asked, runtime.asked().size())).doesNotContain("detail");
  }

  @Test
  void endsThatAreOwedWhenAWorkflowIsDeletedAreLost() throws InterruptedException {
    sweep();
    runtime.create(ORDERS, "told", "complete");
    runtime.create(ORDERS, "row told", "errored");
    runtime.createQueued(ORDERS, "row held", "complete", Duration.ofMinutes(1));
    runtime.detailFails("row told", true);
    runtime.detailFails("row held", true);
    sweep();
    runtime.removeWorkflow(ORDERS);
    sweep();
    assertThat(lost()).isZero();
    sweep();
    assertThat(heard.of("told")).containsExactly("row complete", "detail complete");
    assertThat(heard.of("row told")).containsExactly("row errored");
    assertThat(heard.of("row held")).containsExactly("row complete");
    assertThat(lost()).isEqualTo(2);
    assertThatNothingIsOwed();
    start(heard.stored());
    assertThatNothingIsOwed();
  }

  @Test
  void aDetailOnItsWayWhenAWorkflowIsDeletedIsLostAndNotAskedForAgain()
      throws InterruptedException {
    sweep();
    runtime.create(ORDERS, "order-1", "errored");
    runtime.detailFails("order-1", true);
    Question.Settling late = onItsWay("a visit of " + ORDERS);
    runtime.removeWorkflow(ORDERS);
    sweep();
    sweep();
    assertThat(lost()).isEqualTo(1);
    settle(late);
    assertThatNothingIsOwed();
  }

  @Test
  void aDetailThatComesTooLateIsNeitherToldNorCounted() throws InterruptedException {
    sweep();
    runtime.create(ORDERS, "order-1", "errored");
    Question.Settling late = onItsWay("a visit of " + ORDERS);
    runtime.removeWorkflow(ORDERS);
    sweep();
    sweep();
    settle(late);
    assertThat(heard.of("order-1")).containsExactly("row errored");
    assertThat(telemetry.totals().fetched()).isZero();
    assertThatNothingIsOwed();
  }

  @Test
  void aPageThatComesTooLateMakesNothingLiveAgain() throws InterruptedException {
    sweep();
    runtime.create(ORDERS, "order-1", "running");
    Question.Settling late = onItsWay("a page of " + ORDERS);
    runtime.removeWorkflow(ORDERS);
    sweep();
    sweep();
    settle(late);
    assertThat(orders().live()).isZero();
    assertThatNothingIsOwed();
  }

  @Test
  void aWorkflowMadeAnewOwesOfItsOwnInstancesOnly() throws InterruptedException {
    sweep();
    runtime.create(ORDERS, "order-1", "errored");
    runtime.detailFails("order-1", true);
    Question.Settling late = onItsWay("a visit of " + ORDERS);
    runtime.removeWorkflow(ORDERS);
    runtime.deploy(ORDERS);
    runtime.detailFails("order-1", false);
    runtime.create(ORDERS, "order-1", "complete");
    sweep();
    settle(late);
    sweep();
    assertThat(lost()).isEqualTo(1);
    assertThat(telemetry.totals().fetched()).isEqualTo(1);
    assertThat(heard.of("order-1"))
        .containsExactly("row errored", "row complete", "detail complete");
    assertThatNothingIsOwed();
  }

  @Test
  void aWorkflowMadeAnewIsKnownByItsCreationWhereItsIdIsMissing() throws InterruptedException {
    runtime.hideWorkflowIds();
    runtime.create(ORDERS, "order-1", "running");
    sweep();
    runtime.removeWorkflow(ORDERS);
    runtime.deploy(ORDERS);
    runtime.create(ORDERS, "order-2", "running");
    sweep();
    assertThat(heard.of("order-1")).containsExactly("row running", "vanished");
    assertThat(heard.of("order-2")).containsExactly("row running");
  }

  @Test
  void aWorkflowMadeAnewIsGoneOnceWhateverProcessFindsIt() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "complete");
    sweep();
    runtime.removeWorkflow(ORDERS);
    runtime.deploy(ORDERS);
    runtime.create(ORDERS, "order-2", "running");
    sweep();
    start(heard.stored());
    sweep();
    sweep();
    assertThat(heard.of("order-2")).doesNotContain("vanished");
    assertThat(orders().live()).isEqualTo(1);
  }

  @Test
  void aWorkflowMadeAnewWhileNobodyPolledIsKnownByWhatWasToldOfIt() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "running");
    sweep();
    Stored all = heard.stored();
    // No sweep's end was told yet: nothing but the workflow's own record has the id.
    Stored stored =
        new Stored(
            all.checkpoints().stream().filter(each -> !each.getInstanceId().isEmpty()).toList(),
            all.workflows(),
            all.versions());
    assertThat(stored.checkpoints()).extracting(Checkpoint::getInstanceId).contains("order-1");
    runtime.removeWorkflow(ORDERS);
    runtime.deploy(ORDERS);
    start(stored);
    sweep();
    assertThat(heard.of("order-1")).last().isEqualTo("vanished");
  }
}
