package io.flowmeter.streams.topology;

import io.flowmeter.clock.Clock;
import io.flowmeter.clock.SteppedClock;
import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.fact.ErrorSpike;
import io.flowmeter.schemas.fact.Instance;
import io.flowmeter.schemas.fact.StepAttempt;
import io.flowmeter.schemas.fact.StepRun;
import io.flowmeter.schemas.fact.Transition;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.rollup.CollectorMinute;
import io.flowmeter.schemas.rollup.StatusCount;
import io.flowmeter.schemas.rollup.StatusCountNow;
import io.flowmeter.schemas.rollup.StepMinute;
import io.flowmeter.schemas.rollup.WorkflowMinute;
import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.rollup.RollupAlgebra;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;

/** The topology with one partition and no broker, and its output as the relations would show it. */
public final class PipelineDriver implements AutoCloseable {
  private static final Instant START = Instant.parse("2026-11-24T13:00:00Z");

  private final SchemaRegistry registry = SchemaRegistry.inMemory();
  private final Clock clock = new SteppedClock(START);
  private final Path stateDir = stateDir();
  private final TopologyTestDriver driver;
  private final TestInputTopic<String, Observation> observations;
  private final Map<Topic<?>, Map<Object, SpecificRecord>> rows = new LinkedHashMap<>();

  public PipelineDriver() {
    Properties config = new Properties();
    config.putAll(
        StreamSettings.of(Map.of("bootstrap.servers", "none:1"), stateDir).streamsConfig());
    driver =
        new TopologyTestDriver(
            FlowmeterTopology.build(TopologySettings.DEFAULTS, registry, clock), config, START);
    observations =
        driver.createInputTopic(
            Topics.OBSERVATIONS.name(),
            new StringSerializer(),
            AvroSerde.serializer(Topics.OBSERVATIONS, registry));
  }

  public PipelineDriver observe(Observation... seen) {
    return observe(List.of(seen));
  }

  public PipelineDriver observe(List<Observation> seen) {
    return observeAt(clock.instant(), seen);
  }

  /** Told at a moment of its own. */
  public PipelineDriver observeAt(Instant at, List<Observation> seen) {
    for (Observation observation : seen) {
      observations.pipeInput(
          observation.getAccountId()
              + '/'
              + observation.getWorkflow()
              + '/'
              + observation.getInstanceId(),
          observation,
          at);
    }
    return this;
  }

  /** Bytes that no observation has. */
  public PipelineDriver observeBytes(byte[] value) {
    driver
        .createInputTopic(
            Topics.OBSERVATIONS.name(), new StringSerializer(), new ByteArraySerializer())
        .pipeInput("key", value, clock.millis());
    return this;
  }

  /** A dead letter that was written elsewhere, as by the writer. */
  public PipelineDriver deadLetter(String key) {
    return deadLetter(key, clock.instant());
  }

  public PipelineDriver deadLetter(String key, Instant at) {
    driver
        .createInputTopic(Topics.DEAD_LETTERS, new StringSerializer(), new ByteArraySerializer())
        .pipeInput(key, new byte[] {1}, at);
    return this;
  }

  /** Lets the process clock go on, so that rollups are told. */
  public PipelineDriver passes(Duration time) {
    try {
      clock.sleep(time);
    } catch (InterruptedException e) {
      throw new IllegalStateException("expected time to pass at once", e);
    }
    driver.advanceWallClockTime(time);
    return this;
  }

  public List<Instance> instances() {
    return upserted(Topics.INSTANCES, row -> List.of(row.getInstanceId(), row.getRun()));
  }

  public List<Transition> transitions() {
    return upserted(
        Topics.TRANSITIONS, row -> List.of(row.getInstanceId(), row.getRun(), row.getSeq()));
  }

  public List<StepRun> stepRuns() {
    return upserted(
        Topics.STEP_RUNS, row -> List.of(row.getInstanceId(), row.getRun(), row.getStepIndex()));
  }

  public List<StepAttempt> stepAttempts() {
    return upserted(
        Topics.STEP_ATTEMPTS,
        row -> List.of(row.getInstanceId(), row.getRun(), row.getStepIndex(), row.getAttempt()));
  }

