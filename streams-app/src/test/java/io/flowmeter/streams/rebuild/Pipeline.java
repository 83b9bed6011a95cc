package io.flowmeter.streams.rebuild;

import static org.awaitility.Awaitility.await;

import io.flowmeter.clock.Clock;
import io.flowmeter.clock.FastClock;
import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedSchemaRegistry;
import io.flowmeter.embedded.EmbeddedStack;
import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.KafkaProvisioner;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.MigrationSettings;
import io.flowmeter.sql.Migrator;
import io.flowmeter.streams.InstanceHistory;
import io.flowmeter.streams.Query;
import io.flowmeter.streams.StreamProcessing;
import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.writer.ClickHouseWriter;
import io.flowmeter.streams.writer.WriterSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A real Kafka, registry and ClickHouse, with a topology and a writer that come and go. */
public final class Pipeline implements AutoCloseable {
  public static final int PARTITIONS = 2;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Short, so that tests wait less: running totals wait ten times as long. */
  private static final Duration LINGER = Duration.ofMillis(100);

  private static final List<String> RELATIONS =
      Topics.OF_RELATIONS.stream().map(Topic::relation).toList();

  private final Clock clock;
  private final MigrationSettings schema;
  private final Path data;
  private final EmbeddedStack stack;
  private final SchemaRegistry registry;
  private EmbeddedSchemaRegistry registryServer;
  private final ClickHouseEndpoint endpoint;
  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaLog log;
  private StreamProcessing streams;
  private ClickHouseWriter writer;

  /** In virtual time, so that what is told once a second is told at once. */
  public Pipeline(Path data) {
    this(
        data,
        FastClock.from(Clock.system().instant().minus(Duration.ofHours(2)), 20),
        MigrationSettings.defaults());
  }

  /** On what another left in the directory, if one did. */
  public Pipeline(Path data, Clock clock, MigrationSettings schema) {
    this.data = data;
    this.clock = clock;
    this.schema = schema;
    ClickHouseUsers users = ClickHouseUsers.of("writer-secret", "reader-secret");
    stack = EmbeddedStack.in(data).withKafka(0).withRegistry(0).withClickHouse(0, users).start();
    registryServer = stack.registry();
    registry = SchemaRegistry.confluent(stack.registry().url().toString());
    endpoint =
        new ClickHouseEndpoint(
            stack.clickHouse().httpUrl().toString(), ClickHouseUsers.WRITER, "writer-secret");
    log = new KafkaLog(kafka());
    KafkaProvisioner.apply(
        log.admin(), registry, new KafkaProvisioner.Settings(PARTITIONS, Optional.empty()));
    Migrator.apply(endpoint, schema);
    producer = new KafkaProducer<>(kafka(), new ByteArraySerializer(), new ByteArraySerializer());
  }

  public Map<String, Object> kafka() {
    return Map.of("bootstrap.servers", stack.kafka().bootstrapServers());
  }

  private StreamSettings streamSettings() {
    return StreamSettings.of(kafka(), data.resolve("streams")).withClock(clock);
  }

  /** Starts topology and writer, as {@code stream} does. */
  public void start() {
    streams =
        StreamProcessing.start(
            streamSettings().withGeneration(Generations.current(kafka())), registry);
    writer =
        ClickHouseWriter.start(
            WriterSettings.of(kafka()).withLinger(LINGER).withClock(clock), registry, endpoint);
  }

  /** Stops them when everything that was observed is written. */
  public void stop() {
    drain();
    streams.close();
    writer.close();
  }

  /** Told at the moment at which it was observed. */
  public void observe(Observation... seen) {
    for (Observation observation : seen) {
      observeAt(observation.getObservedAt().toEpochMilli(), observation);
    }
  }

  /** Told at a moment of its own. */
  public void observeAt(long timestamp, Observation seen) {
    String key = seen.getAccountId() + '/' + seen.getWorkflow() + '/' + seen.getInstanceId();
    send(null, key, timestamp, bytes(seen));
  }

  /** A sweep's end, told to all partitions. */
  public void sweep(String workflow, long seenMs, long sweep) {
    for (int partition = 0; partition < PARTITIONS; partition++) {
      Observation ended =
          InstanceHistory.sweepEnded(workflow, seenMs, sweep, Map.of(), Map.of("complete", 1L));
      ended.getSweepEnded().setPartition(partition);
      ended.getSweepEnded().setPartitions(PARTITIONS);
      send(partition, "local/" + workflow, ended);
    }
  }

  private void send(Integer partition, String key, Observation observation) {
    send(partition, key, observation.getObservedAt().toEpochMilli(), bytes(observation));
  }

