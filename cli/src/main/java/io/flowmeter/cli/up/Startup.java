package io.flowmeter.cli.up;

import io.flowmeter.cli.console.Narrator;
import io.flowmeter.cli.data.Remembered;
import io.flowmeter.cli.data.Running;
import io.flowmeter.cli.data.UpDirectory;
import io.flowmeter.cli.migrate.Migration;
import io.flowmeter.cli.parts.Parts;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.source.ChosenSource;
import io.flowmeter.cli.source.SourceAddress;
import io.flowmeter.cli.up.Closing.Stage;
import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedClickHouse;
import io.flowmeter.embedded.EmbeddedKafka;
import io.flowmeter.embedded.EmbeddedPart;
import io.flowmeter.embedded.EmbeddedSchemaRegistry;
import io.flowmeter.ingest.Ingest;
import io.flowmeter.ingest.source.SourceNotFoundException;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.streams.StreamProcessing;
import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.writer.ClickHouseWriter;
import io.flowmeter.streams.writer.WriterSettings;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

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
  private final Parts parts;

  private final UpDirectory directory;
  private final ChosenSource source;
  private final Remembered remembered;
  private final Narrator narrator;
  private final Closing closing;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Integer> ports = new ConcurrentHashMap<>();
  private final Map<String, EmbeddedPart> embedded = new ConcurrentHashMap<>();

  Startup(
      Settings settings,
      UpDirectory directory,
      ChosenSource source,
      Remembered remembered,
      Narrator narrator,
      Closing closing) {
    this.settings = settings;
    this.parts = Parts.none(settings);
    this.directory = directory;
    this.source = source;
    this.remembered = remembered;
    this.narrator = narrator;
    this.closing = closing;
  }

  /** What runs after a start. */
  record Started(
      Parts parts,
      List<EmbeddedPart> embedded,
      StreamProcessing topology,
      ClickHouseWriter writer,
      Polling polling) {}

  /**
   * Starts everything; what was started is in the closing, also after a failure.
   *
   * @throws RuntimeException the first failure
   */
  Started run() {
    try {
      CompletableFuture<String> kafka =
          part(
              "Kafka",
              settings.get(Setting.KAFKA_BOOTSTRAP_SERVERS),
              () ->
                  EmbeddedKafka.start(
                      directory.resolve("kafka"),
                      wished(EmbeddedKafka.NAME, Setting.EMBEDDED_KAFKA_PORT)),
              EmbeddedKafka::bootstrapServers);
      CompletableFuture<URI> registry =
          part(
              "Schema Registry",
              settings.get(Setting.REGISTRY_URL),
              () ->
                  EmbeddedSchemaRegistry.start(
                      directory.resolve("registry"),
                      wished(EmbeddedSchemaRegistry.NAME, Setting.EMBEDDED_REGISTRY_PORT)),
              EmbeddedSchemaRegistry::url);
      CompletableFuture<URI> clickHouse =
          part(
              "ClickHouse",
              settings.get(Setting.CLICKHOUSE_URL),
              () ->
                  EmbeddedClickHouse.start(
                      directory.resolve("clickhouse"),
                      wished(EmbeddedClickHouse.NAME, Setting.EMBEDDED_CLICKHOUSE_PORT),
                      ClickHouseUsers.of(directory.writerPassword(), directory.readerPassword())),
              EmbeddedClickHouse::httpUrl);
      CompletableFuture<SourceAddress> address = async(this::sourceAddress);

      CompletableFuture<Void> tables = clickHouse.thenAcceptAsync(this::tables, threads);
      CompletableFuture<SchemaRegistry> catalogue =
          kafka.thenCombineAsync(registry, this::topicsAndSchemas, threads);
      CompletableFuture<StreamProcessing> topology =
          catalogue.thenApplyAsync(known -> topology(kafka.join(), known), threads);
      CompletableFuture<ClickHouseWriter> writer =
          catalogue.thenCombineAsync(
              tables, (known, done) -> writer(kafka.join(), clickHouse.join(), known), threads);
      CompletableFuture<Polling> polling =
          async(() -> polling(kafka.join(), catalogue.join(), address.join()));

      allOf(List.of(kafka, registry, clickHouse, address, tables, topology, writer, polling));
      Parts found =
          parts
              .withKafka(kafka.join())
              .withRegistry(registry.join())
              .withClickHouse(clickHouse.join());
      directory.remember(remembered.withPorts(ports));
      directory.announce(
          new Running(
              ProcessHandle.current().pid(),
              kafka.join(),
              registry.join().toString(),
              clickHouse.join().toString()));
      return new Started(
          found, List.copyOf(embedded.values()), topology.join(), writer.join(), polling.join());
    } finally {
      threads.shutdown();
    }
  }

  private SourceAddress sourceAddress() throws IOException {
    if (source instanceof ChosenSource.Polled polled) {
      narrator.say(line("Source", polled.identity(), "account " + polled.account()));
      return SourceAddress.of(polled, settings);
    }
    long begin = System.nanoTime();
    String token = UUID.randomUUID().toString();
    Simulator simulator =
        closing.add(
            Stage.PARTS,
            Simulator.start(
                SimulatorConfig.of(remembered.seed(), remembered.epoch()).withToken(token)));
    narrator.say(line("Simulator", simulator.baseUri().toString(), took(begin)));
    return new SourceAddress(
        simulator.baseUri(), Optional.of(simulator.account()), Optional.of(token), false);
  }

  private void tables(URI clickHouse) {
    long begin = System.nanoTime();
    List<String> done = Migration.tables(parts.withClickHouse(clickHouse));
    narrator.say(
        line("Tables", count(done, "migration applied", "migrations applied"), took(begin)));
  }

  private SchemaRegistry topicsAndSchemas(String kafka, URI registry) {
    long begin = System.nanoTime();
    Parts both = parts.withKafka(kafka).withRegistry(registry);
    SchemaRegistry client = closing.add(Stage.CLIENTS, both.registry());
    List<String> done = Migration.topicsAndSchemas(both, client);
    narrator.say(line("Topics, schemas", count(done, "thing made", "things made"), took(begin)));
    return client;
  }

  private StreamProcessing topology(String kafka, SchemaRegistry registry) {
    return closing.add(
        Stage.TOPOLOGY,
        StreamProcessing.start(
            StreamSettings.of(kafkaClient(kafka), directory.resolve("streams")), registry));
  }

  private ClickHouseWriter writer(String kafka, URI clickHouse, SchemaRegistry registry) {
    return closing.add(
        Stage.WRITER,
        ClickHouseWriter.start(
            WriterSettings.of(kafkaClient(kafka)),
            registry,
            parts.withClickHouse(clickHouse).writer()));
  }

  private Polling polling(String kafka, SchemaRegistry registry, SourceAddress from)
      throws SourceNotFoundException, InterruptedException {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Ingest ingest =
        Ingest.start(from.ingest(settings), kafkaClient(kafka), registry, failure::complete);
    return new Polling(closing.add(Stage.POLLING, ingest), failure);
  }

  /**
   * The poller.
   *
   * @param failure completes when it can tell nothing more
   */
  record Polling(Ingest ingest, CompletableFuture<Throwable> failure) {}

  private Map<String, Object> kafkaClient(String kafka) {
    return parts.withKafka(kafka).kafka();
  }

  private <A, P extends EmbeddedPart> CompletableFuture<A> part(
      String name, Optional<A> configured, Callable<P> start, Function<P, A> address) {
    if (configured.isPresent()) {
      narrator.say(line(name, configured.get().toString(), "configured"));
      return CompletableFuture.completedFuture(configured.get());
    }
    return async(
        () -> {
          long begin = System.nanoTime();
          P part = closing.add(Stage.PARTS, start.call());
          embedded.put(part.name(), part);
          ports.put(part.name(), part.port());
          A where = address.apply(part);
          narrator.say(line(name, where.toString(), took(begin)));
          return where;
        });
  }

  /** The last start's port, so that addresses last, unless the settings name one. */
  private int wished(String part, Setting<Integer> setting) {
    boolean told = !settings.effective(setting).origin().equals(Settings.DEFAULT);
    int port =
        told ? settings.get(setting) : remembered.ports().getOrDefault(part, settings.get(setting));
    return port;
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

  /** Waits for all, also after a failure, so that nothing starts behind the closing's back. */
  private static void allOf(List<CompletableFuture<?>> all) {
    CompletableFuture<Throwable> first = new CompletableFuture<>();
    all.forEach(
        each ->
            each.whenComplete(
                (done, failure) -> {
                  if (failure != null) {
                    first.complete(failure);
                  }
                }));
    CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
        .handle((done, failure) -> null)
        .join();
    if (first.isDone()) {
      Throwable failure = first.join();
      Throwable cause =
          failure instanceof CompletionException && failure.getCause() != null
              ? failure.getCause()
              : failure;
      throw cause instanceof RuntimeException known
          ? known
          : new UpException("up could not start: " + cause, cause);
    }
  }

  private static String line(String name, String what, String remark) {
    return String.format(Locale.ROOT, "  %-16s %-42s %s", name, what, remark);
  }

  private static String count(List<String> done, String one, String many) {
    return done.isEmpty() ? "up to date" : done.size() + " " + (done.size() == 1 ? one : many);
  }

  static String took(long begin) {
    Duration passed = Duration.ofNanos(System.nanoTime() - begin);
    return String.format(Locale.ROOT, "%.1f s", passed.toMillis() / 1_000.0);
  }
}
