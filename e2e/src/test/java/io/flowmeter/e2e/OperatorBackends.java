package io.flowmeter.e2e;

import io.flowmeter.clock.Clock;
import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedClickHouse;
import io.flowmeter.embedded.EmbeddedKafka;
import io.flowmeter.embedded.EmbeddedSchemaRegistry;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.verify.relation.RelationReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An operator's parts, each of which can be taken away and brought back, and services on them. */
final class OperatorBackends implements AutoCloseable {
  private static final ClickHouseUsers USERS = ClickHouseUsers.of("writer-secret", "reader-secret");

  private final Path home;
  private final String token;
  private final Simulator simulator;
  private final EmbeddedSchemaRegistry registry;
  private final Map<String, String> more = new HashMap<>();
  private String classPath = System.getProperty("java.class.path");
  private EmbeddedKafka kafka;
  private EmbeddedClickHouse clickHouse;

  private OperatorBackends(Path home, SimulatorConfig config) throws IOException {
    this.home = home;
    this.token = config.token().orElseThrow();
    this.kafka = EmbeddedKafka.start(home.resolve("kafka"), 0);
    this.registry = EmbeddedSchemaRegistry.start(home.resolve("registry"), 0);
    this.clickHouse = EmbeddedClickHouse.start(home.resolve("clickhouse"), 0, USERS);
    this.simulator = Simulator.start(config);
  }

  /** Starts the parts; topics and tables are not there yet. */
  static OperatorBackends start(Path home, SimulatorConfig config) throws IOException {
    return new OperatorBackends(home, config);
  }

  /** The same with a source that has little to tell and limits nobody. */
  static OperatorBackends startQuietly(Path home) throws IOException {
    return start(
        home,
        SimulatorConfig.of(1, Clock.system().instant())
            .withToken("t-0123456789")
            .withRateLimit(Optional.empty()));
  }

  Simulator simulator() {
    return simulator;
  }

  RelationReader reader() {
    return new RelationReader(clickHouse.httpUrl(), USERS.readerPassword());
  }

  /** A setting of all services that are started from now on. */
  void set(String variable, String value) {
    more.put(variable, value);
  }

  /** All services that are started from now on are of the build with this class path. */
  void use(String build) {
    classPath = build;
  }

  Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("FLOWMETER_SOURCE_URL", simulator.baseUri().toString());
    settings.put("CLOUDFLARE_ACCOUNT_ID", simulator.account());
    settings.put("CLOUDFLARE_API_TOKEN", token);
    settings.put("FLOWMETER_INGEST_INTERVAL", "1s");
    settings.put("FLOWMETER_INGEST_REQUEST_LIMIT", "1000000");
    settings.put("FLOWMETER_METRICS_PORT", "0");
    settings.put("FLOWMETER_KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
    settings.put("FLOWMETER_REGISTRY_URL", registry.url().toString());
    settings.put("FLOWMETER_CLICKHOUSE_URL", clickHouse.httpUrl().toString());
    settings.put("FLOWMETER_CLICKHOUSE_PASSWORD", USERS.writerPassword());
    settings.put("FLOWMETER_CLICKHOUSE_READER_PASSWORD", USERS.readerPassword());
    settings.putAll(more);
    return settings;
  }

  /** Starts a command. */
  Service start(String name, String... command) {
    return Service.start(home, name, settings(), classPath, List.of(), List.of(), command);
  }

  /**
   * Starts a command in a narrower place.
   *
   * @param java options of the JVM
   * @param before words that the command line begins with
   */
  Service startWith(String name, List<String> java, List<String> before, String... command) {
    return Service.start(home, name, settings(), classPath, java, before, command);
  }

  /** Makes topics, schemas and tables. */
  void migrate() throws InterruptedException {
    try (Service migrate = start("migrate", "migrate")) {
      Service.End end = migrate.awaitEnd(System.nanoTime());
      if (end.code() != 0) {
        throw new AssertionError(migrate.said());
      }
    }
  }

  void stopKafka() {
    kafka.close();
  }

  void startKafka() {
    kafka = EmbeddedKafka.start(kafka.directory(), kafka.port());
  }

  void stopClickHouse() {
    clickHouse.close();
  }

  void startClickHouse() {
    URI before = clickHouse.httpUrl();
    clickHouse = EmbeddedClickHouse.start(clickHouse.directory(), before.getPort(), USERS);
  }

  @Override
  public void close() {
    simulator.close();
    clickHouse.close();
    kafka.close();
    registry.close();
  }
}
