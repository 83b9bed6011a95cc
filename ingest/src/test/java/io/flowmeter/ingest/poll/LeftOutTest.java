package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.telemetry.LossReason;
import io.flowmeter.ingest.telemetry.Totals;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** More runs error than the budget can fetch; here two details may wait. */
class LeftOutTest {
  private static final String ORDERS = "orders";
  private static final int RUNS = 3;

  private final LittleRuntime runtime = LittleRuntime.production();
  private final RecordingSink recorded = new RecordingSink();
  private final Asker asker = new Asker(runtime, recorded);

  @BeforeEach
  void deploy() throws InterruptedException {
    runtime.deploy(ORDERS);
    asker.sweep();
  }

  private void leaveOut() throws InterruptedException {
    asker.planner().details().leaveOutBeyond(2);
  }

  private long leftOut() {
    return asker.telemetry().totals().lost().get(LossReason.SAMPLED_OUT);
  }

  private void assertThatAllIsCounted() {
    Totals totals = asker.telemetry().totals();
    assertThat(totals.known()).isEqualTo(RUNS);
    assertThat(totals.fetched() + leftOut()).isEqualTo(RUNS);
    assertThat(asker.planner().workflow(ORDERS).pending).isZero();
  }

  @Test
  void whoEndedFirstIsToldByItsRowAndNeverFetched() throws InterruptedException {
    // How long it was queued leaves open what life its row speaks of, so that this waits, too.
    runtime.createQueued(ORDERS, "held", "errored", Duration.ofMinutes(1));
    runtime.create(ORDERS, "second", "errored");
    runtime.create(ORDERS, "third", "terminated");
    asker.settle(asker.onItsWay("a page of " + ORDERS));
    assertThat(recorded.of("held")).isEmpty();
    leaveOut();
    assertThat(asker.planner().details().size()).isEqualTo(2);
    asker.sweep();
    asker.sweep();
    assertThat(recorded.of("held")).containsExactly("row errored");
    assertThat(recorded.of("second")).containsExactly("row errored", "detail errored");
    assertThat(recorded.of("third")).containsExactly("row terminated", "detail terminated");
    assertThat(leftOut()).isEqualTo(1);
    assertThatAllIsCounted();
    asker.start(recorded.stored());
    asker.sweep();
    assertThat(runtime.detailsAsked("held")).isZero();
  }

  @Test
  void whatFailsForLongIsLeftOutToo() throws InterruptedException {
    for (int i = 0; i < RUNS; i++) {
      runtime.create(ORDERS, "order-" + i, "errored");
    }
    runtime.detailsFail(true);
    asker.sweep();
    asker.sweep();
    leaveOut();
    assertThat(asker.planner().details().size()).isEqualTo(2);
    runtime.detailsFail(false);
    runtime.pass(Duration.ofHours(1));
    asker.sweep();
    assertThat(asker.telemetry().totals().fetched()).isEqualTo(2);
    assertThatAllIsCounted();
  }

  @Test
  void whoLivesAnewIsFetchedLikeAnyOther() throws InterruptedException {
    for (int i = 0; i < RUNS; i++) {
      runtime.create(ORDERS, "order-" + i, "errored");
    }
    asker.settle(asker.onItsWay("a page of " + ORDERS));
    leaveOut();
    asker.sweep();
    assertThat(recorded.of("order-0")).containsExactly("row errored");
    runtime.restart(ORDERS, "order-0", "errored");
    runtime.create(ORDERS, "newest", "complete");
    runtime.pass(Duration.ofMinutes(1));
    asker.sweep();
    asker.sweep();
    assertThat(recorded.of("order-0")).endsWith("detail errored");
  }

  @Test
  void nobodyIsLeftOutWhileNotTooManyWait() throws InterruptedException {
    runtime.create(ORDERS, "order-1", "errored");
    asker.settle(asker.onItsWay("a page of " + ORDERS));
    leaveOut();
    asker.sweep();
    assertThat(recorded.of("order-1")).containsExactly("row errored", "detail errored");
  }
}
