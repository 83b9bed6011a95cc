package io.flowmeter.ingest.poll;

import io.flowmeter.clock.SteppedClock;
import io.flowmeter.ingest.budget.Budget;
import io.flowmeter.ingest.budget.QuotaPolicy;
import io.flowmeter.ingest.privacy.ErrorPrivacy;
import io.flowmeter.ingest.privacy.InstanceIds;
import io.flowmeter.ingest.publish.CheckpointSnapshot;
import io.flowmeter.ingest.source.ApiToken;
import io.flowmeter.ingest.source.Source;
import io.flowmeter.ingest.source.SourceDetector;
import io.flowmeter.ingest.source.SourceSettings;
import io.flowmeter.ingest.source.Transport;
import io.flowmeter.ingest.telemetry.LossReason;
import io.flowmeter.ingest.telemetry.Telemetry;
import io.flowmeter.ingest.telemetry.Totals;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.simulator.http.LoopbackRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A poller and a simulator on one thread and one stepped clock, without a socket. */
final class SimulatedDay implements AutoCloseable {
  static final Instant EPOCH = Instant.parse("2026-11-24T00:00:00Z");
  private static final String TOKEN = "tok-0123456789abcdef";
  private static final Duration LATENCY = Duration.ofMillis(120);

  private final SteppedClock clock;
  private final Simulator simulator;
  private final Source source;
  private final Telemetry telemetry;
  private final PollStats stats = new PollStats();
  private final RecordingSink recorded;
  private final List<String> requests = new ArrayList<>();
  private Poller poller;

  SimulatedDay(SimulatorConfig fleet, RecordingSink recorded) throws Exception {
    this.clock = new SteppedClock(EPOCH);
    this.recorded = recorded;
    this.telemetry = new Telemetry(clock);
    this.simulator = Simulator.start(fleet.withToken(TOKEN).withClock(clock));
    SourceSettings settings =
        new SourceSettings(
            simulator.baseUri(),
            Optional.of(simulator.account()),
            Optional.of(ApiToken.of(TOKEN)),
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            1200,
            0.7,
            1,
            ErrorPrivacy.SCRUBBED,
            InstanceIds.KEPT);
    Budget budget = Budget.of(new QuotaPolicy("default", 1200, Duration.ofMinutes(5)), 0.7, clock);
    this.source = SourceDetector.production(settings, budget, telemetry, clock, new InProcess());
    this.poller = poller(CheckpointSnapshot.NOTHING);
  }

  private final class InProcess implements Transport {
    @Override
    public Transport.Response send(HttpRequest request) throws IOException, InterruptedException {
      clock.sleep(LATENCY);
      LoopbackRequest asked = LoopbackRequest.get(request.uri().getRawPath() + query(request));
      for (Map.Entry<String, List<String>> header : request.headers().map().entrySet()) {
        asked = asked.with(header.getKey(), header.getValue().get(0));
      }
      requests.add(asked.target());
      io.flowmeter.simulator.http.LoopbackResponse answer = simulator.respond(asked);
      byte[] body = answer.body().all();
      answer.whenDelivered().run();
      return new Transport.Response(
          answer.status(),
          HttpHeaders.of(
              answer.headers().entrySet().stream()
                  .collect(Collectors.toMap(Map.Entry::getKey, each -> List.of(each.getValue()))),
              (name, value) -> true),
          new ByteArrayInputStream(body));
    }

    private static String query(HttpRequest request) {
      String query = request.uri().getRawQuery();
      return query == null ? "" : "?" + query;
    }

    @Override
    public void close() {}
  }

  private Poller poller(CheckpointSnapshot snapshot) {
    return new Poller(
        source,
        PollSettings.production(Duration.ofSeconds(10), 1),
        snapshot,
        recorded,
        telemetry,
        stats,
        clock);
  }

  /** The poller ends, and another begins with what it left. */
  void restart() {
    poller.close();
    poller = poller(recorded.stored());
  }

  void run(Duration time) throws InterruptedException {
    poller.runUntil(clock.instant().plus(time));
  }

  Poller poller() {
    return poller;
  }

  SteppedClock clock() {
    return clock;
  }

  Simulator simulator() {
    return simulator;
  }

  List<String> requests() {
    return requests;
  }

  Totals totals() {
    return telemetry.totals();
  }

  PollStats stats() {
    return stats;
  }

  @Override
  public String toString() {
    Totals totals = telemetry.totals();
    return "%s requests %d details %d known %d fetched %d sampledOut %d restarted %d vanished %d 429 %d failed %d coverage %s%n  %s%n  freshness %s"
        .formatted(
            Duration.between(EPOCH, clock.instant()),
            totals.requests(),
            stats.details(),
            totals.known(),
            totals.fetched(),
            totals.lost().get(LossReason.SAMPLED_OUT),
            totals.lost().get(LossReason.RESTARTED),
            totals.lost().get(LossReason.VANISHED),
            totals.rateLimited(),
            totals.failed(),
            totals.coverage(),
            poller.planning(),
            totals.freshness());
  }

  @Override
  public void close() {
    poller.close();
    source.close();
    simulator.close();
  }
}