  private byte[] bytes(Observation observation) {
    return AvroSerde.serializer(Topics.OBSERVATIONS, registry)
        .serialize(Topics.OBSERVATIONS.name(), observation);
  }

  public void send(Integer partition, String key, long timestamp, byte[] value) {
    producer.send(
        new ProducerRecord<>(
            Topics.OBSERVATIONS.name(),
            partition,
            timestamp,
            key.getBytes(StandardCharsets.UTF_8),
            value));
  }

  /** Deletes the observations so far, as their retention does. */
  void forgetObservations() {
    producer.flush();
    Map<TopicPartition, RecordsToDelete> until = new HashMap<>();
    log.ends(log.partitions(Topics.OBSERVATIONS.name()))
        .forEach((partition, end) -> until.put(partition, RecordsToDelete.beforeOffset(end)));
    KafkaLog.await(log.admin().deleteRecords(until).all(), "delete records");
  }

  /** Deletes what the topology's group has committed, as Kafka does of a group that is away. */
  public void forgetOffsets() {
    log.deleteGroups(List.of(StreamSettings.applicationId(Generations.read(log).getNumber())));
  }

  /** Returns when everything that was observed is written. */
  public void drain() {
    producer.flush();
    String application = StreamSettings.applicationId(Generations.read(log).getNumber());
    awaitRead(application, log.partitions(Topics.OBSERVATIONS.name()));
    List<TopicPartition> relations =
        RELATIONS.stream().flatMap(name -> log.partitions(Topic.PREFIX + name).stream()).toList();
    // Told once a second of its clock, committed 0.2 s later.
    Map<TopicPartition, Long> before = new HashMap<>();
    await("relations that stay unchanged")
        .during(Duration.ofMillis(1_200))
        .atMost(PATIENCE)
        .until(
            () -> {
              Map<TopicPartition, Long> now = log.ends(relations);
              boolean quiet = now.equals(before);
              before.putAll(now);
              return quiet;
            });
    awaitRead(ClickHouseWriter.GROUP, relations);
  }

  private void awaitRead(String group, Collection<TopicPartition> partitions) {
    await("no consumer lag")
        .atMost(PATIENCE)
        .until(
            () -> {
              Map<TopicPartition, Long> committed = log.committed(group);
              Map<TopicPartition, Long> from = new HashMap<>();
              partitions.forEach(at -> from.put(at, committed.getOrDefault(at, 0L)));
              return log.withRecords(from, log.ends(partitions)).isEmpty();
            });
  }

  /** How {@code rebuild} rebuilds. */
  public RebuildSettings rebuilding() {
    return RebuildSettings.of(streamSettings(), schema);
  }

  /** Rebuilds, and adds what is told to the lines. */
  public Optional<RebuildResult> rebuild(RebuildSettings settings, List<String> output)
      throws InterruptedException {
    return rebuild(settings, (RebuildListener) output::add);
  }

  /** Rebuilds, and tells how it goes. */
  Optional<RebuildResult> rebuild(RebuildSettings settings, RebuildListener listener)
      throws InterruptedException {
    return Rebuild.run(settings, registry, endpoint, listener);
  }

  /** All rows of all relations, but when they were inserted. */
  public Map<String, List<String>> relations() throws SQLException {
    Map<String, List<String>> all = new TreeMap<>();
    for (String relation : RELATIONS) {
      String except =
          List.of("instances", "step_runs").contains(relation) ? " EXCEPT inserted_at" : "";
      all.put(relation, select("SELECT *" + except + " FROM " + relation + " ORDER BY ALL"));
    }
    all.put("error_groups", select("SELECT * FROM error_groups ORDER BY ALL"));
    return all;
  }

  public List<String> select(String query) throws SQLException {
    return Query.rows(endpoint, query);
  }

  public void execute(String... statements) throws SQLException {
    try (Connection connection = endpoint.connect();
        Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    }
  }

  public SchemaRegistry registry() {
    return registry;
  }

  public String registryUrl() {
    return stack.registry().url().toString();
  }

  public ClickHouseEndpoint clickHouse() {
    return endpoint;
  }

  /** Whether a stream thread failed since the start, or the writer is in trouble. */
  public boolean inTrouble() {
    return streams.failures() > 0 || writer.progress().failure().isPresent();
  }

  /** Takes the registry away. */
  public void stopRegistry() {
    registryServer.close();
  }

  /** Brings it back, where it was. */
  public void startRegistry() {
    registryServer =
        EmbeddedSchemaRegistry.start(
            data.resolve(EmbeddedSchemaRegistry.NAME), stack.registry().port());
  }

  KafkaLog log() {
    return log;
  }

  public Clock clock() {
    return clock;
  }

  @Override
  public void close() {
    producer.close();
    log.close();
    registry.close();
    registryServer.close();
    stack.close();
  }
}
