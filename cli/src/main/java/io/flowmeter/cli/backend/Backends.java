package io.flowmeter.cli.backend;

import io.flowmeter.cli.data.RunningServices;
import io.flowmeter.cli.settings.PassThrough;
import io.flowmeter.cli.settings.SecretFile;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.rebuild.Generations;
import io.flowmeter.streams.rebuild.RebuildException;
import io.flowmeter.streams.writer.WriterSettings;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;

/**
 * The way to the three parts. Each is the configured one, else the one of a running {@code up} in
 * the data directory.
 *
 * @param bootstrapServers of Kafka
 * @param registryUrl of the Schema Registry
 * @param clickHouseUrl of ClickHouse's HTTP interface
 */
public record Backends(
    Settings settings,
    Optional<String> bootstrapServers,
    Optional<URI> registryUrl,
    Optional<URI> clickHouseUrl) {

  private static final Duration KAFKA_PATIENCE = Duration.ofSeconds(20);

  private static final Duration KAFKA_LOOK = Duration.ofMillis(250);

  /** Whoever has not answered by then is looked at: where nobody listens, nobody will. */
  private static final Duration KAFKA_KNOCK = Duration.ofSeconds(2);

  /** None found yet. */
  public static Backends none(Settings settings) {
    return new Backends(settings, Optional.empty(), Optional.empty(), Optional.empty());
  }

  public Backends withKafka(String servers) {
    return new Backends(settings, Optional.of(servers), registryUrl, clickHouseUrl);
  }

  public Backends withRegistry(URI url) {
    return new Backends(settings, bootstrapServers, Optional.of(url), clickHouseUrl);
  }

  public Backends withClickHouse(URI url) {
    return new Backends(settings, bootstrapServers, registryUrl, Optional.of(url));
  }

  /** As the settings and the data directory tell. */
  public static Backends find(Settings settings) {
    Optional<RunningServices> running = RunningServices.in(settings.get(Setting.DATA_DIR));
    return new Backends(
        settings,
        settings
            .get(Setting.KAFKA_BOOTSTRAP_SERVERS)
            .or(() -> running.flatMap(RunningServices::kafka)),
        settings
            .get(Setting.REGISTRY_URL)
            .or(() -> running.flatMap(RunningServices::registry).map(URI::create)),
        settings
            .get(Setting.CLICKHOUSE_URL)
            .or(() -> running.map(up -> URI.create(up.clickHouse()))));
  }

  /** What every Kafka client needs to reach the brokers. */
  public Map<String, Object> kafka() {
    Map<String, Object> config = new HashMap<>(settings.passedThrough(PassThrough.KAFKA));
    config.put(
        CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
        bootstrapServers.orElseThrow(() -> missing(Setting.KAFKA_BOOTSTRAP_SERVERS)));
    return config;
  }

  /**
   * How the topology runs here, over the Kafka clients' settings, in the generation in force.
   *
   * @throws RebuildException where a rebuild's swap is half done
   */
  public StreamSettings streamSettings(Map<String, Object> kafka) {
    return streamSettingsOfAnyGeneration(kafka).withGeneration(Generations.current(kafka));
  }

  /** The same for a rebuild, which finds out itself what is in force. */
  public StreamSettings streamSettingsOfAnyGeneration(Map<String, Object> kafka) {
    StreamSettings defaults =
        StreamSettings.of(
            kafka,
            settings
                .get(Setting.STREAM_STATE_DIR)
                .orElseGet(() -> settings.get(Setting.DATA_DIR).resolve("streams")));
    return new StreamSettings(
        defaults.kafka(),
        defaults.stateDir(),
        settings.get(Setting.STREAM_THREADS),
        defaults.commitInterval(),
        settings.get(Setting.TOPICS_REPLICATION).orElse(defaults.replication()),
        defaults.topology(),
        defaults.generation(),
        settings.get(Setting.CLOCK));
  }

  /** How rows are written from here, over the Kafka clients' settings. */
  public WriterSettings writerSettings(Map<String, Object> kafka) {
    return WriterSettings.of(kafka)
        .withLinger(settings.get(Setting.WRITER_LINGER))
        .withClock(settings.get(Setting.CLOCK));
  }

  /**
   * A client of a Kafka that answers.
   *
   * @throws UnusableBackendException where the settings make no client, or Kafka refuses it; says
   *     what to do
   * @throws KafkaUnavailableException where nothing listens, or it does not answer in time
   */
  public Admin admin() {
    return admin(KAFKA_PATIENCE);
  }

  /** The same with a patience of one's own. */
  public Admin admin(Duration patience) {
    Map<String, Object> config = kafka();
    if (!KafkaDiagnosis.wantsTls(config)) {
      requireUnderstood(config);
    }
    Admin admin;
    try {
      admin = Admin.create(config);
    } catch (KafkaException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw unusable(config, cause.getMessage() + ". Check the kafka.* settings", e);
    }
    try {
      requireResponse(admin, config, patience);
      return admin;
    } catch (RuntimeException e) {
      admin.close(Duration.ZERO);
      throw e;
    }
  }

  private static void requireResponse(Admin admin, Map<String, Object> config, Duration patience) {
    KafkaFuture<String> result = admin.describeCluster().clusterId();
    long startNanos = System.nanoTime();
    boolean knocked = false;
    while (!isThere(result, config)) {
      if (KafkaDiagnosis.hangsUp(admin)) {
        requireUnderstood(config);
        if (!KafkaDiagnosis.logsIn(config)) {
          throw new UnusableBackendException(sentence(config, KafkaDiagnosis.wantsALogin(config)));
        }
      }
      long waited = System.nanoTime() - startNanos;
      if (!knocked && waited > KAFKA_KNOCK.toNanos()) {
        knocked = true;
        if (KafkaDiagnosis.isUnavailable(config)) {
          throw new KafkaUnavailableException(
              sentence(
                  config,
                  "nothing listens there. Start the broker, or correct kafka.bootstrap.servers"));
        }
      }
      if (waited > patience.toNanos()) {
        throw new KafkaUnavailableException(
            sentence(
                config,
                "it did not answer within %d s. Check kafka.bootstrap.servers, and that it runs"
                    .formatted(patience.toSeconds())));
      }
    }
  }

  /** Waits for a moment. */
  private static boolean isThere(KafkaFuture<?> result, Map<String, Object> config) {
    try {
      result.get(KAFKA_LOOK.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw unusable(
          config,
          KafkaDiagnosis.describe(e).orElseGet(() -> e.getCause().getMessage()),
          e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unusable(config, "interrupted while it was asked", e);
    }
  }

  private static void requireUnderstood(Map<String, Object> config) {
    Optional<String> found = KafkaDiagnosis.misunderstood(config);
    if (found.isPresent()) {
      throw new UnusableBackendException(sentence(config, found.get()));
    }
  }

  private static UnusableBackendException unusable(
      Map<String, Object> config, String why, Throwable cause) {
    return new UnusableBackendException(sentence(config, why), cause);
  }

  private static String sentence(Map<String, Object> config, String why) {
    return "expected Kafka at %s, but: %s"
        .formatted(config.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG), why);
  }

  public SchemaRegistry registry() {
    URI url = registryUrl.orElseThrow(() -> missing(Setting.REGISTRY_URL));
    return SchemaRegistry.confluent(url.toString(), settings.passedThrough(PassThrough.REGISTRY));
  }

  /** ClickHouse for the writer and the migrations. */
  public ClickHouseEndpoint writer() {
    return new ClickHouseEndpoint(
        clickHouse(),
        settings.get(Setting.CLICKHOUSE_USER),
        password(Setting.CLICKHOUSE_PASSWORD, Setting.CLICKHOUSE_PASSWORD_FILE, "writer.password"),
        settings.passedThrough(PassThrough.CLICKHOUSE));
  }

  /** ClickHouse for people. */
  public ClickHouseEndpoint reader() {
    return new ClickHouseEndpoint(
        clickHouse(),
        settings.get(Setting.CLICKHOUSE_READER_USER),
        password(
            Setting.CLICKHOUSE_READER_PASSWORD,
            Setting.CLICKHOUSE_READER_PASSWORD_FILE,
            "reader.password"),
        settings.passedThrough(PassThrough.CLICKHOUSE));
  }

  private String clickHouse() {
    URI first = clickHouseUrl.orElseThrow(() -> missing(Setting.CLICKHOUSE_URL));
    return Stream.concat(
            Stream.of(first),
            settings.get(Setting.CLICKHOUSE_FALLBACK_URLS).stream().flatMap(List::stream))
        .map(URI::toString)
        .collect(Collectors.joining(","));
  }

  /** Of a configured server only what is configured; of our own what up made. */
  private String password(
      Setting<Optional<String>> itself, Setting<Optional<Path>> inFile, String madeByUp) {
    Optional<String> configured = settings.secret(itself, inFile);
    if (configured.isPresent() || settings.get(Setting.CLICKHOUSE_URL).isPresent()) {
      return configured.orElse("");
    }
    Path file = settings.get(Setting.DATA_DIR).resolve(madeByUp);
    return Files.exists(file) ? SecretFile.read(file) : "";
  }

  private SettingsException missing(Setting<?> setting) {
    return new SettingsException(
        "expected %s to be set (--%s or $%s), or flowmeter up to run in %s"
            .formatted(
                setting.name(),
                setting.name(),
                setting.variable(),
                settings.get(Setting.DATA_DIR)));
  }
}
