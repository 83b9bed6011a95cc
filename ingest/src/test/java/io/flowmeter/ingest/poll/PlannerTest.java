package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A planner whose answers are taken in when the test says so. */
class PlannerTest {
  private static final String ORDERS = "orders";
  private static final String PARCELS = "parcels";

  private final LittleRuntime runtime = LittleRuntime.production();
  private final Heard heard = new Heard();
  private final Asker asker = new Asker(runtime, heard);

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
    Question.Settling look = asker.ask();
    assertThat(runtime.detailsAsked("order-1")).isEqualTo(before + 1);
    runtime.move(ORDERS, "order-1", "complete");
    asker.sweep();
    asker.settle(look);
    asker.sweep();
    assertThat(heard.of("order-1")).endsWith("row complete", "detail complete");
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
    Question.Settling first = asker.onItsWay("a page of ");
    asker.settle(first);
    assertThat(heard.of("parcel-2")).containsExactly("row waiting");
    assertThat(heard.of("order-250")).isEmpty();
  }
}
