package io.flowmeter.dev.up;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.console.ProgressListener;
import io.flowmeter.cli.data.DataDirectoryManifest;
import io.flowmeter.cli.data.RunningServices;
import io.flowmeter.cli.data.UpDirectory;
import io.flowmeter.cli.health.Health;
import io.flowmeter.cli.health.PollerHealth;
import io.flowmeter.cli.health.StreamHealth;
import io.flowmeter.cli.metrics.MetricsServer;
import io.flowmeter.cli.metrics.PollerMetrics;
import io.flowmeter.cli.metrics.StreamMetrics;
import io.flowmeter.cli.migrate.BackendMigration;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.source.ChosenSource;
import io.flowmeter.cli.source.SourceAddress;
import io.flowmeter.cli.start.Start;
import io.flowmeter.dev.up.ShutdownSequence.Stage;
import io.flowmeter.embedded.EmbeddedService;
import io.flowmeter.ingest.Ingest;
import io.flowmeter.preview.PreviewServer;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.simulator.api.RateLimit;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.streams.StreamProcessing;
import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.health.StreamMinutes;
import io.flowmeter.streams.rebuild.UnknownState;
import io.flowmeter.streams.writer.ClickHouseWriter;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;

/**
 * Starts what up is made of, each thing as soon as what it needs is there:
 *
 * <pre>
 * ClickHouse ──> tables ───────────────┬──> writer
 * Kafka, registry ──> topics, schemas ─┼──> topology
 * simulator ───────────────────────────┴──> polling
 * </pre>
 */
final class Startup {
  private final Settings settings;

  /** What is known of the parts before they are started. */
  private final Backends backends;

  private final UpDirectory directory;
  private final ChosenSource source;
  private final DataDirectoryManifest manifest;
  private final StartupSteps steps;
  private final Start start;
  private final ShutdownSequence closing;
  private final EmbeddedServices own;
  private final ParallelStartup together = new ParallelStartup();

  Startup(
      Settings settings,
      UpDirectory directory,
      ChosenSource source,
      DataDirectoryManifest manifest,
      ProgressListener progress,
      ShutdownSequence closing,
      BooleanSupplier cancelled) {
    this.settings = settings;
    this.backends = Backends.none(settings);
    this.directory = directory;
    this.source = source;
    this.manifest = manifest;
    this.steps = new StartupSteps(progress, cancelled);
    this.start = new Start(progress, patience -> pause(patience, cancelled));
    this.closing = closing;
    this.own = new EmbeddedServices(settings, directory, manifest.ports(), steps, closing);
  }

  private static boolean pause(Duration patience, BooleanSupplier cancelled)
      throws InterruptedException {
    Thread.sleep(patience.toMillis());
    return cancelled.getAsBoolean();
  }

  /**
   * What runs after a start.
   *
   * @param preview the page with the dashboards; empty where none is served
   */
  record Started(
      Backends backends,
      Optional<URI> preview,
      List<EmbeddedService> embedded,
      StreamProcessing topology,
      ClickHouseWriter writer,
      Polling polling,
      Admin admin) {}

  /**
   * Starts everything; what was started is in the closing, also after a failure. What is configured
   * and away is waited for.
   *
   * @throws RuntimeException the first failure
   */
  Started run() {
    try {
      MetricsServer metrics = closing.add(Stage.POLLING, MetricsServer.start(settings, start));
      metrics.url().ifPresent(url -> steps.print("Metrics", url.toString(), "for Prometheus"));
      CompletableFuture<String> kafka =
          part("Kafka", settings.get(Setting.KAFKA_BOOTSTRAP_SERVERS), own::kafka);
      CompletableFuture<URI> registry =
          part("Schema Registry", settings.get(Setting.REGISTRY_URL), own::registry);
      CompletableFuture<URI> clickHouse =
          part("ClickHouse", settings.get(Setting.CLICKHOUSE_URL), own::clickHouse);
      CompletableFuture<SourceAddress> address = together.start(this::sourceAddress);

      CompletableFuture<List<String>> tables =
          together.start(
              () -> {
                List<String> done = tables(clickHouse.join());
                // Queries need not wait for the rest.
                announce(Optional.empty(), Optional.empty(), clickHouse.join());
                return done;
              });
      CompletableFuture<Optional<URI>> preview =
          together.start(
              () -> {
                tables.join();
                return preview(backends.withClickHouse(clickHouse.join()).reader());
              });
      CompletableFuture<SchemaRegistry> catalogue =
          together.start(() -> topicsAndSchemas(kafka.join(), registry.join()));
      CompletableFuture<StreamProcessing> topology =
          together.start(() -> topology(kafka.join(), catalogue.join()));
      CompletableFuture<ClickHouseWriter> writer =
          together.start(
              () -> {
                tables.join();
                return writer(kafka.join(), clickHouse.join(), catalogue.join());
              });
      CompletableFuture<Polling> polling =
          together.start(() -> polling(kafka.join(), catalogue.join(), address.join()));

      awaitAll(
          List.of(
              kafka, registry, clickHouse, address, tables, preview, topology, writer, polling));
      Backends found =
          backends
              .withKafka(kafka.join())
              .withRegistry(registry.join())
              .withClickHouse(clickHouse.join());
      directory.writeManifest(manifest.withPorts(own.ports()));
      announce(Optional.of(kafka.join()), Optional.of(registry.join()), clickHouse.join());
      closing.add(
          Stage.POLLING,
          StreamMinutes.start(
              topology.join(),
              writer.join(),
              found.kafka(),
              catalogue.join(),
              settings.get(Setting.CLOCK)));
      CompletableFuture<Admin> admin =
          together.start(() -> closing.add(Stage.CLIENTS, start.through(() -> found.admin())));
      awaitAll(List.of(admin));
      metrics.serve(
          health(polling.join(), topology.join(), writer.join()),
          new PollerMetrics(List.of(polling.join().ingest())),
          new StreamMetrics(topology.join(), writer.join()));
      return new Started(
          found,
          preview.join(),
          own.all(),
          topology.join(),
          writer.join(),
          polling.join(),
          admin.join());
    } finally {
      together.end();
    }
  }

