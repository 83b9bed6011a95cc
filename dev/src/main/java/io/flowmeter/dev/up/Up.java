package io.flowmeter.dev.up;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.console.ProgressListener;
import io.flowmeter.cli.data.DataDirectoryManifest;
import io.flowmeter.cli.data.RunningServices;
import io.flowmeter.cli.data.UpDirectory;
import io.flowmeter.cli.health.FailingThreads;
import io.flowmeter.cli.health.Lag;
import io.flowmeter.cli.health.PollerEvents;
import io.flowmeter.cli.health.StreamHealth;
import io.flowmeter.cli.query.AsyncCache;
import io.flowmeter.cli.query.TextAnswer;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.source.ChosenSource;
import io.flowmeter.clock.Clock;
import io.flowmeter.dev.up.ShutdownSequence.Stage;
import io.flowmeter.embedded.EmbeddedService;
import io.flowmeter.ingest.Progress;
import io.flowmeter.schemas.Topic;
import io.flowmeter.streams.writer.WriterProgress;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;

/** The whole pipeline, running in this process until it is closed. */
public final class Up implements AutoCloseable {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(250);

  private static final Duration CLAIM_WITHIN = Duration.ofSeconds(1);

  private static final Duration STORED_EVERY = Duration.ofSeconds(10);
  private static final Duration STORED_WITHIN = Duration.ofSeconds(5);

  /**
   * So long nothing must be found waiting. What the topology holds back is in no topic and thus in
   * no lag: it tells open minutes once a second, and commits them up to 500 ms later; as much again
   * is for a machine that is busy.
   */
  private static final Duration QUIET = Duration.ofSeconds(2);

  private final Startup.Started started;
  private final ShutdownSequence closing;
  private final ChosenSource source;
  private final FailingThreads failingThreads = new FailingThreads(System::nanoTime);
  private final PollerEvents pollerEvents = new PollerEvents(System::nanoTime);
  private final AsyncCache<UpProgress.Stored> stored;

  private Up(Startup.Started started, ShutdownSequence closing, ChosenSource source) {
    this.started = started;
    this.closing = closing;
    this.source = source;
    this.stored = new AsyncCache<>(this::stored, STORED_EVERY);
  }

  /**
   * Starts everything in the data directory of the settings, and returns when all of it runs.
   *
   * @param progress is told what is started, line by line
   * @throws RuntimeException with a message for people, where something cannot start; all else is
   *     stopped then
   */
  public static Up start(Settings settings, ProgressListener progress) {
    return start(settings, progress, () -> false);
  }

  /**
   * The same, given up when asked to.
   *
   * @param cancelled looked at before each step
   * @throws CancellationException where it was given up; all is stopped then
   */
  public static Up start(Settings settings, ProgressListener progress, BooleanSupplier cancelled) {
    Path path = settings.get(Setting.DATA_DIR);
    UpDirectory directory =
        UpDirectory.claim(path, CLAIM_WITHIN)
            .orElseThrow(
                () ->
                    new UpException(
                        "%s is in use by another flowmeter%s. Stop that one, or choose another directory: --data DIR"
                            .formatted(
                                path,
                                RunningServices.in(path)
                                    .map(up -> " up, process " + up.pid())
                                    .orElse(""))));
    ShutdownSequence closing = new ShutdownSequence();
    closing.add(Stage.DIRECTORY, directory);
    try {
      directory.keepOutOfGit();
      Optional<DataDirectoryManifest> before = directory.manifest();
      ChosenSource source = ChosenSource.choose(settings, before, path);
      DataDirectoryManifest manifest = before.orElseGet(() -> firstStart(source));
      directory.writeManifest(manifest);
      Startup.Started started =
          new Startup(settings, directory, source, manifest, progress, closing, cancelled).run();
      return new Up(started, closing, source);
    } catch (RuntimeException e) {
      closing.close();
      throw e;
    }
  }

  private static DataDirectoryManifest firstStart(ChosenSource source) {
    return new DataDirectoryManifest(
        source.identity(),
        source.account(),
        Map.of(),
        ThreadLocalRandom.current().nextLong(1, 1_000_000),
        Clock.system().instant().truncatedTo(ChronoUnit.MILLIS));
  }

  /** ClickHouse's HTTP interface. */
  public URI clickHouseUrl() {
    return started.backends().clickHouseUrl().orElseThrow();
  }

