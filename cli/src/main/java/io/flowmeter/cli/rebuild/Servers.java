package io.flowmeter.cli.rebuild;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.data.RunningServices;
import io.flowmeter.cli.data.UpDirectory;
import io.flowmeter.cli.local.LocalServers;
import io.flowmeter.cli.local.LocalServers.Server;
import io.flowmeter.cli.local.Tools;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.streams.rebuild.RebuildException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.CommonClientConfigs;

/**
 * Kafka, the registry and ClickHouse without the pipeline: those that are configured, and those of
 * {@code up} started for as long as this is open.
 */
public final class Servers implements AutoCloseable {
  private static final Duration CLAIM_WITHIN = Duration.ofSeconds(1);

  private final Backends backends;
  private final boolean ownKafka;
  private final Runnable stop;

  private Servers(Backends backends, boolean ownKafka, Runnable stop) {
    this.backends = backends;
    this.ownKafka = ownKafka;
    this.stop = stop;
  }

  /**
   * Starts what is not configured.
   *
   * @throws RebuildException where {@code up} runs, or never did
   */
  public static Servers open(Settings settings) {
    Optional<String> kafka = settings.get(Setting.KAFKA_BOOTSTRAP_SERVERS);
    Optional<URI> registry = settings.get(Setting.REGISTRY_URL);
    Optional<URI> clickHouse = settings.get(Setting.CLICKHOUSE_URL);
    if (kafka.isPresent() && registry.isPresent() && clickHouse.isPresent()) {
      return new Servers(Backends.find(settings), false, () -> {});
    }
    Path path = settings.get(Setting.DATA_DIR);
    if (kafka.isEmpty() && !Files.isDirectory(path.resolve(Server.KAFKA.folder()))) {
      throw new RebuildException(
          "there is nothing in %s to rebuild yet: run flowmeter up first, or choose another --data"
              .formatted(path));
    }
    UpDirectory directory =
        UpDirectory.claim(path, CLAIM_WITHIN)
            .orElseThrow(
                () ->
                    new RebuildException(
                        "%s is in use by another flowmeter%s. Stop it, then run the rebuild again"
                            .formatted(
                                path,
                                RunningServices.in(path)
                                    .map(up -> " up, process " + up.pid())
                                    .orElse(""))));
    try {
      return start(settings, directory);
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  private static Servers start(Settings settings, UpDirectory directory) {
    Optional<String> kafka = settings.get(Setting.KAFKA_BOOTSTRAP_SERVERS);
    Optional<URI> registry = settings.get(Setting.REGISTRY_URL);
    Optional<URI> clickHouse = settings.get(Setting.CLICKHOUSE_URL);
    Map<String, Integer> last =
        directory.manifest().map(manifest -> manifest.ports()).orElse(Map.of());
    Map<Server, Integer> ports = new EnumMap<>(Server.class);
    for (Server each : Server.values()) {
      ports.put(each, last.getOrDefault(each.folder(), 0));
    }
    kafka.ifPresent(configured -> ports.remove(Server.KAFKA));
    registry.ifPresent(configured -> ports.remove(Server.REGISTRY));
    clickHouse.ifPresent(configured -> ports.remove(Server.CLICKHOUSE));
    LocalServers.Started started = Tools.localServers().start(settings, directory, ports);
    Backends backends =
        Backends.none(settings)
            .withKafka(kafka.or(started::kafka).orElseThrow())
            .withRegistry(registry.or(started::registry).orElseThrow())
            .withClickHouse(clickHouse.or(started::clickHouse).orElseThrow());
    return new Servers(
        backends,
        kafka.isEmpty(),
        () -> {
          started.close();
          directory.close();
        });
  }

  public Backends backends() {
    return backends;
  }

  /**
   * What every Kafka client needs. In our own Kafka nobody but {@code up} is in a group, so that
   * its name lets this process take the place that it left.
   */
  public Map<String, Object> kafka() {
    Map<String, Object> config = new HashMap<>(backends.kafka());
    if (ownKafka) {
      config.put(CommonClientConfigs.GROUP_INSTANCE_ID_CONFIG, "up");
    }
    return config;
  }

  /** Stops what was started. */
  @Override
  public void close() {
    stop.run();
  }
}
