package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.observe.TrackedInstance;
import io.flowmeter.ingest.publish.CheckpointSnapshot;
import io.flowmeter.ingest.telemetry.Telemetry;
import io.flowmeter.schemas.observation.Observation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A run that ended and was told is forgotten after an hour, but for its end. */
class ForgottenRunTest {
  private static final String ORDERS = "orders";
  private static final String RUN = "order-1";
  private static final Duration INTERVAL = Duration.ofSeconds(10);
  private static final long HARDLY_ANY = 1_000_000;

  private final LittleRuntime runtime = LittleRuntime.production();
  private final RecordingSink recorded = new RecordingSink();
  private Poller poller;

  @BeforeEach
  void open() throws InterruptedException {
    runtime.deploy(ORDERS);
    poll(CheckpointSnapshot.NOTHING);
    sweep();
  }

  private void poll(CheckpointSnapshot snapshot) {
    poller =
        new Poller(
            runtime,
            PollSettings.production(INTERVAL, 1),
            snapshot,
            recorded,
            new Telemetry(runtime.clock()),
            new PollStats(),
            runtime.clock());
  }

  private void sweep() throws InterruptedException {
    poller.runUntil(runtime.clock().instant().plus(INTERVAL));
  }

  private void sweeps(Duration time) throws InterruptedException {
    poller.runUntil(runtime.clock().instant().plus(time));
  }

  private TrackedInstance memory() {
    return poller.workflow(ORDERS).memory(RUN);
  }

  private List<Observation> details() {
    return recorded.observations().stream()
        .filter(each -> each.getDetail() != null && each.getInstanceId().equals(RUN))
        .toList();
  }

  private void sampleOneOf(long k) {
    poller.workflow(ORDERS).sampler.sampleOneOf(k);
  }

  private void completeAndForget() throws InterruptedException {
    runtime.create(ORDERS, RUN, "complete");
    forget();
  }

  private void forget() throws InterruptedException {
    sweep();
    for (int i = 0; i < 3; i++) {
      runtime.pass(ListRowHandler.REMEMBERED.plus(INTERVAL));
      runtime.create(ORDERS, "later-" + i, "complete");
      sweep();
      sweep();
    }
    assertThat(memory().isNew()).as("forgotten").isTrue();
  }

  /** A new one, so that the newest are read down to it. */
  private void listTheNewest() throws InterruptedException {
    runtime.create(ORDERS, "newest", "complete");
    sweeps(Duration.ofMinutes(1));
  }

  @Test
  void isFetchedOnceMoreWhereItIsFirstListedEndedAnew() throws InterruptedException {
    completeAndForget();
    runtime.reopen(ORDERS, RUN, "complete");
    listTheNewest();
    assertThat(recorded.of(RUN))
        .containsExactly("row complete", "detail complete", "row complete", "detail complete");
    assertThat(details()).extracting(Observation::getRun).containsOnly(details().get(0).getRun());
    assertThat(details().get(1).getDetail().getEnd())
        .isAfter(details().get(0).getDetail().getEnd());
  }

  @Test
  void isFetchedOnceMoreByAProcessThatStartedMeanwhile() throws InterruptedException {
    completeAndForget();
    poll(recorded.stored());
    runtime.reopen(ORDERS, RUN, "complete");
    listTheNewest();
    assertThat(details()).hasSize(2);
  }

  /** It ran for hours, and ends anew before it is forgotten, which no list shows. */
  private void completeReopenAndForget() throws InterruptedException {
    runtime.tellsTriggered();
    runtime.create(ORDERS, RUN, "running");
    sweep();
    runtime.pass(ListRowHandler.REMEMBERED.multipliedBy(2));
    for (int i = 0; i < 2; i++) {
      runtime.create(ORDERS, "other-" + i, "running");
    }
    sweep();
    runtime.move(ORDERS, RUN, "complete");
    sweeps(Duration.ofMinutes(1));
    assertThat(recorded.of(RUN)).endsWith("detail complete");
    runtime.reopen(ORDERS, RUN, "complete");
    for (int i = 0; i < 2; i++) {
      runtime.pass(ListRowHandler.REMEMBERED.plus(INTERVAL));
      runtime.move(ORDERS, "other-" + i, "errored");
      sweeps(Duration.ofMinutes(1));
    }
    assertThat(memory().isNew()).as("forgotten").isTrue();
  }