  /** The page with the dashboards; empty where none is served. */
  public Optional<URI> previewUrl() {
    return started.preview();
  }

  public String readerUser() {
    return started.backends().reader().user();
  }

  public String readerPassword() {
    return started.backends().reader().password();
  }

  /** The way to the three parts. */
  public Backends parts() {
    return started.backends();
  }

  /** What is polled. */
  public ChosenSource source() {
    return source;
  }

  /** Where the poller stands. Cheap. */
  public Progress polling() {
    return started.polling().ingest().progress();
  }

  /** How far everything is; Kafka and ClickHouse may be away. Waits for nobody. */
  public UpProgress progress() {
    stored.came();
    Progress polling = polling();
    WriterProgress writer = started.writer().progress();
    return new UpProgress(
        polling.instances(),
        polling.detailsFetched(),
        writer.rows(),
        polling.backlog() + started.topology().lag().orElse(0) + writer.lag().orElse(0),
        stored.fresh());
  }

  /** Rows of a relation written since the start. Cheap. */
  public long rowsWritten(Topic<?> relation) {
    return started.writer().progress().rows().getOrDefault(relation.relation(), 0L);
  }

  /** What broke and does not mend itself; empty while all is well. */
  public Optional<String> failure() {
    for (EmbeddedService service : started.embedded()) {
      if (!service.isAlive()) {
        return Optional.of(
            "the embedded %s ended; see the log in %s"
                .formatted(service.name(), service.directory()));
      }
    }
    Optional<String> streaming = StreamHealth.broken(started.topology(), started.writer());
    if (streaming.isPresent()) {
      return streaming;
    }
    CompletableFuture<Throwable> polling = started.polling().failure();
    return polling.isDone()
        ? Optional.of("polling stopped: " + polling.join().getMessage())
        : Optional.empty();
  }

  /** Something to look at, told once, though the work goes on. To be asked by one thread. */
  public Optional<String> warning() {
    pollerEvents.check(started.polling().ingest().account(), started.polling().ingest().totals());
    return failingThreads.newFailure(started.topology());
  }

  /** Ends polling; what was polled goes on to ClickHouse. */
  public void stopPolling() {
    started.polling().ingest().stopPolling();
  }

  /**
   * Waits until everything that was polled is in ClickHouse.
   *
   * @return false where that took longer
   */
  public boolean drain(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    boolean published = started.polling().ingest().drain(patience);
    Lag before = lag();
    long quietSince = System.nanoTime();
    while (published && System.nanoTime() < deadline) {
      Thread.sleep(LOOK_AGAIN.toMillis());
      Lag now = lag();
      boolean onlyMarkers = now.worst() <= 1 && now.equals(before);
      if (!onlyMarkers || !writerIsIdle()) {
        quietSince = System.nanoTime();
      } else if (System.nanoTime() - quietSince >= QUIET.toNanos()) {
        return true;
      }
      before = now;
    }
    return false;
  }

  /** Stops everything in order; data stays for the next start. */
  @Override
  public void close() {
    closing.close();
  }

  private Lag lag() throws InterruptedException {
    return Lag.ofPipeline(started.admin(), started.topology().applicationId());
  }

  private boolean writerIsIdle() {
    return started.writer().progress().lag().equals(OptionalLong.of(0));
  }

  /**
   * What ClickHouse holds now. Freshness is that of what happened lately: a backfill's old facts
   * say nothing of it.
   *
   * @throws IOException if ClickHouse does not answer
   */
  public UpProgress.Stored stored() throws IOException {
    String sql =
        """
        SELECT (SELECT count() FROM instances), count(), toInt64(quantile(0.5)(ms)), toInt64(quantile(0.99)(ms))
        FROM (SELECT dateDiff('millisecond', ended_at, inserted_at) AS ms FROM step_runs
              WHERE ended_at > now64(3) - INTERVAL 2 MINUTE AND inserted_at > now64(3) - INTERVAL 1 MINUTE)
        """;
    String[] values =
        TextAnswer.within(STORED_WITHIN, started.backends().reader(), sql).strip().split("\t", -1);
    return new UpProgress.Stored(
        Long.parseLong(values[0]),
        values[1].equals("0")
            ? Optional.empty()
            : Optional.of(
                new UpProgress.Freshness(
                    Duration.ofMillis(Long.parseLong(values[2])),
                    Duration.ofMillis(Long.parseLong(values[3])))));
  }
}
