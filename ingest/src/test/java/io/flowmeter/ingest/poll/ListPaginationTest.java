package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.publish.CheckpointSnapshot;
import io.flowmeter.ingest.publish.RecordEncoder.SweepEnd;
import io.flowmeter.ingest.telemetry.Telemetry;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lists whose pages fail, show nothing or lead round. A page has three rows here. */
class ListPaginationTest {
  private static final String ORDERS = "orders";
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final LittleRuntime runtime = LittleRuntime.production();
  private final RecordingSink recorded = new RecordingSink();
  private final Telemetry telemetry = new Telemetry(runtime.clock());
  private final PollStats stats = new PollStats();
  private final Poller poller =
      new Poller(
          runtime,
          PollSettings.production(INTERVAL, 1),
          CheckpointSnapshot.NOTHING,
          recorded,
          telemetry,
          stats,
          runtime.clock());

  @BeforeEach
  void deploy() {
    runtime.deploy(ORDERS);
  }

  private void poll(Duration time) throws InterruptedException {
    poller.runUntil(runtime.clock().instant().plus(time));
  }

  private void create(int instances, String status) {
    for (int i = 0; i < instances; i++) {
      runtime.create(ORDERS, status + "-" + i, status);
    }
  }

  private void assertThatAllAreTold(int instances, String status) {
    for (int i = 0; i < instances; i++) {
      assertThat(recorded.of(status + "-" + i)).contains("row " + status);
    }
  }

  @Test
  void aPageIsAskedForThreeTimesHoweverManyBeforeItFailed() throws InterruptedException {
    create(12, "running");
    runtime.eachPageFails(2);
    poll(Duration.ofMinutes(3));
    assertThatAllAreTold(12, "running");
    assertThat(poller.workflow(ORDERS).readWhole).containsKey("running");
  }

  @Test
  void aListOfWorkflowsThatFailedIsAskedForAgainSoonAndEverMoreSeldom()
      throws InterruptedException {
    Duration interval = Duration.ofMinutes(10);
    Poller seldom =
        new Poller(
            runtime,
            PollSettings.production(interval, 1),
            CheckpointSnapshot.NOTHING,
            recorded,
            telemetry,
            stats,
            runtime.clock());
    create(1, "complete");
    runtime.listsOfWorkflowsFail(true);
    seldom.runUntil(runtime.clock().instant().plusSeconds(15));
    assertThat(runtime.listsOfWorkflows()).isEqualTo(2);
    seldom.runUntil(runtime.clock().instant().plus(Duration.ofHours(1)));
    assertThat(runtime.listsOfWorkflows()).isBetween(8, 14);
    runtime.listsOfWorkflowsFail(false);
    seldom.runUntil(runtime.clock().instant().plus(interval));
    assertThat(recorded.of("complete-0")).contains("detail complete");
  }

  @Test
  void theLagOfSweepsGrowsWhilePagesFail() throws InterruptedException {
    create(3, "running");
    poll(Duration.ofMinutes(1));
    assertThat(telemetry.totals().sweepLag().orElseThrow()).isLessThan(INTERVAL.multipliedBy(3));
    runtime.allPagesFail(true);
    create(1, "complete");
    poll(Duration.ofHours(1));
    assertThat(telemetry.totals().sweepLag().orElseThrow()).isGreaterThan(Duration.ofMinutes(59));
  }

  @Test
  void aListThatLeadsRoundIsGivenUpAndTheWorkflowsAreListedOn() throws InterruptedException {
    create(12, "running");
    runtime.cursorsRepeatFrom(6);
    poll(Duration.ofMinutes(1));
    runtime.deploy("refunds");
    runtime.create("refunds", "refund-1", "complete");
    poll(Duration.ofMinutes(1));
    assertThat(recorded.of("refund-1")).contains("detail complete");
    assertThat(stats.lastProblem().orElseThrow()).contains("a cursor that leads on");
    assertThat(recorded.ends()).extracting(SweepEnd::complete).contains(false);
    runtime.cursorsRepeatFrom(Integer.MAX_VALUE);
    poll(Duration.ofMinutes(1));
    assertThatAllAreTold(12, "running");
  }

  @Test
  void thePastIsListedOnWhenItsListLeadsRoundNoMore() throws InterruptedException {
    create(12, "complete");
    runtime.cursorsRepeatFrom(6);
    poll(Duration.ofMinutes(5));
    assertThat(runtime.pagesRead()).as("ever more seldom").isLessThan(15);
    runtime.cursorsRepeatFrom(Integer.MAX_VALUE);
    poll(Duration.ofMinutes(10));
    assertThatAllAreTold(12, "complete");
  }

  @Test
  void aPageThatShowsNothingDoesNotEndAList() throws InterruptedException {
    runtime.emptyPagesAt(6, 2);
    create(12, "complete");
    create(12, "running");
    poll(Duration.ofMinutes(5));
    assertThatAllAreTold(12, "complete");
    assertThatAllAreTold(12, "running");
  }

  @Test
  void aFirstPageThatShowsNothingDoesNotEndThePast() throws InterruptedException {
    runtime.emptyPagesAt(0, 2);
    create(12, "complete");
    poll(Duration.ofMinutes(5));
    assertThatAllAreTold(12, "complete");
  }

  @Test
  void pagesThatShowNothingForEverEndAList() throws InterruptedException {
    runtime.emptyPagesAt(6, Integer.MAX_VALUE);
    create(12, "running");
    poll(Duration.ofMinutes(1));
    assertThat(recorded.of("running-11")).isNotEmpty();
    assertThat(runtime.pagesRead()).isLessThan(60);
  }
}
