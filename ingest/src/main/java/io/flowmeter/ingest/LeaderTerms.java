package io.flowmeter.ingest;

import io.flowmeter.ingest.leader.LeaderTask;
import io.flowmeter.ingest.publish.FencedException;
import io.flowmeter.ingest.source.Source;
import io.flowmeter.ingest.telemetry.Telemetry;
import io.flowmeter.schemas.SchemaRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** One term after another: whenever this process leads, it polls. Safe for use by many threads. */
final class LeaderTerms implements LeaderTask {
  private final Source source;
  private final IngestSettings settings;
  private final Map<String, ?> kafka;
  private final SchemaRegistry registry;
  private final IngestListener listener;
  private final Telemetry telemetry;
  private volatile Optional<LeaderTerm> term = Optional.empty();
  private volatile boolean stopped;

  LeaderTerms(
      Source source,
      IngestSettings settings,
      Map<String, ?> kafka,
      SchemaRegistry registry,
      IngestListener listener,
      Telemetry telemetry) {
    this.source = source;
    this.settings = settings;
    this.kafka = kafka;
    this.registry = registry;
    this.listener = listener;
    this.telemetry = telemetry;
  }

  @Override
  public void start(Runnable stuck) {
    if (!stopped) {
      telemetry.start();
      term =
          Optional.of(
              LeaderTerm.start(
                  source, settings, kafka, registry, telemetry, cause -> failed(cause, stuck)));
    }
  }

  private void failed(Throwable cause, Runnable stuck) {
    if (cause instanceof FencedException) {
      stuck.run();
    } else {
      listener.failed(cause);
    }
  }

  @Override
  public void end() {
    Optional<LeaderTerm> ended = term;
    term = Optional.empty();
    ended.ifPresent(LeaderTerm::close);
    telemetry.standBy();
  }

  @Override
  public void failed(RuntimeException cause) {
    listener.failed(cause);
  }

  /** Threads that poll: how many were started, and how many still run. */
  Threads threads() {
    return term.map(LeaderTerm::threads).orElse(Threads.NONE);
  }

  /** Threads of a term. */
  record Threads(int started, int alive) {
    static final Threads NONE = new Threads(0, 0);
  }

  Progress progress() {
    return term.map(each -> each.progress(telemetry.totals()))
        .orElseGet(() -> Progress.standingBy(telemetry.totals()));
  }

  /** Asks for nothing more, and begins no other term. */
  void stopPolling() {
    stopped = true;
    term.ifPresent(LeaderTerm::stopPolling);
  }

  boolean drain(Duration timeout) throws InterruptedException {
    stopped = true;
    Optional<LeaderTerm> last = term;
    return last.isEmpty() || last.get().drain(timeout);
  }
}
