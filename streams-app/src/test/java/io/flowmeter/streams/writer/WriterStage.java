package io.flowmeter.streams.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flowmeter.clock.Clock;
import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedClickHouse;
import io.flowmeter.embedded.EmbeddedKafka;
import io.flowmeter.embedded.FaultyNetwork;
import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.KafkaProvisioner;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.fact.StepRun;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.MigrationSettings;
import io.flowmeter.sql.Migrator;
import io.flowmeter.streams.Query;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A broker and a ClickHouse server with all tables, behind a network; and rows of step runs. */
final class WriterStage implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final int PARTITIONS = 4;
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final ClickHouseUsers USERS = ClickHouseUsers.of("writes", "reads");

  private final EmbeddedKafka kafka;
  private final SchemaRegistry registry = SchemaRegistry.inMemory();
  private final KafkaProducer<byte[], byte[]> producer;
  private final FaultyNetwork network;
  private final Random random = new Random(7);
  private EmbeddedClickHouse server;

  WriterStage(Path directory) {
    kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
    server = EmbeddedClickHouse.start(directory.resolve("clickhouse"), 0, USERS);
    try (Admin admin = Admin.create(kafka())) {
      KafkaProvisioner.apply(
          admin, registry, new KafkaProvisioner.Settings(PARTITIONS, Optional.empty()));
    }
    Migrator.apply(at(server.httpUrl().toString()), MigrationSettings.defaults());
    producer = new KafkaProducer<>(kafka(), new ByteArraySerializer(), new ByteArraySerializer());
    network = FaultyNetwork.before(server.httpUrl());
  }

  FaultyNetwork network() {
    return network;
  }

  EmbeddedClickHouse server() {
    return server;
  }

  /** Starts to write through the network, tenaciously. */
  ClickHouseWriter write() {
    return ClickHouseWriter.start(
        new WriterSettings(
            kafka(),
            2_000,
            1 << 20,
            Duration.ofMillis(100),
            2,
            Duration.ofSeconds(5),
            Duration.ofMillis(500),
            Clock.system()),
        registry,
        at(network.url().toString()));
  }

  /** Kills ClickHouse as {@code kill -9} does. */
  void killServer() {
    server.kill();
  }

  /** Starts it where it was. */
  void startServer() {
    server = EmbeddedClickHouse.start(server.directory(), server.port(), USERS);
  }

  /** Starts it so that nothing can be written. */
  void startReadOnlyServer() {
    server = EmbeddedClickHouse.start(server.directory(), server.port(), USERS.readOnly());
  }

  /** Starts it so that its disk has no room. */
  void startFullServer() {
    server = EmbeddedClickHouse.startOnFullDisk(server.directory(), server.port(), USERS);
  }

  /** A step run of an instance of its own, with such a message. */
  static StepRun stepRun(String workflow, int instance, String message) {
    return StepRun.newBuilder()
        .setAccountId("a")
        .setWorkflow(workflow)
        .setInstanceId("i" + instance)
        .setRun(NOON.toEpochMilli())
        .setStepIndex(0)
        .setStep("s")
        .setStepName("s-1")
        .setType("step")
        .setOutcome("succeeded")
        .setStartedAt(NOON)
        .setErrorMessage(message)
        .setRevision(1)
        .build();
  }

  /** Sends step runs of a workflow, each of a kilobyte that does not shrink. */
  void produce(String workflow, int rows) {
    var serializer = AvroSerde.serializer(Topics.STEP_RUNS, registry);
    for (int i = 0; i < rows; i++) {
      StepRun run = stepRun(workflow, i, noise());
      producer.send(
          new ProducerRecord<>(
              Topics.STEP_RUNS.name(),
              (workflow + i).getBytes(StandardCharsets.UTF_8),
              serializer.serialize(Topics.STEP_RUNS.name(), run)));
    }
    producer.flush();
  }

  private String noise() {
    byte[] noise = new byte[1_000];
    random.nextBytes(noise);
    return new String(noise, StandardCharsets.ISO_8859_1).replaceAll("[^!-~]", "-");
  }

  void assertThatAllAreThereOnce(String workflow, int rows) {
    String counts =
        "SELECT count(), uniqExact(instance_id) FROM step_runs WHERE workflow = '%s'"
            .formatted(workflow);
    await(counts)
        .atMost(PATIENCE)
        .ignoreException(SQLException.class)
        .untilAsserted(
            () ->
                assertThat(Query.rows(at(server.httpUrl().toString()), counts))
                    .containsExactly(rows + "|" + rows));
  }

  /** Executes a statement at the server itself. */
  void execute(String statement) throws SQLException {
    try (Connection connection = at(server.httpUrl().toString()).connect();
        Statement executed = connection.createStatement()) {
      executed.execute(statement);
    }
  }

  /** How many dead letters there are. */
  long letters() throws Exception {
    try (Admin admin = Admin.create(kafka())) {
      Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
      for (int i = 0; i < PARTITIONS; i++) {
        latest.put(new TopicPartition(Topics.DEAD_LETTERS, i), OffsetSpec.latest());
      }
      return admin.listOffsets(latest).all().get().values().stream()
          .mapToLong(ListOffsetsResultInfo::offset)
          .sum();
    }
  }

  private Map<String, Object> kafka() {
    return Map.of("bootstrap.servers", kafka.bootstrapServers());
  }

  private static ClickHouseEndpoint at(String url) {
    return new ClickHouseEndpoint(url, ClickHouseUsers.WRITER, "writes");
  }

  @Override
  public void close() {
    producer.close();
    network.close();
    server.close();
    kafka.close();
    registry.close();
  }
}
