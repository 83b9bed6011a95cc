package io.flowmeter.streams.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.clock.Clock;
import io.flowmeter.clock.SteppedClock;
import io.flowmeter.schemas.rollup.StepMinute;
import io.flowmeter.streams.run.RunChanged;
import io.flowmeter.streams.run.RunKey;
import io.flowmeter.streams.state.Contributions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RollupRowsTest {
  private static final String STORE = "untold";
  private static final Instant MINUTE = Instant.parse("2026-11-24T12:00:00Z");

  private final SteppedClock clock = new SteppedClock(Instant.parse("2026-11-24T13:00:00Z"));
  private final KeyValueStore<Bytes, byte[]> store =
      Stores.keyValueStoreBuilder(
              Stores.inMemoryKeyValueStore(STORE), Serdes.Bytes(), Serdes.ByteArray())
          .withLoggingDisabled()
          .build();
  private MockProcessorContext<String, SpecificRecord> context;
  private RollupRows rows;
  private int runs;
  private Duration putBack = Duration.ZERO;

  @BeforeEach
  void starts() {
    context = new MockProcessorContext<>();
    if (!store.isOpen()) {
      store.init(context.getStateStoreContext(), store);
    }
    context.addStateStore(store);
    rows = new RollupRows(STORE, wall(), new AccumulatorLimit());
    rows.init(context);
  }

  @Test
  void aMinuteIsToldAtOnceAndThenOnceASecond() {
    oneMore();
    assertThat(told()).extracting(StepMinute::getRuns).containsExactly(1L);

    oneMore();
    oneMore();
    assertThat(told()).isEmpty();

    passes(RollupRows.TELL_EVERY);
    assertThat(told()).extracting(StepMinute::getRuns).containsExactly(3L);

    passes(RollupRows.TELL_EVERY);
    oneMore();
    assertThat(told()).extracting(StepMinute::getRuns).containsExactly(4L);
  }

  @Test
  void aPartKeepsItsNameAndItsRevisionsGoUp() {
    oneMore();
    StepMinute first = told().get(0);
    oneMore();
    passes(RollupRows.TELL_EVERY);
    StepMinute second = told().get(0);

    assertThat(second.getPart()).isEqualTo(first.getPart());
    assertThat(second.getRevision()).isGreaterThan(first.getRevision());
  }

  @Test
  void whatWasNotToldIsToldByWhoGoesOnInAPartOfItsOwn() {
    oneMore();
    StepMinute before = told().get(0);
    oneMore();
    oneMore();

    starts();
    passes(RollupRows.TELL_EVERY);

    assertThat(told())
        .singleElement()
        .satisfies(
            part -> {
              assertThat(part.getRuns()).isEqualTo(2);
              assertThat(part.getPart()).isNotEqualTo(before.getPart());
            });
    starts();
    passes(RollupRows.TELL_EVERY);
    assertThat(told()).isEmpty();
  }

  @Test
  void whatComesTenMinutesLaterOpensAnotherPart() {
    oneMore();
    passes(RollupRows.OPEN.plus(RollupRows.CLOSE_EVERY));
    oneMore();

    List<StepMinute> told = told();
    assertThat(told).extracting(StepMinute::getRuns).containsExactly(1L, 1L);
    assertThat(told).extracting(StepMinute::getPart).doesNotHaveDuplicates();
  }

  @Test
  void aChangeOfManyStepsIsNotWaitedWith() {
    oneMore();
    told();
    List<StepMinute> many = new ArrayList<>();
    for (int step = 0; step < 2_500; step++) {
      many.add(row("step " + step));
    }
    change(Contributions.NONE, new Contributions(List.of(), many));

    assertThat(told()).hasSize(2_500);
  }

  @Test
  void aChangeThatNoRecordCanHoldIsNotWaitedWith() {
    oneMore();
    told();
    List<StepMinute> many = new ArrayList<>();
    for (int step = 0; step < 300; step++) {
      many.add(row(step + " of " + "a long name ".repeat(300)));
    }
    change(Contributions.NONE, new Contributions(List.of(), many));

    assertThat(told()).hasSize(300);
    try (KeyValueIterator<Bytes, byte[]> kept = store.all()) {
      kept.forEachRemaining(entry -> assertThat(entry.value).hasSizeLessThan(600_000));
    }
  }

  @Test
  void nothingIsWaitedForUntilAClockThatWasPutBackIsThereAgain() {
    oneMore();
    told();
    putBack = Duration.ofHours(2);
    oneMore();

    assertThat(told()).extracting(StepMinute::getRuns).containsExactly(2L);
  }

  @Test
  void aTaskThatIsRevivedHasItsRoundsOnce() {
    rows.close();
    rows.init(context);

    assertThat(context.scheduledPunctuators()).filteredOn(round -> !round.cancelled()).hasSize(2);
  }

  @Test
  void whatIsTakenBackIsToldAsAPartThatCountsLess() {
    Contributions gave = new Contributions(List.of(), List.of(row("a"), row("b")));
    change(gave, new Contributions(List.of(), List.of(row("b"))));

    assertThat(told())
        .singleElement()
        .satisfies(
            part -> {
              assertThat(part.getStep()).isEqualTo("a");
              assertThat(part.getRuns()).isEqualTo(-1);
              assertThat(part.getWallBuckets()).extracting(b -> b.getCount()).containsExactly(-1L);
            });
  }

  @Test
  void tasksOfAProcessShareWhatMayBeOpen() {
    AccumulatorLimit limit = new AccumulatorLimit();
    List<RollupRows> tasks = new ArrayList<>();
    for (int partition = 0; partition < 40; partition++) {
      RollupRows task = new RollupRows(STORE, clock, limit);
      task.init(context);
      tasks.add(task);
    }
    assertThat(limit.most()).isEqualTo(AccumulatorLimit.OF_PROCESS / 40);

    tasks.get(0).init(context);
    assertThat(limit.most()).as("one that is revived").isEqualTo(AccumulatorLimit.OF_PROCESS / 40);

    tasks.subList(0, 39).forEach(RollupRows::close);
    assertThat(limit.most()).isEqualTo(AccumulatorLimit.OF_TASK);
  }

  @Test
  void ofTooManyOpenMinutesTheEldestAreClosed() {
    RollupAccumulator<StepMinute> open = new RollupAccumulator<>(Rollups.STEP_MINUTES, () -> 4);
    for (int step = 0; step < 5; step++) {
      open.add(List.of(row("step " + step)), step, step);
    }
    assertThat(open.isOverfull()).isTrue();
    List<StepMinute> told = new ArrayList<>();
    open.publish(10, (key, row) -> told.add(row));
    open.close(0);
    assertThat(told).hasSize(5);
    assertThat(open.isOverfull()).isFalse();

    told.clear();
    open.add(List.of(row("step 1"), row("step 4")), 9, 11);
    open.publish(12, (key, row) -> told.add(row));

    assertThat(told).extracting(StepMinute::getPart).containsExactly(9L, 4L);
    assertThat(told).extracting(StepMinute::getRuns).containsExactly(1L, 2L);
  }

  /** The clock, which can be put back. */
  private Clock wall() {
    return new Clock() {
      @Override
      public Instant instant() {
        return clock.instant().minus(putBack);
      }

      @Override
      public long nanos() {
        return clock.nanos();
      }

      @Override
      public void sleep(Duration time) {
        clock.sleep(time);
      }

      @Override
      public void await(Condition condition, Duration atMost) {
        clock.await(condition, atMost);
      }

      @Override
      public Duration real(Duration time) {
        return clock.real(time);
      }
    };
  }

  private void oneMore() {
    change(Contributions.NONE, new Contributions(List.of(), List.of(row("a"))));
  }

  private void change(Contributions gave, Contributions gives) {
    RunKey run = new RunKey("local", "payments", "i" + runs++, MINUTE.toEpochMilli());
    rows.process(
        new Record<>(
            "key",
            new RunChanged(run, Optional.empty(), null, gave, gives, clock.millis(), 0),
            clock.millis()));
  }

  private static StepMinute row(String step) {
    StepMinute zero = new StepMinute();
    zero.setAccountId("local");
    zero.setWorkflow("payments");
    zero.setVersionId("v1");
    zero.setStep(step);
    zero.setType("step");
    zero.setMinute(MINUTE);
    zero.setWallBuckets(Buckets.of(100, 1));
    zero.setAttemptBuckets(List.of());
    zero.setRuns(1);
    return zero;
  }

  private void passes(Duration time) {
    clock.sleep(time);
    context
        .scheduledPunctuators()
        .forEach(punctuator -> punctuator.getPunctuator().punctuate(clock.millis()));
  }

  private List<StepMinute> told() {
    List<StepMinute> told =
        context.forwarded().stream().map(each -> (StepMinute) each.record().value()).toList();
    context.resetForwards();
    return told;
  }
}
