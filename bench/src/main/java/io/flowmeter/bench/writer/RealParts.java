package io.flowmeter.bench.writer;

import io.flowmeter.bench.BenchmarkException;
import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedClickHouse;
import io.flowmeter.embedded.EmbeddedKafka;
import io.flowmeter.schemas.Catalogue;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.MigrationSettings;
import io.flowmeter.sql.Migrator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;

/** A broker in this process and a ClickHouse beside it, with all topics and tables, for a while. */
final class RealParts implements AutoCloseable {
  private final Path data;
  private final EmbeddedClickHouse server;
  private final EmbeddedKafka kafka;
  private final SchemaRegistry registry = SchemaRegistry.inMemory();

  private RealParts(Path data) {
    this.data = data;
    server = EmbeddedClickHouse.start(data.resolve("c"), 0, ClickHouseUsers.of("writes", "reads"));
    kafka = EmbeddedKafka.start(data.resolve("k"), 0);
  }

  static RealParts start() throws IOException, SQLException {
    RealParts parts = new RealParts(Files.createTempDirectory("flowmeter-bench"));
    try (Admin admin = Admin.create(parts.kafka())) {
      Catalogue.apply(admin, parts.registry, new Catalogue.Settings(4, Optional.empty()));
    }
    Migrator.apply(parts.clickHouse(), MigrationSettings.defaults());
    return parts;
  }

  /** A Kafka client's settings. */
  Map<String, Object> kafka() {
    return Map.of("bootstrap.servers", kafka.bootstrapServers());
  }

  SchemaRegistry registry() {
    return registry;
  }

  ClickHouseEndpoint clickHouse() {
    return new ClickHouseEndpoint(server.httpUrl().toString(), ClickHouseUsers.WRITER, "writes");
  }

  @Override
  public void close() {
    kafka.close();
    server.close();
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new BenchmarkException("a temporary directory was not deleted: " + e.getMessage(), e);
    }
  }
}
