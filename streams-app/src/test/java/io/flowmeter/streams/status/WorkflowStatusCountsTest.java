package io.flowmeter.streams.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.StateSerde;
import io.flowmeter.schemas.rollup.StatusCountNow;
import io.flowmeter.schemas.state.SweepState;
import io.flowmeter.schemas.state.SweepTally;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WorkflowStatusCountsTest {
  private static final Instant T = Instant.parse("2026-11-24T12:00:00Z");

  private final MockProcessorContext<String, SpecificRecord> context = new MockProcessorContext<>();
  private final WorkflowStatusCounts counts = new WorkflowStatusCounts("sweeps", Clock.system());

  @BeforeEach
  void init() {
    KeyValueStore<String, SweepState> store =
        Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore("sweeps"),
                Serdes.String(),
                StateSerde.of(SweepState.class))
            .withLoggingDisabled()
            .build();
    context.addStateStore(store);
    store.init(context.getStateStoreContext(), store);
    context.setCurrentSystemTimeMs(T.toEpochMilli());
    counts.init(context);
  }

  @Test
  void nothingIsToldBeforeTheSweepCameThroughEveryPartition() {
    tally(1, T, 0, 5);
    tally(1, T, 1, 7);
    assertThat(context.forwarded()).isEmpty();

    tally(1, T, 2, 1);
    assertThat(now().getCount()).isEqualTo(13);
  }

  @Test
  void aPartitionThatRepeatsIsCountedOnce() {
    tally(1, T, 0, 5);
    tally(1, T, 0, 5);
    tally(1, T, 1, 7);
    tally(1, T, 2, 1);

    assertThat(now().getCount()).isEqualTo(13);
  }

  @Test
  void sweepsOfPartitionsThatAreFarApartAreAllTold() {
    for (int sweep = 1; sweep <= 50; sweep++) {
      tally(sweep, T.plusSeconds(sweep), 0, sweep);
    }
    for (int sweep = 1; sweep <= 50; sweep++) {
      tally(sweep, T.plusSeconds(sweep), 1, 1);
      tally(sweep, T.plusSeconds(sweep), 2, 1);
    }

    assertThat(told()).hasSize(50);
    assertThat(now().getCount()).isEqualTo(52);
  }

  @Test
  void ofAnHourThatPartitionsAreApartTheLastSweepOfEachMinuteIsTold() {
    for (int sweep = 1; sweep <= 1_800; sweep++) {
      tally(sweep, T.plusSeconds(2L * sweep), 0, sweep);
    }
    for (int sweep = 1; sweep <= 1_800; sweep++) {
      tally(sweep, T.plusSeconds(2L * sweep), 1, 1);
      tally(sweep, T.plusSeconds(2L * sweep), 2, 1);
    }

    assertThat(told().stream().map(row -> row.getAsOf().getEpochSecond() / 60).distinct())
        .hasSizeBetween(60, 61);
    assertThat(now().getCount()).isEqualTo(1_802);
  }

  @Test
  void aSweepThatNeverCameThroughIsOvertakenByTheNext() {
    tally(1, T, 0, 5);
    tally(2, T.plusSeconds(10), 0, 6);
    tally(2, T.plusSeconds(10), 1, 8);
    tally(2, T.plusSeconds(10), 2, 1);
    tally(1, T, 1, 7);
    tally(1, T, 2, 7);

    assertThat(told()).hasSize(1);
    assertThat(now().getCount()).isEqualTo(15);
    assertThat(now().getAsOf()).isEqualTo(T.plusSeconds(10));
  }

  @Test
  void aSweepThatChangedNothingWritesItsTimeAlone() {
    sweep(1, T, Map.of("queued", 2L, "running", 13L));
    assertThat(told()).extracting(StatusCountNow::getStatus).containsExactly("queued", "running");

    sweep(2, T.plusSeconds(10), Map.of("queued", 2L, "running", 13L));

    assertThat(context.forwarded()).as("two rows of each relation, and the time").hasSize(5);
    assertThat(now().getAsOf()).isEqualTo(T.plusSeconds(10));
  }

  @Test
  void theTimeOfSweepsIsWrittenAtMostEveryTenSeconds() {
    for (int second = 0; second <= 60; second += 2) {
      sweep(second, T.plusSeconds(second), Map.of("running", 13L));
    }

    assertThat(told())
        .extracting(row -> row.getAsOf().getEpochSecond() - T.getEpochSecond())
        .containsExactly(0L, 10L, 20L, 30L, 40L, 50L, 60L);
  }

  @Test
  void aSweepWritesOnlyTheStatusesThatItChanged() {
    sweep(1, T, Map.of("queued", 2L, "running", 13L));
    sweep(2, T.plusSeconds(2), Map.of("queued", 3L, "running", 13L));

    assertThat(told())
        .extracting(StatusCountNow::getStatus, StatusCountNow::getCount)
        .containsExactly(tuple("queued", 2L), tuple("running", 13L), tuple("queued", 3L));
  }

  private void sweep(long sweep, Instant at, Map<String, Long> counts) {
    counts(sweep, at, 0, 1, counts, counts);
  }

  private void tally(long sweep, Instant at, int partition, long running) {
    counts(sweep, at, partition, 3, Map.of("running", running), Map.of("running", 13L));
  }

  private void counts(
      long sweep,
      Instant at,
      int partition,
      int partitions,
      Map<String, Long> counted,
      Map<String, Long> reported) {
    counts.process(
        new Record<>(
            "local\0w",
            SweepTally.newBuilder()
                .setAccountId("local")
                .setWorkflow("w")
                .setSweep(sweep)
                .setComplete(true)
                .setPartition(partition)
                .setPartitions(partitions)
                .setAt(at)
                .setCounts(counted)
                .setReportedBefore(reported)
                .setReportedAfter(reported)
                .build(),
            0));
  }

  private StatusCountNow now() {
    return told().get(told().size() - 1);
  }

  private List<StatusCountNow> told() {
    return context.forwarded().stream()
        .map(forward -> forward.record().value())
        .filter(StatusCountNow.class::isInstance)
        .map(StatusCountNow.class::cast)
        .toList();
  }
}
