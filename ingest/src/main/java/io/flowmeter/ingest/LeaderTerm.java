package io.flowmeter.ingest;

import io.flowmeter.ingest.poll.PollSettings;
import io.flowmeter.ingest.poll.PollStats;
import io.flowmeter.ingest.poll.Poller;
import io.flowmeter.ingest.poll.RecheckPolicy;
import io.flowmeter.ingest.publish.CheckpointSnapshot;
import io.flowmeter.ingest.publish.KafkaObservationSink;
import io.flowmeter.ingest.publish.Publisher;
import io.flowmeter.ingest.publish.RecordEncoder;
import io.flowmeter.ingest.source.Source;
import io.flowmeter.ingest.telemetry.PublishedMinutes;
import io.flowmeter.ingest.telemetry.Telemetry;
import io.flowmeter.ingest.telemetry.Totals;
import io.flowmeter.schemas.SchemaRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The polling of an account from gaining the lead to losing it: what was remembered is read, the
 * producer opened, which ends what a predecessor left unfinished, and the source polled.
 */
final class LeaderTerm implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderTerm.class);

  private static final Duration ON_LOOPBACK = Duration.ofSeconds(2);
  private static final Duration ELSEWHERE = Duration.ofSeconds(10);

  /** What a sweep saw may wait for this share of the time between sweeps, to go with the rest. */
  private static final int LINGERS_PER_SWEEP = 5;

  private static final Duration LONGEST_LINGER = Duration.ofSeconds(2);
  private static final int LOOKS_PER_SWEEP = 64;

  private final Publisher publisher;
  private final PollStats stats;
  private final Poller poller;

  private LeaderTerm(Publisher publisher, PollStats stats, Poller poller) {
    this.publisher = publisher;
    this.stats = stats;
    this.poller = poller;
  }

  /**
   * Begins to poll. Topics and schemas must be there.
   *
   * @param source stays open after the term, as does the registry
   * @param onFailure told when nothing can be committed any more
   */
  static LeaderTerm start(
      Source source,
      IngestSettings settings,
      Map<String, ?> kafka,
      SchemaRegistry registry,
      Telemetry telemetry,
      Consumer<Throwable> onFailure) {
    Publisher publisher = new Publisher(kafka, source.account(), linger(settings), onFailure);
    try {
      CheckpointSnapshot snapshot =
          CheckpointSnapshot.read(kafka, registry, source.account()).requireIdsOf(settings.ids());
      LOG.atInfo()
          .addKeyValue("event", "polling_started")
          .addKeyValue("account", source.account())
          .addKeyValue("remembered", snapshot.checkpoints().size())
          .log(
              "polling {} as account {}, {} instances remembered",
              settings.source(),
              source.account(),
              snapshot.checkpoints().size());
      PollStats stats = new PollStats();
      Poller poller =
          new Poller(
              source,
              settings(settings, source),
              snapshot,
              new KafkaObservationSink(
                  new RecordEncoder(registry, settings.ids(), settings.clock()),
                  publisher,
                  new PublishedMinutes(telemetry, source.account(), settings.clock())),
              telemetry,
              stats,
              settings.clock());
      poller.start();
      return new LeaderTerm(publisher, stats, poller);
    } catch (RuntimeException e) {
      publisher.close();
      throw e;
    }
  }

  private static Duration interval(IngestSettings settings) {
    boolean loopback = settings.sourceSettings().onLoopback();
    return settings.interval().orElse(loopback ? ON_LOOPBACK : ELSEWHERE);
  }

  private static Duration linger(IngestSettings settings) {
    Duration share = interval(settings).dividedBy(LINGERS_PER_SWEEP);
    return settings.clock().real(share.compareTo(LONGEST_LINGER) < 0 ? share : LONGEST_LINGER);
  }

  private static PollSettings settings(IngestSettings settings, Source source) {
    boolean paced = source.traits().newestFirst();
    Duration interval = interval(settings);
    boolean recheck = settings.recheck().orElse(!source.traits().tellsModification());
    RecheckPolicy rechecks =
        new RecheckPolicy(
            paced ? Duration.ofMinutes(1) : interval,
            paced ? Duration.ofMinutes(15) : Duration.ofSeconds(30),
            recheck,
            settings.recheckFresh(),
            settings.retention());
    return new PollSettings(
        interval,
        settings.concurrency(),
        rechecks,
        LOOKS_PER_SWEEP,
        settings.sweepPublicationInterval(),
        settings.retention(),
        settings.versionsEvery());
  }

  /** Where the polling stands. */
  Progress progress(Totals totals) {
    Poller.Known known = poller.known();
    return new Progress(
        true,
        known.workflows(),
        known.instances(),
        known.live(),
        known.ended(),
        stats.details(),
        stats.observations(),
        totals.requests(),
        totals.rateLimited(),
        totals.failed(),
        stats.lastSweep(),
        known.skippedRows(),
        poller.waiting() + publisher.backlog(),
        Optional.of(poller.planning()),
        stats.lastProblem());
  }

  LeaderTerms.Threads threads() {
    return new LeaderTerms.Threads(poller.threads(), poller.aliveThreads());
  }

  /** What the last failure said. */
  Optional<String> lastProblem() {
    return stats.lastProblem();
  }

  /** Asks for nothing more; what is on its way is still told. */
  void stopPolling() {
    poller.stop();
  }

  /**
   * Stops polling, and waits until all that was seen is committed.
   *
   * @return false where it took longer
   */
  boolean drain(Duration timeout) throws InterruptedException {
    long until = System.nanoTime() + timeout.toNanos();
    poller.stop();
    boolean stopped = poller.awaitStopped(timeout);
    return publisher.flush(Duration.ofNanos(Math.max(0, until - System.nanoTime()))) && stopped;
  }

  /** Stops within 9 s. What was not committed by then is told again in the next term. */
  @Override
  public void close() {
    poller.close();
    publisher.close();
  }
}
