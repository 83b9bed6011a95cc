package io.flowmeter.ingest.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.flowmeter.clock.Clock;
import io.flowmeter.clock.FastClock;
import io.flowmeter.ingest.RealBackends;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.rollup.CollectorMinute;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RealBackends.class)
class MinuteWriterIT {

  private static MinuteWriter writer(Telemetry telemetry, String account, Clock clock) {
    return new MinuteWriter(
        telemetry, account, RealBackends.kafka(), RealBackends.registry(), clock);
  }

  /** The latest record of each key, as a compacted topic or a table would have it. */
  private static Map<String, CollectorMinute> latest(String account) {
    Map<String, CollectorMinute> latest = new HashMap<>();
    for (RealBackends.Committed<CollectorMinute> each :
        RealBackends.committed(Topics.COLLECTOR_MINUTES, account)) {
      latest.merge(
          each.key(),
          each.value().orElseThrow(),
          (one, other) -> one.getRevision() > other.getRevision() ? one : other);
    }
    return latest;
  }

  @Test
  void minutesOfItsClockAreWrittenWhileTheyChange() {
    FastClock clock = FastClock.from(Instant.now().minus(1, ChronoUnit.DAYS), 120);
    Telemetry telemetry = new Telemetry(clock);
    try (MinuteWriter writer = writer(telemetry, "minutes-a", clock)) {
      await("three minutes of the poller's figures")
          .atMost(Duration.ofMinutes(2))
          .until(
              () -> {
                telemetry.requested(RequestKind.WORKFLOWS);
                return latest("minutes-a").size() >= 3;
              });
      assertThat(writer).isNotNull();
    }

    List<CollectorMinute> minutes = List.copyOf(latest("minutes-a").values());
    assertThat(minutes.stream().mapToLong(CollectorMinute::getRequests).sum())
        .isEqualTo(telemetry.totals().requests());
    assertThat(minutes)
        .allSatisfy(
            minute -> {
              assertThat(minute.getMinute())
                  .isEqualTo(minute.getMinute().truncatedTo(ChronoUnit.MINUTES));
              assertThat(minute.getMinute())
                  .isBetween(clock.epoch().minusSeconds(60), clock.instant());
              assertThat(minute.getObservedAt()).isAfterOrEqualTo(minute.getMinute());
            });
  }

  @Test
  void nothingIsLostAtACleanStop() {
    Telemetry telemetry = new Telemetry(Clock.system());
    MinuteWriter writer = writer(telemetry, "minutes-b", Clock.system());
    telemetry.requested(RequestKind.WORKFLOWS);
    telemetry.skippedRows(3);
    writer.close();

    assertThat(latest("minutes-b").values())
        .extracting(CollectorMinute::getRequests, CollectorMinute::getSkippedRows)
        .containsExactly(tuple(1L, 3L));
  }

  @Test
  void minutesOfSeveralProcessesHaveKeysOfTheirOwn() throws InterruptedException {
    for (int start = 0; start < 2; start++) {
      Telemetry telemetry = new Telemetry(Clock.system());
      try (MinuteWriter writer = writer(telemetry, "minutes-c", Clock.system())) {
        telemetry.requested(RequestKind.INSTANCE);
        assertThat(writer.write()).isTrue();
        telemetry.requested(RequestKind.INSTANCE);
      }
    }

    assertThat(latest("minutes-c").values().stream().mapToLong(CollectorMinute::getRequests).sum())
        .isEqualTo(4);
    assertThat(latest("minutes-c").values().stream().map(CollectorMinute::getProcess).distinct())
        .hasSize(2);
  }
}
