package io.flowmeter.ingest;

import io.flowmeter.ingest.source.Source;
import io.flowmeter.ingest.source.SourceFinder;
import io.flowmeter.ingest.source.SourceNotFoundException;
import io.flowmeter.ingest.telemetry.Telemetry;
import io.flowmeter.schemas.SchemaRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A poller at work: from {@link #start} to {@link #close}. */
public final class Ingest implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Ingest.class);

  private final Source source;
  private final Telemetry telemetry;
  private final Term term;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Ingest(Source source, Telemetry telemetry, Term term) {
    this.source = source;
    this.telemetry = telemetry;
    this.term = term;
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
    Telemetry telemetry = new Telemetry(settings.clock());
    Source source = SourceFinder.find(settings.sourceSettings(), telemetry, settings.clock());
    try {
      Term term = Term.begin(source, settings, kafka, registry, listener::failed);
      return new Ingest(source, telemetry, term);
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }

  /** Where the poller stands now. */
  public Progress progress() {
    return term.progress(telemetry.totals());
  }

  /** The account whose workflows are polled; {@code local} for the local runtime. */
  public String account() {
    return source.account();
  }

  /** Asks for nothing more; what is on its way is still told. */
  public void stopPolling() {
    term.stopPolling();
  }

  /**
   * Stops polling, and waits until all that was seen is committed.
   *
   * @return false where it took longer
   */
  public boolean drain(Duration timeout) throws InterruptedException {
    return term.drain(timeout);
  }

  /** Stops within 10 s. What was not committed by then is told again at the next start. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    term.close();
    source.close();
    Optional<String> problem = term.lastProblem();
    LOG.info(
        "stopped polling after {} requests{}",
        telemetry.totals().requests(),
        problem.map(last -> ", last problem: " + last).orElse(""));
  }
}