  @Test
  void isFetchedOnceMoreWhereItEndedAnewBeforeItWasForgotten() throws InterruptedException {
    completeReopenAndForget();
    int published = details().size();
    listTheNewest();
    assertThat(recorded.of(RUN)).endsWith("row complete", "detail complete");
    assertThat(details()).hasSize(published + 1);
    assertThat(details().get(published).getDetail().getEnd())
        .isAfter(details().get(published - 1).getDetail().getEnd());
    forget();
    listTheNewest();
    assertThat(details()).as("once").hasSize(published + 1);
  }

  @Test
  void isFetchedOnceMoreThoughAnotherProcessForgotIt() throws InterruptedException {
    completeReopenAndForget();
    int published = details().size();
    poll(recorded.stored());
    listTheNewest();
    assertThat(details()).hasSize(published + 1);
    forget();
    poll(recorded.stored());
    listTheNewest();
    assertThat(details()).as("once").hasSize(published + 1);
  }

  /** Its row is left as the first run told it; so it is asked after once, and never again. */
  @Test
  void isAskedAfterOnceWhereARestartLeavesItsRowAsItWas() throws InterruptedException {
    runtime.create(ORDERS, RUN, "complete");
    runtime.reopen(ORDERS, RUN, "complete");
    runtime.pass(INTERVAL);
    runtime.detailRestarts(ORDERS, RUN, "complete");
    forget();
    assertThat(runtime.detailsAsked(RUN)).isEqualTo(1);
    for (int i = 0; i < 6; i++) {
      listTheNewest();
      runtime.pass(ListRowHandler.REMEMBERED.plus(INTERVAL));
      runtime.remove(ORDERS, "newest");
      sweep();
    }
    assertThat(memory().isNew()).as("forgotten").isTrue();
    assertThat(runtime.detailsAsked(RUN)).isEqualTo(2);
  }

  @Test
  void isLeftAloneWhereOnlyItsDetailToldItsEnd() throws InterruptedException {
    runtime.create(ORDERS, RUN, "running");
    sweep();
    runtime.move(ORDERS, RUN, "complete");
    sweeps(Duration.ofMinutes(1));
    assertThat(details()).isNotEmpty();
    int published = details().size();
    poll(recorded.stored());
    forget();
    listTheNewest();
    assertThat(details()).hasSize(published);
  }

  @Test
  void isLeftAloneWhereNothingSaysWhichEndWasTold() throws InterruptedException {
    runtime.create(ORDERS, RUN, "complete");
    sweep();
    CheckpointSnapshot snapshot = recorded.stored();
    // As a process told it that was built before ends were remembered.
    snapshot.checkpoints().forEach(each -> each.setEndedOn(null));
    snapshot.checkpoints().forEach(each -> each.setRowEndedOn(null));
    poll(snapshot);
    forget();
    listTheNewest();
    assertThat(details()).hasSize(1);
  }

  @Test
  void isLeftAloneWhereItsEndIsTheOneThatWasForgotten() throws InterruptedException {
    runtime.create(ORDERS, RUN, "complete");
    runtime.reopen(ORDERS, RUN, "complete");
    forget();
    listTheNewest();
    assertThat(details()).hasSize(1);
  }

  @Test
  void isNotSampledWhateverItsWeightWas() throws InterruptedException {
    completeAndForget();
    sampleOneOf(HARDLY_ANY);
    runtime.reopen(ORDERS, RUN, "complete");
    listTheNewest();
    assertThat(details()).hasSize(2);
    assertThat(details().get(1).getDetail().getWeight()).isEqualTo(1);
  }

  @Test
  void isNotSampledWhereItIsFirstListedLiving() throws InterruptedException {
    completeAndForget();
    sampleOneOf(HARDLY_ANY);
    runtime.move(ORDERS, RUN, "running");
    sweep();
    sweep();
    runtime.reopen(ORDERS, RUN, "complete");
    sweeps(Duration.ofMinutes(1));
    assertThat(recorded.of(RUN)).contains("row running").endsWith("detail complete");
    assertThat(details().get(details().size() - 1).getDetail().getWeight()).isEqualTo(1);
  }

