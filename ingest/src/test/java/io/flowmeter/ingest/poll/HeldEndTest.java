package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A row that says that a run ended, and waits for the detail that says which life ended. */
class HeldEndTest {
  private static final String ORDERS = "orders";

  private final LittleRuntime runtime = LittleRuntime.production();
  private final RecordingSink recorded = new RecordingSink();
  private final Asker asker = new Asker(runtime, recorded);

  @Test
  void sweepsMeanwhileDoNotLookForItAmongTheLiveOnes() throws InterruptedException {
    runtime.deploy(ORDERS);
    runtime.create(ORDERS, "order-1", "running");
    for (int i = 2; i < 9; i++) {
      runtime.create(ORDERS, "order-" + i, "complete");
    }
    asker.sweep();
    asker.sweep();
    runtime.restart(ORDERS, "order-1", "complete");
    ApiRequest.Settling detail = asker.onItsWay("a visit of " + ORDERS);
    assertThat(asker.planner().workflow(ORDERS).memory("order-1").live()).isTrue();
    asker.sweep();
    runtime.create(ORDERS, "order-9", "complete");
    int pages = runtime.pagesRead();
    asker.sweep();
    // The newest down to what is known; no list of the running ones, of which the counts tell none.
    assertThat(runtime.pagesRead() - pages).isEqualTo(2);
    asker.settle(detail);
    asker.sweep();
    assertThat(runtime.detailsAsked("order-1")).isEqualTo(2);
    assertThat(recorded.of("order-1"))
        .containsExactly("row running", "detail running", "row complete", "detail complete");
  }
}
