package io.flowmeter.bench.polling;

import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.observe.InstanceKey;
import io.flowmeter.ingest.poll.PollSettings;
import io.flowmeter.ingest.poll.PollStats;
import io.flowmeter.ingest.poll.Poller;
import io.flowmeter.ingest.poll.RecheckPolicy;
import io.flowmeter.ingest.publish.CheckpointSnapshot;
import io.flowmeter.ingest.publish.ObservationSink;
import io.flowmeter.ingest.publish.RecordEncoder.SweepEnd;
import io.flowmeter.ingest.source.Source;
import io.flowmeter.ingest.telemetry.Telemetry;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.fact.Version;
import io.flowmeter.schemas.fact.Workflow;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.Observation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Flowmeter's poller, with the settings it has in production, telling nobody but the measures. */
final class FlowmeterPoller implements PollerUnderTest {
  private static final Duration RETENTION = Duration.ofDays(30);
  private static final PollSettings SETTINGS =
      new PollSettings(
          Duration.ofSeconds(10),
          1,
          new RecheckPolicy(
              Duration.ofMinutes(1),
              Duration.ofMinutes(15),
              false,
              Duration.ofMinutes(1),
              RETENTION),
          20,
          Duration.ofMinutes(1),
          RETENTION,
          Duration.ofMinutes(10));

  private final Poller poller;

  FlowmeterPoller(Source source, Telemetry telemetry, Measures measures, Clock clock) {
    this.poller =
        new Poller(
            source,
            SETTINGS,
            CheckpointSnapshot.NOTHING,
            new Ends(measures, clock),
            telemetry,
            new PollStats(),
            clock);
  }

  @Override
  public void runUntil(Instant end) throws InterruptedException {
    poller.runUntil(end);
  }

  @Override
  public Duration interval() {
    return poller.planning().interval();
  }

  @Override
  public boolean hasBacklog() {
    return poller.planning().backlog() > 0;
  }

  @Override
  public void close() {
    poller.close();
  }

  /** Tells the measures which ends were told, and nobody else. */
  private record Ends(Measures measures, Clock clock) implements ObservationSink {
    @Override
    public void instance(InstanceKey key, List<Observation> published, Checkpoint memory) {
      for (Observation each : published) {
        Instant end = each.getRow() != null ? each.getRow().getEndedOn() : end(each.getDetail());
        if (end != null) {
          measures.published(
              key.workflow() + '/' + key.id() + '@' + each.getRun(), end, clock.instant());
        }
      }
    }

    private static Instant end(DetailPart detail) {
      return detail == null ? null : detail.getEnd();
    }

    @Override
    public void evicted(InstanceKey key) {}

    @Override
    public void sweepEnded(
        InstanceKey workflow, Instant observedAt, SweepEnd end, Checkpoint memory) {}

    @Override
    public void workflow(Workflow workflow) {}

    @Override
    public void version(Version version) {}
  }
}