  /**
   * Kafka's settings for a client in a consumer group. In our own Kafka nobody else is in the
   * group, so that a name for good lets a restart take its place at once; else the group would wait
   * 45 s for the member of the last start, which a kill or a quick restart leaves behind.
   */
  private Map<String, Object> groupMember(String kafka) {
    Map<String, Object> config = backends.withKafka(kafka).kafka();
    if (own.hasKafka()) {
      config.put(CommonClientConfigs.GROUP_INSTANCE_ID_CONFIG, "up");
    }
    return config;
  }

  private void announce(Optional<String> kafka, Optional<URI> registry, URI clickHouse) {
    directory.announce(
        new RunningServices(
            ProcessHandle.current().pid(),
            kafka,
            registry.map(URI::toString),
            clickHouse.toString()));
  }

  private SourceAddress sourceAddress() throws Exception {
    if (source instanceof ChosenSource.Polled polled) {
      SourceAddress address = SourceAddress.of(polled, settings);
      address.requireListening();
      steps.print("Source", polled.identity(), "account " + polled.account());
      return address;
    }
    String token = UUID.randomUUID().toString();
    SimulatorConfig config =
        SimulatorConfig.of(manifest.seed(), manifest.epoch())
            .withToken(token)
            .withRateLimit(
                Optional.of(
                    RateLimit.PRODUCTION.withRequests(settings.get(Setting.INGEST_REQUEST_LIMIT))));
    Simulator simulator =
        steps.take(
            "Simulator",
            () -> closing.add(Stage.PARTS, Simulator.start(config)),
            started -> started.baseUri().toString());
    return SourceAddress.ofSimulator(simulator.baseUri(), simulator.account(), token);
  }

  private List<String> tables(URI clickHouse) throws Exception {
    return steps.take(
        "Tables",
        () -> start.through(() -> BackendMigration.tables(backends.withClickHouse(clickHouse))),
        done -> count(done, "migration applied", "migrations applied"));
  }

  private SchemaRegistry topicsAndSchemas(String kafka, URI registry) throws Exception {
    Backends both = backends.withKafka(kafka).withRegistry(registry);
    SchemaRegistry client = closing.add(Stage.CLIENTS, both.registry());
    steps.take(
        "Topics, schemas",
        () -> start.through(() -> BackendMigration.topicsAndSchemas(both, client)),
        done -> count(done, "thing made", "things made"));
    return client;
  }

  private StreamProcessing topology(String kafka, SchemaRegistry registry) throws Exception {
    return steps.take(
        "Topology",
        () -> {
          StreamSettings streams = start.through(() -> backends.streamSettings(groupMember(kafka)));
          start.through(() -> UnknownState.of(streams)).ifPresent(steps::warn);
          return closing.add(Stage.TOPOLOGY, StreamProcessing.start(streams, registry));
        },
        started -> "group " + started.applicationId());
  }

  private ClickHouseWriter writer(String kafka, URI clickHouse, SchemaRegistry registry)
      throws Exception {
    return steps.take(
        "Writer",
        () ->
            closing.add(
                Stage.WRITER,
                ClickHouseWriter.start(
                    backends.writerSettings(groupMember(kafka)),
                    registry,
                    backends.withClickHouse(clickHouse).writer())),
        started -> "group " + ClickHouseWriter.GROUP);
  }

  private Health health(Polling polling, StreamProcessing topology, ClickHouseWriter writer) {
    return new BackendsHealth(own.all())
        .and(
            new PollerHealth(
                List.of(polling.ingest()),
                () -> Optional.ofNullable(polling.failure().getNow(null))))
        .and(new StreamHealth(topology, writer));
  }

  private Optional<URI> preview(ClickHouseEndpoint reader) {
    Optional<PreviewServer> started = PreviewPage.start(settings, reader);
    started.ifPresent(server -> closing.add(Stage.POLLING, server));
    Optional<URI> url = started.map(PreviewServer::url);
    url.ifPresent(at -> steps.print("Dashboards", at.toString(), "a page for your browser"));
    return url;
  }

  private Polling polling(String kafka, SchemaRegistry registry, SourceAddress from)
      throws Exception {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Ingest ingest =
        steps.take(
            "Poller",
            () ->
                closing.add(
                    Stage.POLLING,
                    start.through(
                        () ->
                            Ingest.start(
                                from.ingest(settings),
                                backends.withKafka(kafka).kafka(),
                                registry,
                                failure::complete))),
            started -> "account " + started.account());
    return new Polling(ingest, failure);
  }

  /**
   * The poller.
   *
   * @param failure completes when it can tell nothing more
   */
  record Polling(Ingest ingest, CompletableFuture<Throwable> failure) {}

  /** Where it is: as configured, else where our own is once it has started. */
  private <A> CompletableFuture<A> part(String name, Optional<A> configured, Callable<A> start) {
    if (configured.isPresent()) {
      steps.print(name, configured.get().toString(), "configured");
      return CompletableFuture.completedFuture(configured.get());
    }
    return together.start(start);
  }

  private void awaitAll(List<CompletableFuture<?>> all) {
    together.awaitAll(all, steps::end, start::giveUp);
  }

  private static String count(List<String> done, String one, String many) {
    return done.isEmpty() ? "up to date" : done.size() + " " + (done.size() == 1 ? one : many);
  }
}
