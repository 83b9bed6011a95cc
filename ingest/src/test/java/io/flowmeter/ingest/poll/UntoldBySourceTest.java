package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.publish.CheckpointSnapshot;
import io.flowmeter.ingest.publish.RecordEncoder.SweepEnd;
import io.flowmeter.ingest.telemetry.Telemetry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What the source may leave out: lists of a status that its filter does not know, as the schema
 * page's does not know {@code rollingBack}, and the counts. Nobody is looked at out of turn here.
 */
class UntoldBySourceTest {
  private static final String ORDERS = "orders";
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  /** So many that what is older is not reached by reading on from the newest. */
  private static final int MANY = 400;

  private static final Duration NEVER = Duration.ofDays(100);

  private final LittleRuntime runtime = LittleRuntime.production();
  private final RecordingSink recorded = new RecordingSink();
  private final Poller poller;

  UntoldBySourceTest() {
    runtime.deploy(ORDERS);
    runtime.listsNo("rollingBack");
    PollSettings usual = PollSettings.production(INTERVAL, 1);
    poller =
        new Poller(
            runtime,
            new PollSettings(
                usual.interval(),
                usual.concurrency(),
                new RecheckPolicy(NEVER, NEVER, false, NEVER, NEVER),
                usual.looksPerSweep(),
                usual.publicationInterval(),
                usual.retention(),
                usual.versionsEvery()),
            CheckpointSnapshot.NOTHING,
            recorded,
            new Telemetry(runtime.clock()),
            new PollStats(),
            runtime.clock());
  }

  private void sweeps(int number) throws InterruptedException {
    for (int i = 0; i < number; i++) {
      poller.runUntil(runtime.clock().instant().plus(INTERVAL));
    }
  }

  private void createLater(int number) {
    for (int i = 0; i < number; i++) {
      runtime.create(ORDERS, "order-" + runtime.clock().instant().getEpochSecond(), "complete");
    }
  }

  private SweepEnd lastEnd() {
    List<SweepEnd> ends = recorded.ends();
    return ends.get(ends.size() - 1);
  }

  @Test
  void aRunThatLeavesSuchAStatusIsFoundByTheCounts() throws InterruptedException {
    runtime.create(ORDERS, "undone", "rollingBack");
    runtime.create(ORDERS, "being undone", "rollingBack");
    createLater(MANY);
    sweeps(60);
    runtime.move(ORDERS, "undone", "errored");
    sweeps(5);
    assertThat(recorded.of("undone")).endsWith("detail errored");
    assertThat(lastEnd()).matches(SweepEnd::complete);
    assertThat(runtime.detailsAsked("being undone")).isLessThanOrEqualTo(3);
  }

  @Test
  void whereCountsLeaveOutSuchAStatusTheOthersAreReadAllTheSame() throws InterruptedException {
    runtime.countsNo("rollingBack");
    runtime.create(ORDERS, "undone", "rollingBack");
    runtime.create(ORDERS, "old", "running");
    createLater(MANY);
    sweeps(60);
    runtime.move(ORDERS, "old", "errored");
    sweeps(5);
    assertThat(recorded.of("old")).endsWith("detail errored");
    assertThat(lastEnd()).matches(SweepEnd::complete);
  }

  @Test
  void withoutCountsNewRunsAndEndsAreFound() throws InterruptedException {
    runtime.hideCounts(true);
    runtime.create(ORDERS, "old", "running");
    createLater(9);
    sweeps(3);
    runtime.create(ORDERS, "new", "running");
    runtime.move(ORDERS, "old", "errored");
    sweeps(3);
    assertThat(recorded.of("new")).startsWith("row running");
    assertThat(recorded.of("old")).endsWith("detail errored");
    assertThat(lastEnd().after()).isEmpty();
  }

  @Test
  void aRunIsFoundThoughAnotherVanishesByAgeWhileItCompletes() throws InterruptedException {
    runtime.tellsTriggered();
    createLater(9);
    runtime.create(ORDERS, "old", "complete");
    sweeps(3);
    runtime.remove(ORDERS, "old");
    runtime.create(ORDERS, "new", "complete");
    sweeps(2);
    assertThat(recorded.of("new")).containsExactly("row complete", "detail complete");
    int before = runtime.pagesRead();
    sweeps(5);
    assertThat(runtime.pagesRead()).as("when nothing moves").isEqualTo(before);
  }

  @Test
  void aRunIsFoundThoughItsWorkflowDoesNotTellThatItWasMade() throws InterruptedException {
    runtime.tellsTriggered();
    runtime.create(ORDERS, "first", "complete");
    runtime.keepsTriggered();
    createLater(9);
    sweeps(3);
    runtime.create(ORDERS, "new", "complete");
    sweeps(2);
    assertThat(recorded.of("new")).containsExactly("row complete", "detail complete");
  }

  @Test
  void withoutCountsAWorkflowThatRestsCostsNothing() throws InterruptedException {
    runtime.hideCounts(true);
    runtime.tellsTriggered();
    createLater(9);
    sweeps(5);
    int before = runtime.pagesRead();
    sweeps(5);
    assertThat(runtime.pagesRead()).isEqualTo(before);
  }
}
