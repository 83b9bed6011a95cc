package io.flowmeter.ingest.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flowmeter.ingest.Ingest;
import io.flowmeter.ingest.IngestListener;
import io.flowmeter.ingest.Progress;
import io.flowmeter.ingest.RealBackends;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.rollup.CollectorMinute;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pollers that are killed in the midst of a minute, and others that go on in the same. */
@ExtendWith(RealBackends.class)
class KilledPollerIT {
  private static final String TOKEN = "tok-0123456789abcdef";
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Instant EPOCH = Instant.parse("2026-11-24T12:00:00Z");

  private final String account = UUID.randomUUID().toString().replace("-", "");

  @Test
  void whatIsKnownAndFetchedIsCountedOnceAndRequestsAreNotCountedTwice() throws Exception {
    try (Simulator simulator =
        Simulator.start(
            SimulatorConfig.of(5, EPOCH)
                .withHistory(600)
                .withRate(0)
                .withAccount(account)
                .withToken(TOKEN)
                .withRateLimit(Optional.empty())
                .withClock(() -> EPOCH.plusSeconds(60)))) {
      for (int published : List.of(1, 500)) {
        try (PollerProcess process = PollerProcess.start(kafka(), simulator, TOKEN)) {
          await("published observations")
              .atMost(PATIENCE)
              .pollInterval(Duration.ofMillis(20))
              .until(() -> RealBackends.observations(account).size() >= published);
        }
      }
      pollToTheEnd(simulator);

      long ended =
          simulator.ledger(EPOCH.plusSeconds(60)).stream()
              .filter(entry -> entry.newest() && !entry.vanished())
              .filter(entry -> entry.run().end().isPresent())
              .count();
      assertThat(sum(CollectorMinute::getKnown)).isEqualTo(ended);
      assertThat(sum(CollectorMinute::getFetched)).isEqualTo(ended);
      assertThat(sum(CollectorMinute::getRequests))
          .isPositive()
          .isLessThanOrEqualTo(simulator.requests().size());
      assertThat(
              minutes().stream()
                  .filter(each -> each.getKnown() > 0)
                  .map(CollectorMinute::getProcess)
                  .distinct())
          .as("parts of several processes")
          .hasSizeGreaterThan(1);
    }
  }

  /** A process that is killed is replaced at once, not after its session. */
  private static Map<String, Object> kafka() {
    Map<String, Object> kafka = new HashMap<>(RealBackends.kafka());
    kafka.put("group.instance.id", "killed-poller");
    return kafka;
  }

  private void pollToTheEnd(Simulator simulator) throws Exception {
    try (Ingest ingest =
        Ingest.start(
            PollerProcess.settings(simulator.baseUri(), account, TOKEN),
            kafka(),
            RealBackends.registry(),
            IngestListener.NONE)) {
      await("the poller to be idle")
          .atMost(PATIENCE)
          .until(
              () -> {
                Progress now = ingest.progress();
                return now.lastSweepAt().isPresent()
                    && now.backlog() == 0
                    && now.planning().filter(plan -> plan.backfill().ahead() == 0).isPresent();
              });
      assertThat(ingest.drain(PATIENCE)).isTrue();
    }
  }

  private long sum(ToLongFunction<CollectorMinute> count) {
    return minutes().stream().mapToLong(count).sum();
  }

  /** The latest record of each key, as the table has it. */
  private Collection<CollectorMinute> minutes() {
    Map<String, CollectorMinute> latest = new HashMap<>();
    for (RealBackends.Committed<CollectorMinute> each :
        RealBackends.committed(Topics.COLLECTOR_MINUTES, account)) {
      latest.merge(
          each.key(),
          each.value().orElseThrow(),
          (one, other) -> one.getRevision() > other.getRevision() ? one : other);
    }
    return latest.values();
  }
}