  public List<ErrorSpike> errorSpikes() {
    return upserted(Topics.ERROR_SPIKES, row -> List.of(row.getWorkflow(), row.getOpenedAt()));
  }

  public List<StatusCount> statusCounts() {
    return upserted(
        Topics.STATUS_COUNTS, row -> List.of(row.getWorkflow(), row.getStatus(), row.getMinute()));
  }

  public List<StatusCountNow> statusCountsNow() {
    return upserted(Topics.STATUS_COUNTS_NOW, row -> List.of(row.getWorkflow(), row.getStatus()));
  }

  public List<WorkflowMinute> workflowMinutes() {
    passes(Duration.ofSeconds(1));
    return summed(
        Topics.WORKFLOW_MINUTES,
        new RollupAlgebra<>(WorkflowMinute.getClassSchema(), WorkflowMinute::new));
  }

  public List<StepMinute> stepMinutes() {
    passes(Duration.ofSeconds(1));
    return summed(
        Topics.STEP_MINUTES, new RollupAlgebra<>(StepMinute.getClassSchema(), StepMinute::new));
  }

  public List<CollectorMinute> collectorMinutes() {
    return upserted(
        Topics.COLLECTOR_MINUTES,
        row -> List.of(row.getAccountId(), row.getMinute(), row.getProcess()));
  }

  /** How many rows a topic got since it was last asked for. */
  public <T extends SpecificRecord> int told(Topic<T> topic) {
    return driver
        .createOutputTopic(
            topic.name(), new StringDeserializer(), AvroSerde.deserializer(topic, registry))
        .readValuesToList()
        .size();
  }

  /** The timestamps of a topic's records since it was last asked for. */
  public List<Instant> timestamps(Topic<?> topic) {
    return driver
        .createOutputTopic(topic.name(), new StringDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList()
        .stream()
        .map(TestRecord::getRecordTime)
        .toList();
  }

  public Instant now() {
    return clock.instant();
  }

  /**
   * As ClickHouse keeps them: of each key the highest revision, unless deleted. Revisions are taken
   * off.
   */
  private <T extends SpecificRecord> List<T> upserted(Topic<T> topic, Function<T, Object> key) {
    Map<Object, SpecificRecord> table = rows.computeIfAbsent(topic, t -> new LinkedHashMap<>());
    int revision = topic.schema().getField("revision").pos();
    int deleted = topic.schema().getField("deleted").pos();
    driver
        .createOutputTopic(
            topic.name(), new StringDeserializer(), AvroSerde.deserializer(topic, registry))
        .readValuesToList()
        .forEach(
            row ->
                table.merge(
                    key.apply(row),
                    row,
                    (told, newer) ->
                        (Long) newer.get(revision) >= (Long) told.get(revision) ? newer : told));
    return table.entrySet().stream()
        .filter(row -> !((Boolean) row.getValue().get(deleted)))
        .map(row -> topic.type().cast(row.getValue()))
        .map(row -> withoutRevision(row, revision))
        .sorted(java.util.Comparator.comparing(row -> key.apply(row).toString()))
        .toList();
  }

  private static <T extends SpecificRecord> T withoutRevision(T row, int revision) {
    row.put(revision, 0L);
    return row;
  }

  private <T extends SpecificRecord> List<T> summed(Topic<T> topic, RollupAlgebra<T> algebra) {
    Map<String, T> sums = new TreeMap<>();
    Map<Object, SpecificRecord> table = rows.computeIfAbsent(topic, t -> new LinkedHashMap<>());
    driver
        .createOutputTopic(
            topic.name(), new StringDeserializer(), AvroSerde.deserializer(topic, registry))
        .readValuesToList()
        .forEach(row -> table.put(List.of(algebra.key(row), algebra.part(row)), row));
    for (SpecificRecord row : table.values()) {
      T published = topic.type().cast(row);
      sums.merge(
          algebra.key(published), algebra.sum(published, algebra.zero(published)), algebra::sum);
    }
    return sums.values().stream().filter(row -> !algebra.isZero(row)).toList();
  }

  private static Path stateDir() {
    try {
      return Files.createTempDirectory("flowmeter-topology");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    driver.close();
    registry.close();
    try {
      Utils.delete(stateDir.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException("state is left behind in " + stateDir, e);
    }
  }
}
