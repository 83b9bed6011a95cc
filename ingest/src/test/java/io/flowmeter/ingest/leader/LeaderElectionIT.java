package io.flowmeter.ingest.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flowmeter.ingest.Ingest;
import io.flowmeter.ingest.IngestListener;
import io.flowmeter.ingest.IngestSettings;
import io.flowmeter.ingest.RealBackends;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RealBackends.class)
class LeaderElectionIT {
  private static final String TOKEN = "tok-0123456789abcdef";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final String account = UUID.randomUUID().toString().replace("-", "");
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private Simulator simulator;

  @BeforeEach
  void start() throws IOException {
    simulator =
        Simulator.start(
            SimulatorConfig.of(5, Instant.now())
                .withHistory(40)
                .withRate(0)
                .withAccount(account)
                .withToken(TOKEN)
                .withRateLimit(Optional.empty()));
  }

  @AfterEach
  void stop() {
    simulator.close();
    assertThat(failures).isEmpty();
  }

  private Ingest poller() throws Exception {
    IngestListener listener = failures::add;
    return Ingest.start(
        PollerProcess.settings(simulator.baseUri(), account, TOKEN),
        RealBackends.kafka(),
        RealBackends.registry(),
        listener);
  }

  private static void awaitPolling(Ingest ingest) {
    long before = ingest.progress().requests();
    await("three more requests")
        .atMost(PATIENCE)
        .until(ingest::progress, progress -> progress.requests() > before + 3);
  }

  @Test
  void whoComesLaterStandsByAndAsksNothing() throws Exception {
    try (Ingest first = poller();
        Ingest second = poller()) {
      assertThat(first.progress().isLeader()).isTrue();
      assertThat(second.progress().isLeader()).isFalse();
      awaitPolling(first);
      assertThat(second.progress().requests()).isZero();
      assertThat(first.progress().isLeader()).isTrue();
    }
  }

  @Test
  void whoEndsHandsTheLeadOverAtOnceAndNothingIsToldTwice() throws Exception {
    Ingest first = poller();
    try (Ingest second = poller()) {
      awaitPolling(first);
      first.close();
      await("the second process to lead")
          .atMost(PATIENCE)
          .until(second::progress, progress -> progress.isLeader());
      awaitPolling(second);
      assertThat(second.drain(PATIENCE)).isTrue();
    }
    assertThat(detailsTold()).doesNotHaveDuplicates();
  }

  /** A detail of a run that ended, by its run. */
  private List<String> detailsTold() {
    List<String> output = new ArrayList<>();
    for (Observation each : RealBackends.observations(account)) {
      if (each.getDetail() != null && each.getDetail().getEnd() != null) {
        output.add(each.getWorkflow() + "/" + each.getInstanceId() + "/" + each.getRun());
      }
    }
    return output;
  }

  @Test
  void whoIsSuspendedIsReplacedAndStandsByWhenItWakesAndWhoDiesIsReplacedToo() throws Exception {
    try (PollerProcess first = PollerProcess.start(RealBackends.kafka(), simulator, TOKEN)) {
      await("output of the first process").atMost(PATIENCE).until(first::saysAnything);
      try (Ingest second = poller()) {
        assertThat(first.leads()).isTrue();
        assertThat(second.progress().isLeader()).isFalse();
        first.suspend();
        await("the second process to lead")
            .atMost(PATIENCE)
            .until(second::progress, progress -> progress.isLeader());
        awaitPolling(second);
        first.resume();
        await("the first process to stand by").atMost(PATIENCE).until(first::standsBy);
        assertThat(second.progress().isLeader()).isTrue();
        awaitPolling(second);
        second.stopPolling();
      }
      await("the first process to lead again").atMost(PATIENCE).until(first::leads);
      try (Ingest third = poller()) {
        assertThat(third.progress().isLeader()).isFalse();
        first.close();
        await("the third process to lead")
            .atMost(PATIENCE)
            .until(third::progress, progress -> progress.isLeader());
        awaitPolling(third);
      }
    }
  }

  @Test
  void accountsHaveLeadsOfTheirOwn() throws Exception {
    try (Ingest ours = poller();
        Simulator other =
            Simulator.start(
                SimulatorConfig.of(6, Instant.now())
                    .withHistory(5)
                    .withRate(0)
                    .withAccount(account + "b")
                    .withToken(TOKEN)
                    .withRateLimit(Optional.empty()));
        Ingest theirs =
            Ingest.start(
                PollerProcess.settings(other.baseUri(), other.account(), TOKEN),
                RealBackends.kafka(),
                RealBackends.registry(),
                failures::add)) {
      assertThat(ours.progress().isLeader()).isTrue();
      assertThat(theirs.progress().isLeader()).isTrue();
    }
  }

  @Test
  void withoutKafkaItIsSaidWhatToDo() {
    IngestSettings settings = PollerProcess.settings(simulator.baseUri(), account, TOKEN);
    Map<String, ?> nowhere =
        Map.of("bootstrap.servers", "127.0.0.1:1", "default.api.timeout.ms", 1_000);
    assertThatThrownBy(
            () -> Ingest.start(settings, nowhere, RealBackends.registry(), IngestListener.NONE))
        .hasMessageContaining("expected a Kafka with the topic flowmeter.lead")
        .hasMessageContaining("check that its brokers run");
  }
}
