package io.flowmeter.streams;

import static io.flowmeter.streams.InstanceHistory.attempt;
import static io.flowmeter.streams.InstanceHistory.failed;
import static io.flowmeter.streams.InstanceHistory.step;
import static io.flowmeter.streams.InstanceHistory.succeeded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flowmeter.clock.Clock;
import io.flowmeter.clock.FastClock;
import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedClickHouse;
import io.flowmeter.embedded.EmbeddedStack;
import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.KafkaProvisioner;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.MigrationSettings;
import io.flowmeter.sql.Migrator;
import io.flowmeter.streams.health.StreamMinutes;
import io.flowmeter.streams.topology.FlowmeterTopology;
import io.flowmeter.streams.writer.ClickHouseWriter;
import io.flowmeter.streams.writer.WriterSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The topology and the writer on a real broker, registry and ClickHouse; one story in order. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StreamsIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Short, so that tests wait less: running totals wait ten times as long. */
  private static final Duration LINGER = Duration.ofMillis(100);

  private static final ClickHouseUsers USERS = ClickHouseUsers.of("writer-secret", "reader-secret");

  private static final Clock YESTERDAY =
      FastClock.from(Clock.system().instant().minus(Duration.ofDays(1)), 1);

  @TempDir static Path data;

  private static EmbeddedStack stack;
  private static EmbeddedClickHouse clickHouse;
  private static ClickHouseEndpoint endpoint;
  private static SchemaRegistry registry;
  private static StreamProcessing streams;
  private static ClickHouseWriter writer;
  private static KafkaProducer<byte[], byte[]> producer;

  @BeforeAll
  static void start() throws Exception {
    stack = EmbeddedStack.in(data).withKafka(0).withRegistry(0).start();
    clickHouse = EmbeddedClickHouse.start(data.resolve("clickhouse"), 0, USERS);
    endpoint = writerAt(clickHouse);
    registry = SchemaRegistry.confluent(stack.registry().url().toString());
    try (Admin admin = Admin.create(kafka())) {
      KafkaProvisioner.apply(admin, registry, new KafkaProvisioner.Settings(3, Optional.empty()));
    }
    Migrator.apply(endpoint, MigrationSettings.defaults());
    streams = StreamProcessing.start(StreamSettings.of(kafka(), data.resolve("streams")), registry);
    writer =
        ClickHouseWriter.start(WriterSettings.of(kafka()).withLinger(LINGER), registry, endpoint);
    producer = new KafkaProducer<>(kafka(), new ByteArraySerializer(), new ByteArraySerializer());
  }

  @AfterAll
  static void stop() {
    producer.close();
    writer.close();
    streams.close();
    registry.close();
    clickHouse.close();
    stack.close();
  }

  @Test
  @Order(1)
  void observationsBecomeRows() {
    InstanceHistory first = InstanceHistory.of("billing", "i 1/ü", 0);
    InstanceHistory second = InstanceHistory.of("billing", "i-2", 60_000);
    observe(
        first.row(500, "running"),
        first
            .detail(5_000, "errored")
            .started(0)
            .ended(693)
            .step(succeeded("prepare 'it'-1", 3, 8))
            .step(
                step(
                    "post-1",
                    12,
                    691,
                    false,
                    failed(12, 51, "RangeError", "balance < 0"),
                    failed(254, 271, "RangeError", "balance < 0"),
                    failed(674, 691, "RangeError", "balance < 0")))
            .told(),
        second
            .detail(70_000, "complete")
            .started(60_000)
            .ended(61_000)
            .step(succeeded("post-1", 60_000, 61_000))
            .told());

    eventually("SELECT count() FROM step_runs", "3");
    eventually(
        "SELECT instance_id, status, queue_ms, run_ms, attempts, retries, lost_ms, failed_step,"
            + " toString(queued_at) FROM instances ORDER BY run",
        "i 1/ü|errored|0|693|4|2|679|post|2026-11-24 12:00:00.000",
        "i-2|complete|0|1000|1|0|0||2026-11-24 12:01:00.000");
    eventually(
        "SELECT seq, to_status, toUnixTimestamp64Milli(at) - 1795521600000 FROM transitions"
            + " WHERE instance_id = 'i-2' ORDER BY seq",
        "1|queued|60000",
        "2|running|60000",
        "3|complete|61000");
    eventually(
        "SELECT attempt, duration_ms, backoff_before_ms, error_name FROM step_attempts"
            + " WHERE step = 'post' AND success = 0 ORDER BY attempt",
        "1|39|0|RangeError",
        "2|17|203|RangeError",
        "3|17|403|RangeError");
    eventually(
        "SELECT toString(minute), runs, failed, exhausted, wall_ms_sum, toString(wall_buckets), wall_ms_max"
            + " FROM step_minutes WHERE step = 'post' ORDER BY minute",
        "2026-11-24 12:00:00|1|1|1|679|{330:1}|688",
        "2026-11-24 12:01:00|1|0|0|1000|{349:1}|1003");
    eventually(
        "SELECT sum(queued), sum(completed), sum(errored), sum(sampled) FROM workflow_minutes",
        "2|1|1|2");
    assertThat(streams.storeBytes()).containsKeys("live", "ended", "instances", "dictionary");
    assertThat(streams.storeBytes().values()).allMatch(bytes -> bytes > 0);
    assertThat(streams.storeEntries()).containsEntry("status_tallies", 1L);
  }

  @Test
  @Order(2)
  void statusCountsFollowEverySweep() {
    for (int partition = 0; partition < 3; partition++) {
      Observation sweep =
          InstanceHistory.sweepEnded(
              "billing", 80_000, 1, Map.of("complete", 1L, "errored", 1L), Map.of("complete", 1L));
      sweep.getSweepEnded().setPartition(partition);
      sweep.getSweepEnded().setPartitions(3);
      send(partition, "local/billing", sweep);
    }

    eventually(
        "SELECT status, count, reported, drift FROM status_counts_now ORDER BY status",
        "complete|1|1|null",
        "errored|1|0|null");
  }

  @Test
  @Order(3)
  void whileClickHouseIsAwayRowsWaitInKafka() {
    clickHouse.close();
    InstanceHistory away = InstanceHistory.of("billing", "away", 120_000);
    observe(away.detail(130_000, "complete").started(120_000).ended(121_000).told());
    await("the writer to be in trouble")
        .atMost(PATIENCE)
        .until(writer::progress, progress -> progress.failure().isPresent());

    clickHouse = EmbeddedClickHouse.start(data.resolve("clickhouse"), clickHouse.port(), USERS);
    assertThat(writerAt(clickHouse)).isEqualTo(endpoint);

    eventually("SELECT count() FROM instances WHERE instance_id = 'away'", "1");
    await("the end of the writer's trouble")
        .atMost(PATIENCE)
        .until(writer::progress, progress -> progress.failure().isEmpty());
  }

  @Test
  @Order(4)
  void whatIsWrittenTwiceIsThereOnce() {
    writer.close();
    try (Admin admin = Admin.create(kafka())) {
      admin.deleteConsumerGroups(List.of(ClickHouseWriter.GROUP)).all().get();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    writer =
        ClickHouseWriter.start(
            WriterSettings.of(kafka()).withLinger(LINGER).withClock(YESTERDAY), registry, endpoint);

    await("15 written rows and no consumer lag")
        .atMost(PATIENCE)
        .until(() -> writer.progress().totalRows() >= 15 && writer.progress().lag().orElse(1) == 0);
    eventually("SELECT count(), uniqExact(instance_id, run) FROM instances", "3|3");
    eventually("SELECT sum(runs) FROM step_minutes", "3");
  }

  @Test
  @Order(5)
  void whatCannotBeReadGoesToTheDeadLettersAndNothingStops() {
    producer.send(
        new ProducerRecord<>(
            Topics.OBSERVATIONS.name(), 0, bytes("k"), bytes("{\"not\": \"avro\"}")));
    producer.send(
        new ProducerRecord<>(Topics.INSTANCES.name(), 0, bytes("k"), bytes("{\"nor\": \"this\"}")));
    InstanceHistory after = InstanceHistory.of("billing", "after", 180_000);
    Observation ofANewerKind = after.row(180_500, "running");
    ofANewerKind.setRow(null);
    observe(ofANewerKind, after.row(181_000, "running"));

    eventually("SELECT status FROM instances WHERE instance_id = 'after'", "running");
    List<String> deadLetters = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(kafka(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.DEAD_LETTERS).stream()
              .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      await("the expected dead letters")
          .atMost(PATIENCE)
          .until(
              () -> {
                for (ConsumerRecord<byte[], byte[]> deadLetter :
                    consumer.poll(Duration.ofMillis(200))) {
                  deadLetters.add(
                      new String(
                          deadLetter.headers().lastHeader("__streams.errors.topic").value(),
                          StandardCharsets.UTF_8));
                  assertThat(deadLetter.headers().lastHeader("__streams.errors.exception"))
                      .isNotNull();
                }
                return deadLetters.size() == 3;
              });
    }
    assertThat(deadLetters)
        .containsExactlyInAnyOrder(
            Topics.OBSERVATIONS.name(), Topics.OBSERVATIONS.name(), Topics.INSTANCES.name());
    eventually("SELECT account_id, sum(dead_letters) FROM collector_minutes GROUP BY 1", "local|3");
  }

  /** The writer was started anew with a clock that is a day behind. */
  @Test
  @Order(6)
  void rowsAreStampedByTheWritersClock() {
    eventually(
        "SELECT inserted_at < now64(3) - INTERVAL 23 HOUR FROM instances WHERE instance_id = 'after'",
        "1");
    assertThat(writer.progress().lastWriteAt().orElseThrow())
        .isBefore(Clock.system().instant().minus(Duration.ofHours(23)));
  }

  @Test
  @Order(7)
  void aRestartedTopologyGoesOnFromItsState() {
    streams.close();
    streams = StreamProcessing.start(StreamSettings.of(kafka(), data.resolve("streams")), registry);
    producer.send(
        new ProducerRecord<>(Topics.OBSERVATIONS.name(), 0, bytes("k"), bytes("not avro")));
    InstanceHistory after = InstanceHistory.of("billing", "after", 180_000);
    observe(after.detail(190_000, "complete").started(180_500).ended(189_000).told());

    eventually(
        "SELECT seq, to_status FROM transitions WHERE instance_id = 'after' ORDER BY seq",
        "1|queued",
        "2|running",
        "3|complete");
    eventually("SELECT sum(queued), sum(completed) FROM workflow_minutes", "4|3");
    eventually("SELECT sum(dead_letters) FROM collector_minutes", "4");
    assertThat(streams.failure()).isEmpty();
  }

  /** What a process leaves that died while RocksDB made the store: a log and no list of files. */
  @Test
  @Order(8)
  void storesThatAreHalfThereAreRestoredFromKafka() throws Exception {
    streams.close();
    Path tasks = data.resolve("streams").resolve(streams.applicationId());
    List<Path> broken = List.of(tasks.resolve("0_0"), tasks.resolve("0_1"));
    for (Path task : broken) {
      Files.delete(task.resolve("rocksdb").resolve("live").resolve("CURRENT"));
    }
    InstanceHistory late = InstanceHistory.of("billing", "late", 240_000);
    observe(late.row(240_500, "running"));

    streams = StreamProcessing.start(StreamSettings.of(kafka(), data.resolve("streams")), registry);

    // What is known of each run decides what its next observation changes.
    InstanceHistory first = InstanceHistory.of("billing", "i 1/ü", 0);
    InstanceHistory second = InstanceHistory.of("billing", "i-2", 60_000);
    InstanceHistory away = InstanceHistory.of("billing", "away", 120_000);
    observe(
        first.row(250_000, "errored"),
        second.row(250_000, "complete"),
        away.row(250_000, "complete"),
        late.detail(260_000, "complete").started(240_500).ended(259_000).told());
    eventually("SELECT status FROM instances WHERE instance_id = 'late'", "complete");
    eventually(
        "SELECT count(), uniqExact(instance_id, run), sum(reopened) FROM instances", "5|5|0");
    eventually("SELECT sum(queued), sum(completed) FROM workflow_minutes", "5|4");
    assertThat(streams.failure()).isEmpty();
    assertThat(broken).allSatisfy(task -> assertThat(task).isDirectory());
  }

  @Test
  @Order(9)
  void everyStoreIsInKafka() throws Exception {
    try (Admin admin = Admin.create(kafka())) {
      assertThat(admin.listTopics().names().get())
          .containsAll(
              FlowmeterTopology.carries().keySet().stream()
                  .map(store -> streams.applicationId() + "-" + store + "-changelog")
                  .toList());
    }
  }

  @Test
  @Order(10)
  void whatTheProcessTellsOfItselfIsThereToo() {
    try (StreamMinutes minutes =
        StreamMinutes.start(streams, writer, kafka(), registry, Clock.system())) {
      eventually(
          "SELECT processes, topology_lag, writer_lag < 10, rows_written > 0, failures, store_bytes > 0,"
              + " store_entries > 0 FROM stream_minutes ORDER BY minute LIMIT 1",
          "1|0|1|1|0|1|1");
    }
  }

  /** The longest run that the API allows, five attempts a step, through default broker limits. */
  @Test
  @Order(11)
  void aRunOf25000StepsIsThereWhole() {
    InstanceHistory run = InstanceHistory.of("long", "25000", 0);
    InstanceHistory.Detail detail = run.detail(3_600_000, "complete").started(0).ended(3_500_000);
    for (int i = 0; i < 25_000; i++) {
      long start = i * 100L;
      detail.step(
          step(
              "step " + i % 40 + "-" + (1 + i / 40),
              start,
              start + 90,
              true,
              failed(start, start + 10, "E", "refused"),
              failed(start + 20, start + 30, "E", "refused"),
              failed(start + 40, start + 50, "E", "refused"),
              failed(start + 60, start + 70, "E", "refused"),
              attempt(start + 80, start + 90, true)));
    }
    List<Observation> parts = detail.parts(120);
    assertThat(parts).allSatisfy(part -> assertThat(bytes(part)).hasSizeLessThan(256 << 10));
    observe(parts.toArray(Observation[]::new));

    eventually(
        "SELECT count(), sum(attempts), sum(lost_ms) FROM step_runs WHERE workflow = 'long'",
        "25000|125000|2000000");
    eventually(
        "SELECT count(), sum(duration_ms) FROM step_attempts WHERE workflow = 'long'",
        "125000|1250000");
    eventually(
        "SELECT step_count, attempts, retries, lost_ms FROM instances WHERE workflow = 'long'",
        "25000|125000|100000|2000000");
    eventually(
        "SELECT sum(runs), sum(retries), uniqExact(step), uniqExact(minute), max(wall_ms_max)"
            + " FROM step_minutes WHERE workflow = 'long'",
        "25000|100000|40|42|91");
  }

  /** Whoever names things chooses freely; what comes out is what came in, to the last byte. */
  @Test
  @Order(12)
  void namesOfAnyKindComeOutAsTheyCameIn() {
    List<String> names =
        List.of(
            "it's \"so\"",
            "back\\slash\\",
            "\\'; DROP TABLE instances_rows; --",
            "100 % of %s and %27",
            "naïve 漢字 🚀",
            "two\nlines\tand a tab",
            "\\N",
            "x'\\\"%".repeat(60).substring(0, 271));
    for (String name : names) {
      InstanceHistory run = InstanceHistory.of(name, name, 480_000);
      observe(
          run.detail(490_000, "errored")
              .version(name)
              .started(480_000)
              .ended(481_000)
              .step(step(name, 480_000, 481_000, false, failed(480_000, 481_000, name, name)))
              .told());
    }

    String[] expected = names.stream().map(StreamsIT::hex).sorted().toArray(String[]::new);
    String ours = " WHERE run = " + InstanceHistory.at(480_000).toEpochMilli() + " ORDER BY 1";
    eventually("SELECT DISTINCT hex(workflow) FROM step_runs" + ours, expected);
    for (String column :
        List.of("workflow", "instance_id", "version_id", "failed_step", "error_message")) {
      eventually("SELECT hex(" + column + ") FROM instances" + ours, expected);
    }
    eventually("SELECT hex(step_name) FROM step_runs" + ours, expected);
  }

  private static String hex(String text) {
    return HexFormat.of().withUpperCase().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, Object> kafka() {
    return Map.of("bootstrap.servers", stack.kafka().bootstrapServers());
  }

  private static ClickHouseEndpoint writerAt(EmbeddedClickHouse server) {
    return new ClickHouseEndpoint(
        server.httpUrl().toString(), ClickHouseUsers.WRITER, "writer-secret");
  }

  private static void observe(Observation... seen) {
    for (Observation observation : seen) {
      String key =
          observation.getAccountId()
              + '/'
              + observation.getWorkflow()
              + '/'
              + observation.getInstanceId();
      send(null, key, observation);
    }
  }

  private static void send(Integer partition, String key, Observation observation) {
    producer.send(
        new ProducerRecord<>(
            Topics.OBSERVATIONS.name(),
            partition,
            Clock.system().millis(),
            bytes(key),
            bytes(observation)));
  }

  private static byte[] bytes(Observation observation) {
    return AvroSerde.serializer(Topics.OBSERVATIONS, registry)
        .serialize(Topics.OBSERVATIONS.name(), observation);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void eventually(String query, String... rows) {
    await(query)
        .atMost(PATIENCE)
        .ignoreException(SQLException.class)
        .untilAsserted(() -> assertThat(Query.rows(endpoint, query)).containsExactly(rows));
  }
}