  @Test
  void isRememberedForAnHourAfterAnEndThatOnlyItsRowTold() throws InterruptedException {
    sampleOneOf(HARDLY_ANY);
    runtime.create(ORDERS, RUN, "complete");
    sweep();
    assertThat(memory().sampledOut()).isTrue();
    runtime.pass(Duration.ofMinutes(50));
    runtime.reopen(ORDERS, RUN, "complete");
    listTheNewest();
    for (int i = 0; i < 2; i++) {
      runtime.pass(Duration.ofMinutes(25));
      runtime.create(ORDERS, "later-" + i, "complete");
      sweep();
      sweep();
      assertThat(memory().sampledOut()).as("remembered").isTrue();
    }
    assertThat(recorded.of(RUN)).containsExactly("row complete", "row complete");
    assertThat(runtime.detailsAsked(RUN)).isZero();
  }

  @Test
  void isAskedForAgainWhereItsDetailIsBehindTheEndThatItsRowTells() throws InterruptedException {
    completeAndForget();
    runtime.detailLags(ORDERS, RUN);
    runtime.reopen(ORDERS, RUN, "complete");
    listTheNewest();
    assertThat(runtime.detailsAsked(RUN)).isGreaterThan(1);
    assertThat(recorded.of(RUN)).containsExactly("row complete", "detail complete", "row complete");
    runtime.detailsCatchUp();
    sweeps(Duration.ofMinutes(1));
    assertThat(recorded.of(RUN)).endsWith("row complete", "detail complete");
    assertThat(details().get(1).getDetail().getEnd())
        .isAfter(details().get(0).getDetail().getEnd());
  }

  /** A list showed it, and its row waited for a detail that failed. */
  private void restartInVainAndEndUnseen() throws InterruptedException {
    runtime.detailFails(RUN, true);
    runtime.restart(ORDERS, RUN, "running");
    sweeps(Duration.ofMinutes(1));
    assertThat(recorded.of(RUN)).containsExactly("row complete", "detail complete");
    runtime.listsLeaveOut(Optional.of(RUN));
    runtime.move(ORDERS, RUN, "errored");
    sweep();
    runtime.detailFails(RUN, false);
  }

  private void assertThatTheNextProcessAsksOnce() throws InterruptedException {
    poll(recorded.stored());
    sweeps(Duration.ofMinutes(1));
    assertThat(recorded.of(RUN))
        .containsExactly("row complete", "detail complete", "detail errored");
    assertThat(recorded.observations())
        .filteredOn(each -> each.getInstanceId().equals(RUN))
        .extracting(Observation::getRun)
        .as("runs")
        .containsExactly(runOf(0), runOf(0), runOf(1));
    int asked = runtime.detailsAsked(RUN);
    poll(recorded.stored());
    sweeps(Duration.ofMinutes(1));
    assertThat(runtime.detailsAsked(RUN)).isEqualTo(asked);
  }

  private long runOf(int detail) {
    Observation of = details().get(detail);
    return detail == 0 ? of.getRun() : of.getDetail().getQueued().toEpochMilli();
  }

  @Test
  void itsNextLifeIsFetchedThoughItEndsWhileAnotherProcessTakesOver() throws InterruptedException {
    completeAndForget();
    restartInVainAndEndUnseen();
    assertThatTheNextProcessAsksOnce();
  }

  @Test
  void theNextLifeOfOneThatIsKnownIsFetchedThoughAnotherProcessTakesOver()
      throws InterruptedException {
    runtime.create(ORDERS, RUN, "complete");
    sweep();
    sweep();
    restartInVainAndEndUnseen();
    assertThatTheNextProcessAsksOnce();
  }

  /** Its row may be of the first life, which was told and forgotten, or of one that was not. */
  @Test
  void aRowThatIsListedAgainAfterATakeoverIsNotToldOfTheFirstLifeWhereItsDetailIsGone()
      throws InterruptedException {
    completeAndForget();
    runtime.detailFails(RUN, true);
    runtime.restart(ORDERS, RUN, "running");
    sweeps(Duration.ofMinutes(1));
    poll(recorded.stored());
    runtime.reopen(ORDERS, RUN, "errored");
    listTheNewest();
    runtime.detailFails(RUN, false);
    runtime.hideDetail(RUN);
    sweeps(Duration.ofMinutes(10));
    assertThat(recorded.of(RUN)).containsExactly("row complete", "detail complete");
  }
}
