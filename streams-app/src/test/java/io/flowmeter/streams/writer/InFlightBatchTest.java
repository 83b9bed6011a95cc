package io.flowmeter.streams.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** Inserts end when the test says so. */
class InFlightBatchTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Map<Topic<?>, CompletableFuture<WriteResult>> inserts = new HashMap<>();

  private InFlightBatch flight() {
    Batch batch = new Batch();
    batch.add(Topics.STEP_RUNS, new ConsumerRecord<>("a", 0, 0, null, new byte[1]), 0);
    batch.add(Topics.INSTANCES, new ConsumerRecord<>("b", 0, 0, null, new byte[1]), 0);
    return new InFlightBatch(
        batch,
        (topic, records) -> inserts.computeIfAbsent(topic, each -> new CompletableFuture<>()),
        Duration.ofSeconds(1));
  }

  @Test
  void ofAFlightThatWentElsewhereOnlyWhatIsUnderWayIsWaitedFor() throws Exception {
    InFlightBatch inFlight = flight();
    inserts.get(Topics.STEP_RUNS).complete(new WriteResult(1, List.of()));
    inFlight.disown();

    assertThat(inFlight.isStill()).isFalse();
    FutureTask<Boolean> landing =
        new FutureTask<>(
            () -> {
              inFlight.await(PATIENCE);
              return inFlight.isStill();
            });
    Thread waiter = new Thread(landing, "waits for the flight");
    waiter.start();
    await("a thread that waits for the flight")
        .atMost(PATIENCE)
        .until(waiter::getState, Thread.State.TIMED_WAITING::equals);

    inserts.get(Topics.INSTANCES).completeExceptionally(new IllegalStateException("of a test"));
    assertThat(landing.get()).isTrue();
  }

  @Test
  void whatClickHouseHasAcknowledgedIsCounted() throws Exception {
    InFlightBatch inFlight = flight();
    inserts.get(Topics.STEP_RUNS).complete(new WriteResult(2, List.of()));
    inserts.get(Topics.INSTANCES).complete(new WriteResult(0, List.of()));

    assertThat(inFlight.isDone(System.nanoTime())).isTrue();
    assertThat(inFlight.rows())
        .containsOnly(Map.entry(Topics.STEP_RUNS, 2L), Map.entry(Topics.INSTANCES, 0L));
  }
}
