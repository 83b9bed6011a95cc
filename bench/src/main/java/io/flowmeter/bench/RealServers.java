package io.flowmeter.bench;

import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedClickHouse;
import io.flowmeter.embedded.EmbeddedKafka;
import io.flowmeter.schemas.KafkaProvisioner;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.MigrationSettings;
import io.flowmeter.sql.Migrator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;

/**
 * A broker in this process and a ClickHouse beside it, with all topics and tables, or one of the
 * two; for a while.
 */
public final class RealServers implements AutoCloseable {
  /** As {@code topics.partitions} has it where nobody chose. */
  public static final int PARTITIONS = KafkaProvisioner.Settings.DEFAULTS.partitions();

  private final Path data;
  private final boolean kept;
  private final Optional<EmbeddedClickHouse> server;
  private final Optional<EmbeddedKafka> kafka;
  private final SchemaRegistry registry = SchemaRegistry.inMemory();

  private RealServers(Path data, boolean kept, boolean withClickHouse, boolean withKafka) {
    this.data = data;
    this.kept = kept;
    server =
        withClickHouse
            ? Optional.of(
                EmbeddedClickHouse.start(
                    data.resolve("c"), 0, ClickHouseUsers.of("writes", "reads")))
            : Optional.empty();
    kafka = withKafka ? Optional.of(EmbeddedKafka.start(data.resolve("k"), 0)) : Optional.empty();
  }

  public static RealServers start() throws IOException, SQLException {
    return new RealServers(temporary(), false, true, true).prepared();
  }

  public static RealServers clickHouseAlone() throws IOException, SQLException {
    return new RealServers(temporary(), false, true, false).prepared();
  }

  /**
   * A ClickHouse whose tables stay when it is closed.
   *
   * @param data its folder, made when it is not there
   */
  public static RealServers clickHouseIn(Path data) throws SQLException {
    return new RealServers(data, true, true, false).prepared();
  }

  public static RealServers kafkaAlone() throws IOException, SQLException {
    return new RealServers(temporary(), false, false, true).prepared();
  }

  private static Path temporary() throws IOException {
    return Files.createTempDirectory("flowmeter-bench");
  }

  private RealServers prepared() throws SQLException {
    if (kafka.isPresent()) {
      try (Admin admin = Admin.create(kafka())) {
        KafkaProvisioner.apply(admin, registry, KafkaProvisioner.Settings.DEFAULTS);
      }
    }
    if (server.isPresent()) {
      Migrator.apply(clickHouse(), MigrationSettings.defaults());
    }
    return this;
  }

  /** A Kafka client's settings. */
  public Map<String, Object> kafka() {
    return Map.of("bootstrap.servers", kafka.orElseThrow().bootstrapServers());
  }

  public SchemaRegistry registry() {
    return registry;
  }

  /** For who writes. */
  public ClickHouseEndpoint clickHouse() {
    return new ClickHouseEndpoint(url(), ClickHouseUsers.WRITER, "writes");
  }

  /** For who asks: with the limits that dashboards and people have. */
  public ClickHouseEndpoint reader() {
    return new ClickHouseEndpoint(url(), ClickHouseUsers.READER, "reads");
  }

  /** The processor time that ClickHouse has used so far, in nanoseconds; 0 where none tells. */
  public long clickHouseProcessorNanos() {
    return ProcessHandle.of(server.orElseThrow().pid())
        .flatMap(process -> process.info().totalCpuDuration())
        .map(Duration::toNanos)
        .orElse(0L);
  }

  private String url() {
    return server.orElseThrow().httpUrl().toString();
  }

  /** A folder that goes with the parts; not made yet. */
  public Path folder(String name) {
    return data.resolve(name);
  }

  @Override
  public void close() {
    kafka.ifPresent(EmbeddedKafka::close);
    server.ifPresent(EmbeddedClickHouse::close);
    if (!kept) {
      delete(data);
    }
  }

  /** With all that is in it. */
  public static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new BenchmarkException("a temporary folder was not deleted: " + e.getMessage(), e);
    }
  }
}
