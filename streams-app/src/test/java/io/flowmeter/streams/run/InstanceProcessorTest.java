package io.flowmeter.streams.run;

import static io.flowmeter.streams.InstanceHistory.failed;
import static io.flowmeter.streams.InstanceHistory.running;
import static io.flowmeter.streams.InstanceHistory.step;
import static io.flowmeter.streams.InstanceHistory.succeeded;
import static io.flowmeter.streams.InstanceHistory.unfinished;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.rollup.StepMinute;
import io.flowmeter.schemas.rollup.WorkflowMinute;
import io.flowmeter.streams.InstanceHistory;
import io.flowmeter.streams.rollup.Rollups;
import io.flowmeter.streams.state.Contributions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InstanceProcessorTest {
  private final InstanceProcessorDriver driver = new InstanceProcessorDriver();
  private final InstanceHistory run = InstanceHistory.of("billing", "i-1", 0);

  @Test
  void aRunThatLivesIsInOneStoreAndOneThatEndedInTheOther() {
    driver.observe(run.row(100, "running"));
    assertThat(keys("live")).hasSize(1);
    assertThat(keys("ended")).isEmpty();

    driver.observe(run.detail(9_000, "complete").started(10).ended(8_000).told());
    assertThat(keys("live")).isEmpty();
    assertThat(keys("ended")).hasSize(1);

    driver.observe(run.detail(70_000, "running").started(10).told());
    assertThat(keys("live")).hasSize(1);
    assertThat(keys("ended")).isEmpty();
  }

  @Test
  void theRunIsPlainInEachKey() {
    driver.observe(run.row(100, "running"));

    byte[] key = driver.entries("live").get(0).key();
    assertThat(key).hasSize(24);
    assertThat(ByteBuffer.wrap(key).getLong(16)).isEqualTo(run.run());
  }

  @Test
  void whatARunGaveUnderAnEarlierDerivationIsTakenBackAsItWasGiven() {
    driver.starts(facts -> renamed(Rollups.of(facts), "as it was named once"));
    driver.observe(
        run.detail(9_000, "complete")
            .started(10)
            .ended(8_000)
            .step(succeeded("a-1", 20, 5_000))
            .told());
    Contributions given = driver.told().get(0).gives();
    assertThat(given.stepMinutes())
        .extracting(StepMinute::getStep)
        .containsExactly("as it was named once");

    driver.starts(Rollups::of);
    driver.observe(
        run.detail(70_000, "running")
            .started(10)
            .stepAt(0, running("a-1", 69_000, unfinished(69_000)))
            .stepCount(1)
            .told());

    assertThat(driver.told())
        .singleElement()
        .satisfies(
            change -> {
              assertThat(change.gave()).isEqualTo(given);
              assertThat(change.gives().stepMinutes()).isEmpty();
            });
  }

  @Test
  void aRunOfManyStepsIsKeptInPiecesAndOnlyThoseThatChangedAreWrittenAgain() {
    InstanceHistory.Detail detail = run.detail(9_000, "running").started(10);
    for (int i = 0; i < 25_000; i++) {
      detail.step(succeeded("page-" + i, i, i + 1));
    }
    driver.observe(detail.told());
    List<InstanceProcessorDriver.Entry> before = driver.entries("live");
    assertThat(before).hasSize(98).allMatch(entry -> entry.length() < 10_000);

    driver.observe(
        run.detail(60_000, "running")
            .started(10)
            .stepAt(25_000, running("page-25000", 50_000))
            .stepCount(25_001)
            .told());

    List<InstanceProcessorDriver.Entry> after = driver.entries("live");
    List<Integer> written = new ArrayList<>();
    for (int i = 0; i < after.size(); i++) {
      if (after.get(i).value() != before.get(i).value()) {
        written.add(i);
      }
    }
    assertThat(written).containsExactly(0, 97);
    assertThat(driver.told().get(1).after().steps()).hasSize(25_001);

    driver.observe(run.detail(90_000, "complete").started(10).ended(80_000).told());
    assertThat(keys("live")).isEmpty();
    assertThat(keys("ended")).as("a whole detail without steps").hasSize(1);
  }

  @Test
  void aStepOfManyAttemptsIsKeptInPages() {
    Attempt[] attempts = new Attempt[3_000];
    for (int i = 0; i < attempts.length; i++) {
      attempts[i] = failed(i, i + 1, "Error", "request " + i + " was refused, as were all others");
    }
    List<Observation> published =
        run.detail(9_000, "running").started(0).step(step("a-1", 0, 1, null, attempts)).parts(2);
    driver.observe(published);

    assertThat(driver.entries("live"))
        .hasSizeGreaterThan(2)
        .allMatch(entry -> entry.value().length <= 64 * 1024 + 6);
    RunFacts facts = driver.told().get(0).after();
    assertThat(facts.steps().get(0).attempts()).hasSize(3_000);

    driver.observe(run.row(20_000, "running"));
    RunChanged change = driver.told().get(0);
    assertThat(change.before()).hasValue(facts);

    driver.observe(run.detail(30_000, "complete").started(0).ended(29_000).told());
    assertThat(keys("live")).isEmpty();
    assertThat(keys("ended")).hasSize(1);
  }

  @Test
  void anEndedRunIsForgottenWhenTheApiHasForgottenItAndALiveOneNever() {
    InstanceHistory second = InstanceHistory.of("billing", "i-1", 30_000);
    driver.observe(
        run.row(1_000, "running"),
        second.detail(40_000, "complete").started(30_000).ended(39_000).told(),
        InstanceHistory.of("billing", "i-2", 0).row(1_000, "waiting"));
    driver.passes(Duration.ofDays(32));
    assertThat(keys("ended")).as("superseded, and ended by itself").hasSize(2);

    driver.passes(Duration.ofDays(2));
    assertThat(keys("ended")).isEmpty();
    assertThat(keys("live")).hasSize(1);
    assertThat(keys("instances")).as("of the live one").hasSize(1);
  }

  @Test
  void aRunIsNotForgottenWhileWhatWasObservedOfItLongAgoIsReadAgain() {
    Instant written = driver.now();
    driver.passes(Duration.ofDays(34));
    driver.observe(written, List.of(run.row(8_500, "complete")));
    driver.rounds();
    driver.observe(
        written.plusSeconds(1),
        List.of(run.detail(9_000, "complete").started(10).ended(8_000).told()));

    assertThat(driver.told().stream().mapToLong(InstanceProcessorTest::queued).sum())
        .as("counted once")
        .isEqualTo(1);
  }

  @Test
  void aDetailFromWhichNothingCanBeLearntIsWholeAgainWithItsLastPart() {
    List<Observation> parts =
        run.detail(9_000, "complete")
            .started(10)
            .ended(8_000)
            .step(succeeded("a-1", 10, 100))
            .step(succeeded("b-1", 100, 200))
            .parts(2);
    Observation poison = Observation.newBuilder(parts.get(0)).build();
    poison.getDetail().setWeight(0);
    driver.observe(parts.get(1));
    assertThatThrownBy(() -> driver.observe(poison)).isInstanceOf(UnprocessableException.class);

    driver.observe(parts.get(0));

    assertThat(driver.told())
        .singleElement()
        .satisfies(change -> assertThat(change.after().steps()).hasSize(2));
  }

  @Test
  void runsAreForgottenInRounds() {
    for (int i = 0; i < 30_000; i++) {
      driver.observe(InstanceHistory.of("billing", "i-" + i, 0).row(1_000, "complete"));
      driver.told();
    }
    driver.passes(Duration.ofDays(34));
    assertThat(keys("ended")).hasSize(10_000);

    driver.passes(Duration.ofMinutes(1));
    assertThat(keys("ended")).isEmpty();
  }

  @Test
  void aLifeThatIsToldAfterItsSuccessorIsSupersededFromTheStart() {
    InstanceHistory second = InstanceHistory.of("billing", "i-1", 30_000);
    driver.observe(second.row(31_000, "complete"), run.row(1_000, "running"));
    driver.told();

    driver.observe(run.row(2_000, "waiting"));
    assertThat(driver.told())
        .singleElement()
        .satisfies(
            change -> {
              assertThat(change.after().instance().getIsNewest()).isFalse();
              assertThat(change.after().instance().getEndKind()).isEqualTo("superseded");
            });
  }

  private List<byte[]> keys(String store) {
    return driver.entries(store).stream().map(InstanceProcessorDriver.Entry::key).toList();
  }

  /** What the change adds. */
  private static long queued(RunChanged change) {
    return queued(change.gives()) - queued(change.gave());
  }

  private static long queued(Contributions rows) {
    return rows.workflowMinutes().stream().mapToLong(WorkflowMinute::getQueued).sum();
  }

  private static Contributions renamed(Contributions rows, String step) {
    rows.stepMinutes().forEach(row -> row.setStep(step));
    return rows;
  }
}
