package io.flowmeter.dev.up;

import io.flowmeter.cli.data.UpDirectory;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.dev.up.ShutdownSequence.Stage;
import io.flowmeter.embedded.ClickHouseEngine;
import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedClickHouse;
import io.flowmeter.embedded.EmbeddedKafka;
import io.flowmeter.embedded.EmbeddedSchemaRegistry;
import io.flowmeter.embedded.EmbeddedService;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The parts that {@code up} starts itself, each at the port of the last start where that is free,
 * so that addresses last. Safe for use by many threads.
 */
final class EmbeddedServices {
  private static final Map<String, Setting<Integer>> WISHED_PORTS =
      Map.of(
          EmbeddedKafka.NAME, Setting.EMBEDDED_KAFKA_PORT,
          EmbeddedSchemaRegistry.NAME, Setting.EMBEDDED_REGISTRY_PORT,
          EmbeddedClickHouse.NAME, Setting.EMBEDDED_CLICKHOUSE_PORT);

  private final Settings settings;
  private final UpDirectory directory;
  private final Map<String, Integer> lastPorts;
  private final StartupSteps steps;
  private final ShutdownSequence closing;
  private final Map<String, EmbeddedService> started = new ConcurrentHashMap<>();

  /**
   * @param lastPorts by the part's name
   * @param closing stops what was started
   */
  EmbeddedServices(
      Settings settings,
      UpDirectory directory,
      Map<String, Integer> lastPorts,
      StartupSteps steps,
      ShutdownSequence closing) {
    this.settings = settings;
    this.directory = directory;
    this.lastPorts = Map.copyOf(lastPorts);
    this.steps = steps;
    this.closing = closing;
  }

  /** Starts Kafka; returns its bootstrap servers. */
  String kafka() throws Exception {
    return start(
        "Kafka",
        () -> EmbeddedKafka.start(directory.resolve("kafka"), wished(EmbeddedKafka.NAME)),
        EmbeddedKafka::bootstrapServers);
  }

  /** Starts the Schema Registry; returns its address. */
  URI registry() throws Exception {
    return start(
        "Schema Registry",
        () ->
            EmbeddedSchemaRegistry.start(
                directory.resolve("registry"), wished(EmbeddedSchemaRegistry.NAME)),
        EmbeddedSchemaRegistry::url);
  }

  /** Starts ClickHouse; returns its HTTP interface. */
  URI clickHouse() throws Exception {
    return start(
        "ClickHouse",
        () ->
            EmbeddedClickHouse.start(
                directory.resolve("clickhouse"),
                wished(EmbeddedClickHouse.NAME),
                ClickHouseUsers.of(directory.writerPassword(), directory.readerPassword()),
                ClickHouseEngine.findOrInstall(
                    settings.get(Setting.EMBEDDED_CLICKHOUSE_ENGINE), steps::say)),
        EmbeddedClickHouse::httpUrl);
  }

  /** Those that were started. */
  List<EmbeddedService> all() {
    return List.copyOf(started.values());
  }

  /** Whether Kafka is our own, so that nobody else is in its groups. */
  boolean hasKafka() {
    return started.containsKey(EmbeddedKafka.NAME);
  }

  /** Where each listens, or did at the last start, by the part's name. */
  Map<String, Integer> ports() {
    Map<String, Integer> ports = new HashMap<>(lastPorts);
    started.forEach((name, service) -> ports.put(name, service.port()));
    return ports;
  }

  private <A, P extends EmbeddedService> A start(
      String name, Callable<P> start, Function<P, A> address) throws Exception {
    P part =
        steps.take(
            name,
            () -> closing.add(Stage.PARTS, start.call()),
            its -> address.apply(its) + taken(its));
    started.put(part.name(), part);
    return address.apply(part);
  }

  /** The last start's, unless the settings name one. */
  private int wished(String part) {
    Setting<Integer> setting = WISHED_PORTS.get(part);
    boolean published = !settings.effective(setting).origin().equals(Settings.DEFAULT);
    return published ? settings.get(setting) : lastPorts.getOrDefault(part, settings.get(setting));
  }

  private String taken(EmbeddedService service) {
    int wished = wished(service.name());
    return wished == 0 || wished == service.port() ? "" : " (" + wished + " is taken)";
  }
}
