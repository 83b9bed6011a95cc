package io.flowmeter.cli.rebuild;

import io.flowmeter.cli.data.Running;
import io.flowmeter.cli.data.UpDirectory;
import io.flowmeter.cli.parts.Parts;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedClickHouse;
import io.flowmeter.embedded.EmbeddedKafka;
import io.flowmeter.embedded.EmbeddedSchemaRegistry;
import io.flowmeter.embedded.EmbeddedStack;
import io.flowmeter.streams.rebuild.RebuildException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

  private final Parts parts;
  private final boolean ownKafka;
  private final Runnable stop;

  private Servers(Parts parts, boolean ownKafka, Runnable stop) {
    this.parts = parts;
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
      return new Servers(Parts.find(settings), false, () -> {});
    }
    Path path = settings.get(Setting.DATA_DIR);
    if (kafka.isEmpty() && !Files.isDirectory(path.resolve(EmbeddedKafka.NAME))) {
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
                                Running.in(path)
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
    Map<String, Integer> ports =
        directory.remembered().map(remembered -> remembered.ports()).orElse(Map.of());
    Optional<String> kafka = settings.get(Setting.KAFKA_BOOTSTRAP_SERVERS);
    Optional<URI> registry = settings.get(Setting.REGISTRY_URL);
    Optional<URI> clickHouse = settings.get(Setting.CLICKHOUSE_URL);
    EmbeddedStack.Plan plan = EmbeddedStack.in(directory.path());
    if (kafka.isEmpty()) {
      plan.withKafka(ports.getOrDefault(EmbeddedKafka.NAME, 0));
    }
    if (registry.isEmpty()) {
      plan.withRegistry(ports.getOrDefault(EmbeddedSchemaRegistry.NAME, 0));
    }
    if (clickHouse.isEmpty()) {
      plan.withClickHouse(
          ports.getOrDefault(EmbeddedClickHouse.NAME, 0),
          ClickHouseUsers.of(directory.writerPassword(), directory.readerPassword()));
    }
    EmbeddedStack stack = plan.start();
    Parts parts =
        Parts.none(settings)
            .withKafka(kafka.orElseGet(() -> stack.kafka().bootstrapServers()))
            .withRegistry(registry.orElseGet(() -> stack.registry().url()))
            .withClickHouse(clickHouse.orElseGet(() -> stack.clickHouse().httpUrl()));
    return new Servers(
        parts,
        kafka.isEmpty(),
        () -> {
          stack.close();
          directory.close();
        });
  }

  public Parts parts() {
    return parts;
  }

  /**
   * What every Kafka client needs. In our own Kafka nobody but {@code up} is in a group, so that
   * its name lets this process take the place that it left.
   */
  public Map<String, Object> kafka() {
    Map<String, Object> config = new HashMap<>(parts.kafka());
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
