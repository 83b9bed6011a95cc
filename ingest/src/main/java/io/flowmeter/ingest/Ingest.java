package io.flowmeter.ingest;

import io.flowmeter.ingest.budget.Allowance;
import io.flowmeter.ingest.poll.Looks;
import io.flowmeter.ingest.poll.PollSettings;
import io.flowmeter.ingest.poll.Poller;
import io.flowmeter.ingest.poll.Tally;
import io.flowmeter.ingest.publish.Publisher;
import io.flowmeter.ingest.publish.Stored;
import io.flowmeter.ingest.publish.Units;
import io.flowmeter.ingest.source.RequestCounts;
import io.flowmeter.ingest.source.Source;
import io.flowmeter.ingest.source.SourceFinder;
import io.flowmeter.ingest.source.SourceNotFoundException;
import io.flowmeter.schemas.SchemaRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A poller at work: from {@link #start} to {@link #close}. */
public final class Ingest implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Ingest.class);

  private static final Duration ON_LOOPBACK = Duration.ofSeconds(2);
  private static final Duration ELSEWHERE = Duration.ofSeconds(10);

  private final Source source;
  private final RequestCounts requests;
  private final Tally tally;
  private final Publisher publisher;
  private final Poller poller;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Ingest(
      Source source, RequestCounts requests, Tally tally, Publisher publisher, Poller poller) {
    this.source = source;
    this.requests = requests;
    this.tally = tally;
    this.publisher = publisher;
    this.poller = poller;
  }

  /**
   * Finds the source, reads what was remembered, and begins to poll. Topics and schemas must be
   * there.
   *
   * @param kafka settings of every Kafka client, at least {@code bootstrap.servers}
   * @param registry stays open after the poller is closed
   * @throws SourceNotFoundException where no Workflows API answers at the address; the message says
   *     what to do
   */
  public static Ingest start(
      IngestSettings settings,
      Map<String, ?> kafka,
      SchemaRegistry registry,
      IngestListener listener)
      throws SourceNotFoundException, InterruptedException {
    RequestCounts requests = new RequestCounts();
    Source source = SourceFinder.find(settings.sourceSettings(), requests, InstantSource.system());
    try {
      return start(settings, kafka, registry, listener, source, requests);
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }

  private static Ingest start(
      IngestSettings settings,
      Map<String, ?> kafka,
      SchemaRegistry registry,
      IngestListener listener,
      Source source,
      RequestCounts requests) {
    Publisher publisher = new Publisher(kafka, source.account(), listener::failed);
    try {
      Stored stored = Stored.read(kafka, registry, source.account());
      LOG.info(
          "polling {} as account {}, {} instances remembered",
          settings.source(),
          source.account(),
          stored.checkpoints().size());
      Tally tally = new Tally();
      Poller poller =
          new Poller(
              source, settings(settings, source), stored, new Units(registry), publisher, tally);
      return new Ingest(source, requests, tally, publisher, poller);
    } catch (RuntimeException e) {
      publisher.close();
      throw e;
    }
  }

  private static PollSettings settings(IngestSettings settings, Source source) {
    boolean loopback = settings.sourceSettings().onLoopback();
    boolean paced = source.traits().newestFirst();
    Duration interval = settings.interval().orElse(loopback ? ON_LOOPBACK : ELSEWHERE);
    boolean recheck = settings.recheck().orElse(!source.traits().tellsModification());
    Looks looks =
        new Looks(
            paced ? Duration.ofMinutes(1) : interval,
            paced ? Duration.ofMinutes(15) : Duration.ofSeconds(30),
            recheck,
            settings.recheckFresh(),
            settings.retention());
    return new PollSettings(
        interval,
        settings.concurrency(),
        looks,
        paced ? 200 : Integer.MAX_VALUE,
        paced ? 20 : 64,
        paced ? allowance(settings) : Allowance.unlimited(),
        settings.sweepToldAtLeast(),
        settings.retention(),
        settings.versionsEvery());
  }

  /** Of the requests, a tenth may go to instances whose row did not change. */
  private static Allowance allowance(IngestSettings settings) {
    int most = (int) Math.max(1, settings.requestLimit() * settings.requestShare() / 10);
    return Allowance.of(most, Duration.ofMinutes(5));
  }

  /** Where the poller stands now. */
  public Progress progress() {
    Poller.Known known = poller.known();
    return new Progress(
        known.workflows(),
        known.instances(),
        known.live(),
        known.ended(),
        tally.details(),
        tally.observations(),
        requests.requests(),
        requests.rateLimited(),
        requests.failed(),
        tally.lastSweep(),
        known.skippedRows(),
        tally.visitsWaiting() + publisher.backlog(),
        tally.lastProblem());
  }

  /** The account whose workflows are polled; {@code local} for the local runtime. */
  public String account() {
    return source.account();
  }

  /** Asks for nothing more; what is on its way is still told. */
  public void stopPolling() {
    poller.stop();
  }

  /**
   * Stops polling, and waits until all that was seen is committed.
   *
   * @return false where it took longer
   */
  public boolean drain(Duration timeout) throws InterruptedException {
    long until = System.nanoTime() + timeout.toNanos();
    poller.stop();
    boolean stopped = poller.awaitStopped(timeout);
    return publisher.flush(Duration.ofNanos(Math.max(0, until - System.nanoTime()))) && stopped;
  }

  /** Stops within 10 s. What was not committed by then is told again at the next start. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    poller.close();
    publisher.close();
    source.close();
    Optional<String> problem = tally.lastProblem();
    LOG.info(
        "stopped polling after {} requests{}",
        requests.requests(),
        problem.map(last -> ", last problem: " + last).orElse(""));
  }
}
