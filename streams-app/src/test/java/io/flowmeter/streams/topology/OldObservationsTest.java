package io.flowmeter.streams.topology;

import static io.flowmeter.streams.InstanceHistory.failed;
import static io.flowmeter.streams.InstanceHistory.step;
import static io.flowmeter.streams.InstanceHistory.sweepEnded;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.streams.InstanceHistory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kafka deletes by timestamp: what is told of long ago has to be written before. */
class OldObservationsTest {
  private static final Duration TIME_OF_FACTS = Duration.ofDays(6);

  private final PipelineDriver pipeline = new PipelineDriver();
  private final InstanceHistory run = InstanceHistory.of("w", "1", 0);

  @AfterEach
  void close() {
    pipeline.close();
  }

  static List<Topic<?>> stampedLikeObservations() {
    return List.of(
        Topics.INSTANCES,
        Topics.TRANSITIONS,
        Topics.STEP_RUNS,
        Topics.STEP_ATTEMPTS,
        Topics.STATUS_COUNTS);
  }

  @ParameterizedTest
  @MethodSource("stampedLikeObservations")
  void whatIsToldAfterAStopOfWeeksHasADayToBeWritten(Topic<?> topic) {
    Instant longAgo = pipeline.now().minus(Duration.ofDays(20));

    pipeline.observeAt(longAgo, seen());

    assertThat(pipeline.timestamps(topic))
        .isNotEmpty()
        .containsOnly(pipeline.now().minus(TIME_OF_FACTS));
  }

  @ParameterizedTest
  @MethodSource("stampedLikeObservations")
  void whatIsToldInTimeIsOfTheTimeOfItsObservation(Topic<?> topic) {
    Instant daysAgo = pipeline.now().minus(Duration.ofDays(5));

    pipeline.observeAt(daysAgo, seen());

    assertThat(pipeline.timestamps(topic)).isNotEmpty().containsOnly(daysAgo);
  }

  @Test
  void whatKafkaKeepsForEverIsOfItsTime() {
    Instant longAgo = pipeline.now().minus(Duration.ofDays(20));

    pipeline.observeAt(longAgo, seen());

    assertThat(pipeline.timestamps(Topics.STATUS_COUNTS_NOW)).containsOnly(longAgo);
  }

  private List<Observation> seen() {
    Map<String, Long> reported = Map.of("errored", 1L);
    return List.of(
        run.detail(9_000, "errored")
            .started(0)
            .ended(8_000)
            .step(step("pay-1", 100, 7_900, false, failed(100, 7_900, "E", "refused")))
            .told(),
        sweepEnded("w", 10_000, 1, reported, reported));
  }
}
