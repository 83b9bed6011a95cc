package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A planner whose answers are taken in when the test says so. */
class PlannerTest {
  private static final String ORDERS = "orders";
  private static final String PARCELS = "parcels";
  private static final double PER_SECOND = 2.8;

  private final LittleRuntime runtime = LittleRuntime.production();
  private final RecordingSink recorded = new RecordingSink();
  private final Asker asker = new Asker(runtime, recorded);

  @Test
  void aRowThatIsLeftToADetailAskedForBeforeIsReadAgain() throws InterruptedException {
    asker.planner().granted(Double.POSITIVE_INFINITY);
    runtime.deploy(ORDERS);
    runtime.create(ORDERS, "order-1", "running");
    asker.askAll();
    runtime.pass(Duration.ofMinutes(2));
    // The list plans a look; that is answered, and taken in late.
    asker.settle(asker.ask());
    int before = runtime.detailsAsked("order-1");
    ApiRequest.Settling look = asker.ask();
    assertThat(runtime.detailsAsked("order-1")).isEqualTo(before + 1);
    runtime.move(ORDERS, "order-1", "complete");
    asker.sweep();
    asker.settle(look);
    asker.sweep();
    assertThat(recorded.of("order-1")).endsWith("row complete", "detail complete");
  }

  @Test
  void theShortestListIsReadFirst() throws InterruptedException {
    runtime.deploy(ORDERS);
    runtime.deploy(PARCELS);
    for (int i = 0; i < 250; i++) {
      runtime.create(ORDERS, "order-" + i, "waiting");
    }
    runtime.create(PARCELS, "parcel-1", "waiting");
    asker.sweep();
    runtime.create(ORDERS, "order-250", "waiting");
    runtime.create(PARCELS, "parcel-2", "waiting");
    ApiRequest.Settling first = asker.onItsWay("a page of ");
    asker.settle(first);
    assertThat(recorded.of("parcel-2")).containsExactly("row waiting");
    assertThat(recorded.of("order-250")).isEmpty();
  }

  @Test
  void whereManyWorkflowsAreSweptOneListInTenIsOfVersions() throws InterruptedException {
    for (int i = 0; i < 100; i++) {
      runtime.deploy(ORDERS + i);
      runtime.create(ORDERS + i, "order", "running");
    }
    runtime.pass(Duration.ofSeconds(10));
    for (int i = 0; i < 51; i++) {
      asker.settle(asker.ask());
    }
    assertThat(runtime.versionsAsked()).isBetween(4, 6);
    assertThat(runtime.pagesRead()).isGreaterThan(43);
    asker.askAll();
    assertThat(runtime.versionsAsked()).isEqualTo(100);
  }

  @Test
  void whatIsMadeWhileALargeWorkflowIsReadByStatusIsToldBeforeThatIsOver()
      throws InterruptedException {
    sweepALargeWorkflow();
    runtime.move(ORDERS, "order-9", "complete");
    runtime.pass(Pacing.AIM);
    asker.settle(asker.onItsWay("a page of "));
    readTheNewestAgain("new");
    assertThat(recorded.of("order-9")).doesNotContain("detail complete");
    asker.askAll();
    assertThat(recorded.of("order-9")).endsWith("detail complete");
    assertThat(recorded.of("new")).startsWith("row running");
  }

  /** Its counts do not tell, and the next list may not show it any more. */
  @Test
  void whatEndedAnewWhileALargeWorkflowIsReadByStatusIsToldByTheNewestThatAreReadAgain()
      throws InterruptedException {
    sweepALargeWorkflow();
    runtime.create(ORDERS, "last", "complete");
    runtime.pass(Pacing.AIM);
    asker.sweep();
    assertThat(recorded.of("last")).containsExactly("row complete", "detail complete");
    runtime.move(ORDERS, "order-9", "complete");
    runtime.pass(Pacing.AIM);
    asker.settle(asker.onItsWay("a page of "));
    readTheNewestAgain("new");
    runtime.reopen(ORDERS, "last", "complete");
    readTheNewestAgain("newer");
    assertThat(recorded.of("order-9")).as("goes on").doesNotContain("detail complete");
    assertThat(recorded.of("last")).startsWith("row complete", "detail complete", "row complete");
  }

  private void sweepALargeWorkflow() throws InterruptedException {
    runtime.tellsTriggered();
    runtime.deploy(ORDERS);
    for (int i = 0; i < 250; i++) {
      runtime.create(ORDERS, "order-" + i, "waiting");
    }
    asker.planner().granted(PER_SECOND);
    for (int i = 0; i < 3; i++) {
      runtime.pass(Pacing.AIM);
      asker.sweep();
    }
  }

  private void readTheNewestAgain(String made) throws InterruptedException {
    runtime.create(ORDERS, made, "running");
    runtime.pass(Pacing.LONGEST);
    for (int i = 0; i < 10; i++) {
      asker.settle(asker.ask());
    }
    assertThat(recorded.of(made)).containsExactly("row running");
  }
}
