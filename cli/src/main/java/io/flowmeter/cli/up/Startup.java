package io.flowmeter.cli.up;

import io.flowmeter.cli.console.Narrator;
import io.flowmeter.cli.data.Remembered;
import io.flowmeter.cli.data.Running;
import io.flowmeter.cli.data.UpDirectory;
import io.flowmeter.cli.health.Health;
import io.flowmeter.cli.health.PartsHealth;
import io.flowmeter.cli.health.PollerHealth;
import io.flowmeter.cli.health.StreamHealth;
import io.flowmeter.cli.metrics.MetricsServer;
import io.flowmeter.cli.metrics.PollerMetrics;
import io.flowmeter.cli.metrics.StreamMetrics;
import io.flowmeter.cli.migrate.Migration;
import io.flowmeter.cli.parts.Parts;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.source.ChosenSource;
import io.flowmeter.cli.source.SourceAddress;
import io.flowmeter.cli.start.Start;
import io.flowmeter.cli.up.Closing.Stage;
import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedClickHouse;
import io.flowmeter.embedded.EmbeddedKafka;
import io.flowmeter.embedded.EmbeddedPart;
import io.flowmeter.embedded.EmbeddedSchemaRegistry;
import io.flowmeter.ingest.Ingest;
import io.flowmeter.ingest.source.SourceNotFoundException;
import io.flowmeter.preview.PreviewServer;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.simulator.api.RateLimit;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.streams.StreamProcessing;
import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.health.StreamMinutes;
import io.flowmeter.streams.rebuild.StrangeState;
import io.flowmeter.streams.writer.ClickHouseWriter;
import io.flowmeter.streams.writer.WriterSettings;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
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
  /** What the built-in API admits in 5 minutes: ten times what production does. */
  private static final int DEMO_REQUESTS = 12_000;

  private static final Map<String, Setting<Integer>> WISHED_PORTS =
      Map.of(
          EmbeddedKafka.NAME, Setting.EMBEDDED_KAFKA_PORT,
          EmbeddedSchemaRegistry.NAME, Setting.EMBEDDED_REGISTRY_PORT,
          EmbeddedClickHouse.NAME, Setting.EMBEDDED_CLICKHOUSE_PORT);

  private final Settings settings;

  /** What is known of the parts before they are started. */
  private final Parts parts;

  private final UpDirectory directory;
  private final ChosenSource source;
  private final Remembered remembered;
  private final Steps steps;
  private final Start start;
  private final Closing closing;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, EmbeddedPart> embedded = new ConcurrentHashMap<>();

  Startup(
      Settings settings,
      UpDirectory directory,
      ChosenSource source,
      Remembered remembered,
      Narrator narrator,
      Closing closing,
      BooleanSupplier cancelled) {
    this.settings = settings;
    this.parts = Parts.none(settings);
    this.directory = directory;
    this.source = source;
    this.remembered = remembered;
    this.steps = new Steps(narrator, cancelled);
    this.start = new Start(narrator, patience -> pause(patience, cancelled));
    this.closing = closing;
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
      Parts parts,
      Optional<URI> preview,
      List<EmbeddedPart> embedded,
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
      metrics.url().ifPresent(url -> steps.tell("Metrics", url.toString(), "for Prometheus"));
      CompletableFuture<String> kafka =
          part(
              "Kafka",
              settings.get(Setting.KAFKA_BOOTSTRAP_SERVERS),
              () -> EmbeddedKafka.start(directory.resolve("kafka"), wished(EmbeddedKafka.NAME)),
              EmbeddedKafka::bootstrapServers);
      CompletableFuture<URI> registry =
          part(
              "Schema Registry",
              settings.get(Setting.REGISTRY_URL),
              () ->
                  EmbeddedSchemaRegistry.start(
                      directory.resolve("registry"), wished(EmbeddedSchemaRegistry.NAME)),
              EmbeddedSchemaRegistry::url);
      CompletableFuture<URI> clickHouse =
          part(
              "ClickHouse",
              settings.get(Setting.CLICKHOUSE_URL),
              () ->
                  EmbeddedClickHouse.start(
                      directory.resolve("clickhouse"),
                      wished(EmbeddedClickHouse.NAME),
                      ClickHouseUsers.of(directory.writerPassword(), directory.readerPassword())),
              EmbeddedClickHouse::httpUrl);
      CompletableFuture<SourceAddress> address = async(this::sourceAddress);

      CompletableFuture<List<String>> tables =
          async(
              () -> {
                List<String> done = tables(clickHouse.join());
                // Queries need not wait for the rest.
                announce(Optional.empty(), Optional.empty(), clickHouse.join());
                return done;
              });
      CompletableFuture<Optional<URI>> preview =
          async(
              () -> {
                tables.join();
                return preview(parts.withClickHouse(clickHouse.join()).reader());
              });
      CompletableFuture<SchemaRegistry> catalogue =
          async(() -> topicsAndSchemas(kafka.join(), registry.join()));
      CompletableFuture<StreamProcessing> topology =
          async(() -> topology(kafka.join(), catalogue.join()));
      CompletableFuture<ClickHouseWriter> writer =
          async(
              () -> {
                tables.join();
                return writer(kafka.join(), clickHouse.join(), catalogue.join());
              });
      CompletableFuture<Polling> polling =
          async(() -> polling(kafka.join(), catalogue.join(), address.join()));

      allOf(
          List.of(
              kafka, registry, clickHouse, address, tables, preview, topology, writer, polling));
      Parts found =
          parts
              .withKafka(kafka.join())
              .withRegistry(registry.join())
              .withClickHouse(clickHouse.join());
      directory.remember(remembered.withPorts(ports()));
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
          async(() -> closing.add(Stage.CLIENTS, start.through(() -> found.admin())));
      allOf(List.of(admin));
      metrics.tell(
          health(polling.join(), topology.join(), writer.join()),
          new PollerMetrics(List.of(polling.join().ingest())),
          new StreamMetrics(topology.join(), writer.join()));
      return new Started(
          found,
          preview.join(),
          List.copyOf(embedded.values()),
          topology.join(),
          writer.join(),
          polling.join(),
          admin.join());
    } finally {
      threads.shutdown();
    }
  }

  /**
   * Kafka's settings for a client in a consumer group. In our own Kafka nobody else is in the
   * group, so that a name for good lets a restart take its place at once; else the group would wait
   * 45 s for the member of the last start, which a kill or a quick restart leaves behind.
   */
  private Map<String, Object> groupMember(String kafka) {
    Map<String, Object> config = parts.withKafka(kafka).kafka();
    if (embedded.containsKey(EmbeddedKafka.NAME)) {
      config.put(CommonClientConfigs.GROUP_INSTANCE_ID_CONFIG, "up");
    }
    return config;
  }

  private void announce(Optional<String> kafka, Optional<URI> registry, URI clickHouse) {
    directory.announce(
        new Running(
            ProcessHandle.current().pid(),
            kafka,
            registry.map(URI::toString),
            clickHouse.toString()));
  }

  private Map<String, Integer> ports() {
    Map<String, Integer> ports = new HashMap<>(remembered.ports());
    embedded.forEach((name, part) -> ports.put(name, part.port()));
    return ports;
  }

  private SourceAddress sourceAddress() throws Exception {
    if (source instanceof ChosenSource.Polled polled) {
      SourceAddress address = SourceAddress.of(polled, settings);
      address.requireListening();
      steps.tell("Source", polled.identity(), "account " + polled.account());
      return address;
    }
    String token = UUID.randomUUID().toString();
    SimulatorConfig config =
        SimulatorConfig.of(remembered.seed(), remembered.epoch())
            .withToken(token)
            .withRateLimit(Optional.of(RateLimit.PRODUCTION.withRequests(DEMO_REQUESTS)));
    Simulator simulator =
        steps.take(
            "Simulator",
            () -> closing.add(Stage.PARTS, Simulator.start(config)),
            started -> started.baseUri().toString());
    return SourceAddress.unshared(simulator.baseUri(), simulator.account(), token);
  }

  private List<String> tables(URI clickHouse) throws Exception {
    return steps.take(
        "Tables",
        () -> start.through(() -> Migration.tables(parts.withClickHouse(clickHouse))),
        done -> count(done, "migration applied", "migrations applied"));
  }

  private SchemaRegistry topicsAndSchemas(String kafka, URI registry) throws Exception {
    Parts both = parts.withKafka(kafka).withRegistry(registry);
    SchemaRegistry client = closing.add(Stage.CLIENTS, both.registry());
    steps.take(
        "Topics, schemas",
        () -> start.through(() -> Migration.topicsAndSchemas(both, client)),
        done -> count(done, "thing made", "things made"));
    return client;
  }

  private StreamProcessing topology(String kafka, SchemaRegistry registry) throws Exception {
    return steps.take(
        "Topology",
        () -> {
          StreamSettings streams = start.through(() -> parts.streamSettings(groupMember(kafka)));
          start.through(() -> StrangeState.of(streams)).ifPresent(steps::warn);
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
                    WriterSettings.of(groupMember(kafka)).withClock(settings.get(Setting.CLOCK)),
                    registry,
                    parts.withClickHouse(clickHouse).writer())),
        started -> "group " + ClickHouseWriter.GROUP);
  }

  private Health health(Polling polling, StreamProcessing topology, ClickHouseWriter writer) {
    List<EmbeddedPart> ours = List.copyOf(embedded.values());
    return new PartsHealth(ours)
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
    url.ifPresent(at -> steps.tell("Dashboards", at.toString(), "a page for your browser"));
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
                                parts.withKafka(kafka).kafka(),
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

  private <A, P extends EmbeddedPart> CompletableFuture<A> part(
      String name, Optional<A> configured, Callable<P> start, Function<P, A> address) {
    if (configured.isPresent()) {
      steps.tell(name, configured.get().toString(), "configured");
      return CompletableFuture.completedFuture(configured.get());
    }
    return async(
        () -> {
          P part =
              steps.take(
                  name,
                  () -> closing.add(Stage.PARTS, start.call()),
                  started -> address.apply(started) + taken(started));
          embedded.put(part.name(), part);
          return address.apply(part);
        });
  }

  /** The last start's port, so that addresses last, unless the settings name one. */
  private int wished(String part) {
    Setting<Integer> setting = WISHED_PORTS.get(part);
    boolean told = !settings.effective(setting).origin().equals(Settings.DEFAULT);
    return told
        ? settings.get(setting)
        : remembered.ports().getOrDefault(part, settings.get(setting));
  }

  private String taken(EmbeddedPart part) {
    int wished = wished(part.name());
    return wished == 0 || wished == part.port() ? "" : " (" + wished + " is taken)";
  }

  private <T> CompletableFuture<T> async(Callable<T> task) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return task.call();
          } catch (RuntimeException e) {
            throw e;
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        },
        threads);
  }

  /**
   * Waits for all that began, also after a failure, so that nothing starts behind the closing's
   * back; what did not begin by then does not begin.
   */
  private void allOf(List<CompletableFuture<?>> all) {
    CompletableFuture<Throwable> first = new CompletableFuture<>();
    all.forEach(
        each ->
            each.whenComplete(
                (done, failure) -> {
                  if (failure != null) {
                    steps.end();
                    first.complete(failure);
                  }
                }));
    CompletableFuture<Void> every =
        CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
            .handle((done, failure) -> null);
    try {
      every.get();
    } catch (InterruptedException | ExecutionException e) {
      // A stop was asked for.
      start.giveUp();
      every.join();
      Thread.currentThread().interrupt();
      throw new CancellationException("the start was given up");
    }
    if (first.isDone()) {
      throw told(first.join());
    }
  }

  private static RuntimeException told(Throwable failure) {
    if (failure instanceof CompletionException && failure.getCause() != null) {
      return told(failure.getCause());
    }
    if (failure instanceof SourceNotFoundException) {
      return new UpException(failure.getMessage(), failure);
    }
    return failure instanceof RuntimeException known
        ? known
        : new UpException("up could not start: " + failure, failure);
  }

  private static String count(List<String> done, String one, String many) {
    return done.isEmpty() ? "up to date" : done.size() + " " + (done.size() == 1 ? one : many);
  }
}
