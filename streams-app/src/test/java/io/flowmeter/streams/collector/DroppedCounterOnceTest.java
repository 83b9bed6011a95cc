package io.flowmeter.streams.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.clock.Clock;
import io.flowmeter.clock.SteppedClock;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.rollup.CollectorMinute;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is read again is counted once, whatever Kafka has forgotten. */
class DroppedCounterOnceTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final String STORE = "letters";

  private final Clock clock = new SteppedClock(NOON);
  private final MockProcessorContext<String, CollectorMinute> context =
      new MockProcessorContext<>();
  private final WindowStore<String, Long> totals =
      Stores.windowStoreBuilder(
              Stores.inMemoryWindowStore(STORE, Duration.ofDays(35), Duration.ofMinutes(1), false),
              Serdes.String(),
              Serdes.Long())
          .withLoggingDisabled()
          .build();
  private DroppedCounter<byte[]> counting;

  @BeforeEach
  void init() {
    context.addStateStore(totals);
    totals.init(context.getStateStoreContext(), totals);
    restart();
  }

  @Test
  void whatIsReadOnceMoreIsCountedOnce() {
    letters(0, 4, 5, 9);
    restart();
    letters(NOON, 0, 4, 5, 9);

    assertThat(told()).containsExactly(1L, 2L, 3L);
    letters(0, 12);
    assertThat(told()).containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void eachPartitionHasItsOffsets() {
    letters(0, 7);
    letters(1, 3, 4);

    assertThat(told()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void whatWasCountedMonthsAgoIsKnownUntilMoreIs() throws InterruptedException {
    letters(0, 7);
    clock.sleep(Duration.ofDays(100));
    restart();
    letters(NOON, 0, 7);
    assertThat(told()).hasSize(1);

    letters(0, 8);
    restart();
    letters(NOON, 0, 7);
    letters(0, 8);
    assertThat(told()).hasSize(2);
  }

  @Test
  void whatComesInATopicThatWasMadeAnewIsCounted() throws InterruptedException {
    letters(0, 7);
    clock.sleep(Duration.ofHours(1));
    restart();
    Instant then = clock.instant();
    letters(0, 0, 1);
    assertThat(told()).containsExactly(1L, 1L, 2L);
    restart();
    letters(then, 0, 0, 1);
    letters(then, 0, 2);
    assertThat(told()).containsExactly(1L, 1L, 2L, 3L);
  }

  @Test
  void whatOneRecordLeavesOutTwiceIsCountedTwice() {
    letters(0, 7, 7);
    assertThat(told()).containsExactly(1L, 2L);
  }

  @Test
  void whatAnEarlierBuildCountedIsCountedOn() {
    totals.put("a", 17L, NOON.toEpochMilli());

    letters(0, 3);

    assertThat(told()).containsExactly(18L);
  }

  private void restart() {
    counting = DroppedCounter.deadLetters(STORE, clock);
    counting.init(context);
  }

  private void letters(int partition, long... offsets) {
    letters(clock.instant(), partition, offsets);
  }

  private void letters(Instant at, int partition, long... offsets) {
    for (long offset : offsets) {
      context.setRecordMetadata(Topics.DEAD_LETTERS, partition, offset);
      counting.process(new Record<>("a/b/c", new byte[] {1}, at.toEpochMilli()));
    }
  }

  private List<Long> told() {
    return context.forwarded().stream()
        .map(forward -> forward.record().value().getDeadLetters())
        .toList();
  }
}
