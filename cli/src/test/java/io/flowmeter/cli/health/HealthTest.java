package io.flowmeter.cli.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.PollerLiveness;
import io.flowmeter.streams.writer.WriterProgress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class HealthTest {
  private static final PollerLiveness LEADS =
      new PollerLiveness(
          true, true, Duration.ZERO, 8, 8, Duration.ofSeconds(2), Duration.ZERO, Optional.empty());
  private static final PollerLiveness STANDS_BY =
      new PollerLiveness(
          false, true, Duration.ZERO, 0, 0, Duration.ofHours(5), Duration.ZERO, Optional.empty());

  private static PollerLiveness leads(Duration sinceAnswer, Duration silent, String problem) {
    return new PollerLiveness(
        true, true, Duration.ZERO, 8, 8, sinceAnswer, silent, Optional.of(problem));
  }

  private static Check readyPoller(PollerLiveness liveness) {
    return PollerHealth.ready("a1", liveness, Optional.of(Duration.ofSeconds(10)));
  }

  @Test
  void aPollerThatStandsByIsReady() {
    assertThat(PollerHealth.live("a1", STANDS_BY).well()).isTrue();
    assertThat(readyPoller(STANDS_BY).line())
        .isEqualTo("ok   poller of a1: stands by; another process leads");
  }

  @Test
  void aPollerThatLeadsIsReadyWhileTheApiTellsSomething() {
    assertThat(readyPoller(LEADS).line())
        .isEqualTo("ok   poller of a1: leads; the API told something 2 s ago");
    assertThat(readyPoller(leads(Duration.ofMinutes(11), Duration.ZERO, "HTTP 401")).line())
        .isEqualTo(
            "FAIL poller of a1: leads, but the API told something 660 s ago. Last problem: HTTP 401");
  }

  @Test
  void theFiveMinutesForWhichCloudflareBlocksAreWaitedForInGoodHealth() {
    Check blocked = readyPoller(leads(Duration.ofMinutes(5), Duration.ofSeconds(9), "429"));
    assertThat(blocked.well()).isTrue();
    assertThat(blocked.text()).contains("wants to be left alone for 9 s more");
  }

  @Test
  void whoPollsSeldomIsAskedSeldom() {
    PollerLiveness hourly = leads(Duration.ofMinutes(90), Duration.ZERO, "none");
    assertThat(PollerHealth.ready("a1", hourly, Optional.of(Duration.ofHours(1))).well()).isTrue();
  }

  @Test
  void aPollerThatHearsNothingOfKafkaLivesButIsNotReady() {
    PollerLiveness cutOff =
        new PollerLiveness(
            false, false, Duration.ZERO, 0, 0, Duration.ZERO, Duration.ZERO, Optional.empty());
    assertThat(PollerHealth.live("a1", cutOff).well()).isTrue();
    assertThat(readyPoller(cutOff).well()).isFalse();
  }

  @Test
  void aPollerWhoseThreadsEndedOrHangDoesNotLive() {
    PollerLiveness ended =
        new PollerLiveness(
            true, true, Duration.ZERO, 8, 7, Duration.ZERO, Duration.ZERO, Optional.empty());
    assertThat(PollerHealth.live("a1", ended).text()).startsWith("1 of 8 polling threads ended");
    PollerLiveness hangs =
        new PollerLiveness(
            true,
            true,
            Duration.ofMinutes(4),
            8,
            8,
            Duration.ZERO,
            Duration.ZERO,
            Optional.empty());
    assertThat(PollerHealth.live("a1", hangs).well()).isFalse();
  }

  @Test
  void aTopologyThatMovesPartitionsLivesButIsNotReady() {
    assertThat(
            StreamHealth.topologyLiveness(
                    "REBALANCING", Optional.of(Duration.ofSeconds(3)), Optional.empty())
                .well())
        .isTrue();
    assertThat(
            StreamHealth.topologyWorks(
                    "REBALANCING",
                    OptionalLong.empty(),
                    Optional.of(new IllegalStateException("the disk is full")))
                .line())
        .startsWith("FAIL topology: REBALANCING")
        .endsWith("Last failure: the disk is full");
    assertThat(StreamHealth.topologyWorks("RUNNING", OptionalLong.of(7), Optional.empty()).line())
        .isEqualTo("ok   topology: RUNNING, 7 records behind");
  }

  @Test
  void aTopologyThatEndedOrHangsDoesNotLive() {
    assertThat(
            StreamHealth.topologyLiveness(
                    "ERROR", Optional.empty(), Optional.of(new IllegalStateException("full")))
                .text())
        .contains("IllegalStateException: full");
    assertThat(
            StreamHealth.topologyLiveness(
                    "RUNNING", Optional.of(Duration.ofMinutes(6)), Optional.empty())
                .well())
        .isFalse();
  }

  @Test
  void aWriterWithoutClickHouseLivesButIsNotReady() {
    WriterProgress away =
        new WriterProgress(
            Map.of(),
            OptionalLong.of(5),
            Optional.empty(),
            Optional.empty(),
            Optional.of("ClickHouse cannot be written to"));
    assertThat(StreamHealth.writerLiveness(true, away).well()).isTrue();
    assertThat(StreamHealth.writerWorks(false, away).line())
        .isEqualTo("FAIL writer: ClickHouse cannot be written to");
    assertThat(StreamHealth.writerLiveness(false, away).well()).isFalse();
  }
}
