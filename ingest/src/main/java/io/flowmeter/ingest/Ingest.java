package io.flowmeter.ingest;

import io.flowmeter.ingest.leader.LeaderElection;
import io.flowmeter.ingest.source.Source;
import io.flowmeter.ingest.source.SourceDetector;
import io.flowmeter.ingest.source.SourceNotFoundException;
import io.flowmeter.ingest.telemetry.MinuteWriter;
import io.flowmeter.ingest.telemetry.Telemetry;
import io.flowmeter.ingest.telemetry.Totals;
import io.flowmeter.schemas.SchemaRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The poller of an account in this process, from {@link #start} to {@link #close}. Of several
 * processes one leads and polls; the others stand by, and one of them takes over when it ends.
 */
public final class Ingest implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Ingest.class);

  private final Source source;
  private final Telemetry telemetry;
  private final LeaderTerms terms;
  private final LeaderElection election;
  private final MinuteWriter minutes;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Ingest(
      Source source,
      Telemetry telemetry,
      LeaderTerms terms,
      LeaderElection election,
      MinuteWriter minutes) {
    this.source = source;
    this.telemetry = telemetry;
    this.terms = terms;
    this.election = election;
    this.minutes = minutes;
  }

  /**
   * Finds the source and joins the pollers of the account. Returns when it is known whether this
   * process leads; if so, what was remembered is read, and it polls. Topics and schemas must be
   * there.
   *
   * @param kafka settings of every Kafka client, at least {@code bootstrap.servers}; with a {@code
   *     group.instance.id} a restart takes its place of before at once
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
    Telemetry telemetry = new Telemetry(settings.clock());
    Source source = SourceDetector.find(settings.sourceSettings(), telemetry, settings.clock());
    try {
      LeaderTerms terms = new LeaderTerms(source, settings, kafka, registry, listener, telemetry);
      MinuteWriter minutes =
          new MinuteWriter(telemetry, source.account(), kafka, registry, settings.clock());
      try {
        LeaderElection election = LeaderElection.join(kafka, source.account(), terms);
        return new Ingest(source, telemetry, terms, election, minutes);
      } catch (RuntimeException | InterruptedException e) {
        minutes.close();
        throw e;
      }
    } catch (RuntimeException | InterruptedException e) {
      source.close();
      throw e;
    }
  }

  /** Where the poller stands now. */
  public Progress progress() {
    return terms.progress();
  }

  /** Whether the poller gets on. Cheap. */
  public PollerLiveness pulse() {
    LeaderTerms.Threads threads = terms.threads();
    return new PollerLiveness(
        election.isLeader(),
        election.inGroup(),
        election.sincePoll(),
        threads.started(),
        threads.alive(),
        telemetry.sinceResponse(),
        source.budget().silentFor(),
        terms.progress().lastProblem());
  }

  /** What the poller did since its start. */
  public Totals totals() {
    return telemetry.totals();
  }

  /** The account whose workflows are polled; {@code local} for the local runtime. */
  public String account() {
    return source.account();
  }

  /** Asks for nothing more; what is on its way is still told. */
  public void stopPolling() {
    terms.stopPolling();
  }

  /**
   * Stops polling, and waits until all that was seen is committed.
   *
   * @return false where it took longer
   */
  public boolean drain(Duration timeout) throws InterruptedException {
    return terms.drain(timeout) && minutes.write();
  }

  /**
   * Stops within 10 s, and hands the lead over. What was not committed by then is told again by
   * whoever leads next.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    Optional<String> problem = terms.progress().lastProblem();
    election.close();
    source.close();
    minutes.close();
    LOG.atInfo()
        .addKeyValue("event", "polling_stopped")
        .addKeyValue("account", source.account())
        .addKeyValue("requests", telemetry.totals().requests())
        .log(
            "stopped polling after {} requests{}",
            telemetry.totals().requests(),
            problem.map(last -> ", last problem: " + last).orElse(""));
  }
}
