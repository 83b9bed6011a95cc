package io.flowmeter.streams.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
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
import io.flowmeter.schemas.rollup.CollectorMinute;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.MigrationSettings;
import io.flowmeter.sql.Migrator;
import io.flowmeter.streams.Query;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The writer between a real broker and a real ClickHouse, with a network that fails. */
class WriterIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String TEXT = "x".repeat(1000);

  @TempDir static Path data;

  private static EmbeddedKafka kafka;
  private static EmbeddedClickHouse clickHouse;
  private static SchemaRegistry registry;
  private static KafkaProducer<byte[], byte[]> producer;

  private final List<ClickHouseWriter> writers = new ArrayList<>();
  private FaultyNetwork network;

  @BeforeAll
  static void start() throws Exception {
    kafka = EmbeddedKafka.start(data.resolve("kafka"), 0);
    clickHouse =
        EmbeddedClickHouse.start(
            data.resolve("clickhouse"), 0, ClickHouseUsers.of("writes", "reads"));
    registry = SchemaRegistry.inMemory();
    try (Admin admin = Admin.create(kafka())) {
      KafkaProvisioner.apply(admin, registry, new KafkaProvisioner.Settings(4, Optional.empty()));
    }
    Migrator.apply(at(clickHouse.httpUrl().toString()), MigrationSettings.defaults());
    producer = new KafkaProducer<>(kafka(), new ByteArraySerializer(), new ByteArraySerializer());
  }

  @AfterAll
  static void stop() {
    producer.close();
    registry.close();
    clickHouse.close();
    kafka.close();
  }

  @BeforeEach
  void connect() throws Exception {
    network = FaultyNetwork.before(clickHouse.httpUrl());
  }

  @AfterEach
  void disconnect() throws Exception {
    writers.forEach(ClickHouseWriter::close);
    network.close();
  }

  @Test
  void aLostAcknowledgementNeitherLosesNorDoublesARow() throws SQLException {
    network.cutResponses(2);
    ClickHouseWriter writer = write(settings(), network.url().toString());

    produce("acknowledged", 0, 1_000);

    await("two cut answers").atMost(PATIENCE).until(() -> network.responsesCut() == 2);
    await("1,000 written rows")
        .atMost(PATIENCE)
        .until(writer::progress, progress -> progress.totalRows() >= 1_000);
    assertThatAllAreThereOnce("acknowledged", 1_000);
  }

  @Test
  void aServerThatFallsSilentIsAskedAgain() throws SQLException {
    ClickHouseWriter writer = write(settings(), network.url().toString());
    produce("before", 0, 10);
    assertThatAllAreThereOnce("before", 10);

    network.silent(true);
    produce("silence", 0, 100);
    await("the writer to be in trouble")
        .atMost(PATIENCE)
        .until(writer::progress, progress -> progress.failure().isPresent());
    network.silent(false);

    assertThatAllAreThereOnce("silence", 100);
    await("the end of the writer's trouble")
        .atMost(PATIENCE)
        .until(writer::progress, progress -> progress.failure().isEmpty());
  }

  @Test
  void twoWritersAtOnceAndATakeOverNeitherLoseNorDoubleARow() throws SQLException {
    ClickHouseWriter first = write(small(), network.url().toString());
    produce("two", 0, 2_000);
    ClickHouseWriter second = write(small(), network.url().toString());
    int[] produced = {2_000};
    await("rows of the second writer")
        .atMost(PATIENCE)
        .until(
            () -> {
              produce("two", produced[0], 500);
              produced[0] += 500;
              return second.progress().totalRows() > 0;
            });
    first.close();
    produce("two", produced[0], 2_000);

    assertThatAllAreThereOnce("two", produced[0] + 2_000);
  }

  @Test
  void whileClickHouseIsAwayOnlyABoundedPartIsHeldAndTheRestWaitsInKafka() throws SQLException {
    WriterSettings small = small();
    network.silent(true);
    ClickHouseWriter writer = write(small, network.url().toString());
    produce("away", 0, 20_000);

    await("the writer to be in trouble")
        .atMost(PATIENCE)
        .until(writer::progress, progress -> progress.failure().isPresent());
    await("a bounded amount of held bytes")
        .during(Duration.ofSeconds(2))
        .atMost(PATIENCE)
        // Three batches, each over its bound by one poll.
        .until(() -> writer.heldBytes() > 0 && writer.heldBytes() < 6 * small.batchBytes());
    await("a consumer lag of 20,000 records")
        .atMost(PATIENCE)
        .until(writer::progress, progress -> progress.lag().orElse(0) == 20_000);
    network.silent(false);

    assertThatAllAreThereOnce("away", 20_000);
    await("no consumer lag")
        .atMost(PATIENCE)
        .until(writer::progress, progress -> progress.lag().orElse(1) == 0);
  }

  @Test
  void whereOneServerIsAwayAnotherIsWrittenTo() throws Exception {
    FaultyNetwork gone = FaultyNetwork.before(clickHouse.httpUrl());
    gone.close();
    write(settings(), gone.url() + "," + network.url());

    produce("failover", 0, 100);

    assertThatAllAreThereOnce("failover", 100);
  }

  @Test
  void overTlsOnlyAServerWithATrustedCertificateIsWrittenTo(@TempDir Path keys) throws Exception {
    Path store = keys.resolve("store");
    Path certificate = keys.resolve("certificate.pem");
    keytool("-genkeypair -alias s -keyalg EC -dname CN=localhost -ext san=dns:localhost", store);
    keytool("-exportcert -alias s -rfc -file " + certificate, store);
    try (FaultyNetwork tls = FaultyNetwork.before(clickHouse.httpUrl(), tls(store))) {
      ClickHouseWriter distrusts = write(settings(), tls.url().toString());
      produce("tls", 0, 10);
      await("the writer to be in trouble")
          .atMost(PATIENCE)
          .until(distrusts::progress, progress -> progress.failure().isPresent());
      distrusts.close();
      assertThat(select("SELECT count(), 0 FROM step_runs WHERE workflow = 'tls'"))
          .isEqualTo("0|0");

      writers.add(
          ClickHouseWriter.start(
              settings(),
              registry,
              new ClickHouseEndpoint(
                  tls.url().toString(),
                  ClickHouseUsers.WRITER,
                  "writes",
                  Map.of("sslrootcert", certificate.toString()))));

      assertThatAllAreThereOnce("tls", 10);
    }
  }

  private static void keytool(String arguments, Path store) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
    command.addAll(List.of(arguments.split(" ")));
    command.addAll(
        List.of("-storetype", "PKCS12", "-storepass", "secret", "-keystore", store.toString()));
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  private static SSLContext tls(Path store) throws Exception {
    KeyStore keys = KeyStore.getInstance(store.toFile(), "secret".toCharArray());
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, "secret".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  @Test
  void aRowAfterAQuietWhileDoesNotWaitForOthers() throws SQLException {
    ClickHouseWriter writer =
        write(
            new WriterSettings(
                kafka(),
                10_000,
                1 << 20,
                Duration.ofHours(1),
                2,
                Duration.ofSeconds(30),
                Duration.ofSeconds(1),
                Clock.system()),
            network.url().toString());
    await("a known consumer lag")
        .atMost(PATIENCE)
        .until(writer::progress, progress -> progress.lag().isPresent());

    produce("quiet", 0, 1);

    assertThatAllAreThereOnce("quiet", 1);
  }

  @Test
  void rowsWithinTheLingerAreOneInsertUnlessTheBatchIsFull() throws SQLException {
    write(
        new WriterSettings(
            kafka(),
            10,
            64 << 20,
            Duration.ofHours(1),
            2,
            Duration.ofSeconds(30),
            Duration.ofSeconds(1),
            Clock.system()),
        network.url().toString());
    produce("lingering", 0, 1);
    assertThatAllAreThereOnce("lingering", 1);

    for (int row = 1; row <= 10; row++) {
      produce("lingering", row, 1);
    }

    assertThatAllAreThereOnce("lingering", 11);
    assertThat(select("SELECT uniqExact(inserted_at) FROM step_runs WHERE workflow = 'lingering'"))
        .as("the first, and the batch that became full")
        .isEqualTo("2");
  }

  @Test
  void ofRunningTotalsOnlyTheLatestOfEachKeyIsWritten() throws SQLException {
    ClickHouseWriter writer =
        write(
            new WriterSettings(
                kafka(),
                10,
                64 << 20,
                Duration.ofHours(1),
                2,
                Duration.ofSeconds(30),
                Duration.ofSeconds(1),
                Clock.system()),
            network.url().toString());
    var serializer = AvroSerde.serializer(Topics.COLLECTOR_MINUTES, registry);
    String topic = Topics.COLLECTOR_MINUTES.name();

    Instant minuteOfTotals = Instant.now().truncatedTo(ChronoUnit.MINUTES);
    for (int total = 1; total <= 10; total++) {
      CollectorMinute minute =
          CollectorMinute.newBuilder()
              .setAccountId("totals")
              .setMinute(minuteOfTotals)
              .setProcess("p" + total % 2)
              .setObservedAt(minuteOfTotals)
              .setRevision(total)
              .setKnown(total)
              .build();
      producer.send(
          new ProducerRecord<>(
              topic,
              minute.getProcess().getBytes(StandardCharsets.UTF_8),
              serializer.serialize(topic, minute)));
    }
    producer.flush();

    await("the batch that became full")
        .atMost(PATIENCE)
        .until(writer::progress, progress -> progress.totalRows() > 0);
    assertThat(writer.progress().rows()).isEqualTo(Map.of("collector_minutes", 2L));
    assertThat(select("SELECT sum(known), 0 FROM collector_minutes WHERE account_id = 'totals'"))
        .isEqualTo("19|0");
  }

  @Test
  void whatIsTakenForADeadLetterIsToldWithItsPlaceAndIsNoRowThatWasWritten() throws Exception {
    ListAppender<ILoggingEvent> told = new ListAppender<>();
    told.start();
    Logger log = (Logger) LoggerFactory.getLogger(BatchInsert.class);
    log.addAppender(told);
    try (BatchInsert insert =
        new BatchInsert(settings(), Route.LIVE, registry, at(clickHouse.httpUrl().toString()))) {
      String topic = Topics.STEP_RUNS.name();
      StepRun run = WriterStage.stepRun("told", 1, "");
      byte[] good = AvroSerde.serializer(Topics.STEP_RUNS, registry).serialize(topic, run);
      byte[] bad = "not avro".getBytes(StandardCharsets.UTF_8);

      WriteResult written =
          insert
              .write(
                  Topics.STEP_RUNS,
                  List.of(
                      new ConsumerRecord<>(topic, 3, 5, bad, bad),
                      new ConsumerRecord<>(topic, 3, 6, bad, good),
                      new ConsumerRecord<>(topic, 3, 7, bad, null)))
              .get();

      assertThat(written.rows()).isEqualTo(1);
      assertThat(written.deadLetters()).hasSize(1);
      assertThat(told.list)
          .singleElement()
          .satisfies(
              event ->
                  assertThat(event.getKeyValuePairs())
                      .extracting(pair -> pair.key + "=" + pair.value)
                      .containsExactly(
                          "event=dead_letter", "topic=" + topic, "partition=3", "offset=5"));
    } finally {
      log.detachAppender(told);
    }
  }

  /** Letters and offsets are one transaction, so that neither a restart nor a fault repeats one. */
  @Test
  void whatCannotBeReadIsADeadLetterOnceThoughTheWriterDiesBeforeItWroteTheBatch()
      throws Exception {
    network.silent(true);
    ClickHouseWriter killed = write(settings(), network.url().toString());
    producer.send(record("unreadable", "not avro".getBytes(StandardCharsets.UTF_8)));
    produce("unreadable", 0, 10);
    await("the writer to be in trouble")
        .atMost(PATIENCE)
        .until(killed::progress, progress -> progress.failure().isPresent());
    assertThat(letters()).isEmpty();
    killed.close();
    network.silent(false);

    ClickHouseWriter next = write(settings(), network.url().toString());
    assertThatAllAreThereOnce("unreadable", 10);
    await("no consumer lag")
        .atMost(PATIENCE)
        .until(next::progress, progress -> progress.lag().orElse(1) == 0);
    next.close();
    ClickHouseWriter last = write(settings(), network.url().toString());
    produce("unreadable", 10, 10);
    producer.send(record("unreadable", null));
    assertThatAllAreThereOnce("unreadable", 20);
    await("no consumer lag")
        .atMost(PATIENCE)
        .until(last::progress, progress -> progress.lag().orElse(1) == 0);
    assertThat(last.progress().rows())
        .as("what has no value is no row")
        .isEqualTo(Map.of("step_runs", 10L));
    last.close();

    assertThat(letters()).hasSize(1);
    ConsumerRecord<byte[], byte[]> deadLetter = letters().get(0);
    assertThat(new String(deadLetter.value(), StandardCharsets.UTF_8)).isEqualTo("not avro");
    assertThat(deadLetter.headers().lastHeader("__streams.errors.topic").value())
        .asString()
        .isEqualTo(Topics.STEP_RUNS.name());
  }

  private ClickHouseWriter write(WriterSettings settings, String url) {
    ClickHouseWriter writer = ClickHouseWriter.start(settings, registry, at(url));
    writers.add(writer);
    return writer;
  }

  private static WriterSettings settings() {
    return new WriterSettings(
        kafka(),
        5_000,
        4 << 20,
        Duration.ofMillis(200),
        2,
        Duration.ofSeconds(2),
        Duration.ofMillis(500),
        Clock.system());
  }

  private static WriterSettings small() {
    return new WriterSettings(
        kafka(),
        5_000,
        200_000,
        Duration.ofMillis(100),
        2,
        Duration.ofSeconds(2),
        Duration.ofMillis(500),
        Clock.system());
  }

  private static Map<String, Object> kafka() {
    return Map.of("bootstrap.servers", kafka.bootstrapServers());
  }

  private static ClickHouseEndpoint at(String url) {
    return new ClickHouseEndpoint(url, ClickHouseUsers.WRITER, "writes");
  }

  private static ProducerRecord<byte[], byte[]> record(String key, byte[] value) {
    return new ProducerRecord<>(
        Topics.STEP_RUNS.name(), key.getBytes(StandardCharsets.UTF_8), value);
  }

  private static void produce(String workflow, int from, int rows) {
    var serializer = AvroSerde.serializer(Topics.STEP_RUNS, registry);
    for (int i = from; i < from + rows; i++) {
      StepRun run = WriterStage.stepRun(workflow, i, TEXT);
      producer.send(record(workflow + i, serializer.serialize(Topics.STEP_RUNS.name(), run)));
    }
    producer.flush();
  }

  private static void assertThatAllAreThereOnce(String workflow, int rows) throws SQLException {
    String counts =
        "SELECT count(), uniqExact(instance_id) FROM step_runs WHERE workflow = '%s'"
            .formatted(workflow);
    await(counts)
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(select(counts)).isEqualTo(rows + "|" + rows));
  }

  private static String select(String query) throws SQLException {
    return Query.rows(at(clickHouse.httpUrl().toString()), query).get(0);
  }

  /** All that a reader of committed records sees. */
  private static List<ConsumerRecord<byte[], byte[]>> letters() throws Exception {
    Map<String, Object> config = new HashMap<>(kafka());
    config.put("isolation.level", "read_committed");
    try (Admin admin = Admin.create(kafka());
        KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.DEAD_LETTERS).stream()
              .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
              .toList();
      Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
      partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
      var ends = admin.listOffsets(latest).all().get();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      List<ConsumerRecord<byte[], byte[]>> deadLetters = new ArrayList<>();
      TreeSet<Integer> read = new TreeSet<>();
      await("all dead letters")
          .atMost(PATIENCE)
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(deadLetters::add);
                for (TopicPartition partition : partitions) {
                  if (consumer.position(partition) >= ends.get(partition).offset()) {
                    read.add(partition.partition());
                  }
                }
                return read.size() == partitions.size();
              });
      return deadLetters;
    }
  }
}
