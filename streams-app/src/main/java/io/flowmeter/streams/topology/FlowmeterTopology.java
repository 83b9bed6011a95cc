package io.flowmeter.streams.topology;

import static java.util.Map.entry;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.StateSerde;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.state.EndedUntold;
import io.flowmeter.schemas.state.SpikeState;
import io.flowmeter.schemas.state.StatusTally;
import io.flowmeter.schemas.state.SweepState;
import io.flowmeter.schemas.state.SweepTally;
import io.flowmeter.streams.collector.DroppedCounter;
import io.flowmeter.streams.rollup.AccumulatorLimit;
import io.flowmeter.streams.rollup.RollupRows;
import io.flowmeter.streams.rollup.Rollups;
import io.flowmeter.streams.run.FactRows;
import io.flowmeter.streams.run.InstanceProcessor;
import io.flowmeter.streams.run.RunChanged;
import io.flowmeter.streams.spike.PartitionEndedRuns;
import io.flowmeter.streams.spike.SpikeRules;
import io.flowmeter.streams.spike.WorkflowSpikes;
import io.flowmeter.streams.status.PartitionStatusCounts;
import io.flowmeter.streams.status.WorkflowStatusCounts;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.state.Stores;

/** What Flowmeter measures, from top to bottom. */
public final class FlowmeterTopology {
  private static final String LIVE = "live";
  private static final String ENDED = "ended";
  private static final String INSTANCES = "instances";
  private static final String DICTIONARY = "dictionary";
  private static final String DETAIL_PARTS = "detail_parts";
  private static final String UNTOLD_ROLLUPS = "untold_rollups";
  private static final String STATUS_TALLIES = "status_tallies";
  private static final String SWEEPS = "sweeps";
  private static final String ENDED_RUNS = "ended_runs";
  private static final String SPIKES = "spikes";
  private static final String LATE = "late";
  private static final String DEAD_LETTERS = "dead_letters";

  /** As long as Kafka keeps dead letters: none that is read again finds its minute forgotten. */
  private static final Duration COUNTS_KEPT = Duration.ofDays(35);

  private static final Map<String, String> COMPACTED_SOON =
      Map.of(
          TopicConfig.SEGMENT_BYTES_CONFIG,
          Integer.toString(8 << 20),
          TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
          "0.1");

  private final StreamsBuilder builder = new StreamsBuilder();
  private final SchemaRegistry registry;
  private final Clock clock;
  private final Optional<Replay> replay;

  /**
   * What a rebuild does with each store. What is told of runs comes from observations; what is told
   * of its moment goes on from where it was.
   */
  private static final Map<String, Carry> CARRIES =
      Map.ofEntries(
          entry(LIVE, Carry.RUNS_BEFORE_THE_BOUNDARY),
          entry(ENDED, Carry.RUNS_BEFORE_THE_BOUNDARY),
          entry(INSTANCES, Carry.LIVES_BEFORE_THE_BOUNDARY),
          entry(DICTIONARY, Carry.ALL_BUT_OF_A_WHOLE_REPLAY),
          entry(DETAIL_PARTS, Carry.RUNS_BEFORE_THE_BOUNDARY),
          entry(UNTOLD_ROLLUPS, Carry.NOTHING),
          entry(STATUS_TALLIES, Carry.ALL_BUT_OF_A_WHOLE_REPLAY),
          entry(SWEEPS, Carry.ALL),
          entry(ENDED_RUNS, Carry.ALL),
          entry(SPIKES, Carry.ALL),
          entry(LATE, Carry.ALL),
          entry(DEAD_LETTERS, Carry.ALL));

  /** What of a store a rebuild takes over from the generation before. */
  public enum Carry {
    /** The replay fills it. */
    NOTHING,
    /** Entries of runs that are not derived anew; keys begin as those of runs do. */
    RUNS_BEFORE_THE_BOUNDARY,
    /** Of each instance, the lives that are not derived anew. */
    LIVES_BEFORE_THE_BOUNDARY,
    /** All entries, but none where every run is derived anew. */
    ALL_BUT_OF_A_WHOLE_REPLAY,
    /** All entries: observations do not tell it again. */
    ALL
  }

  private FlowmeterTopology(SchemaRegistry registry, Clock clock, Optional<Replay> replay) {
    this.registry = registry;
    this.clock = clock;
    this.replay = replay;
  }

  /**
   * The topology: a function of its arguments.
   *
   * @param clock the process clock, see {@link io.flowmeter.streams.StreamSettings}
   */
  public static Topology build(TopologySettings settings, SchemaRegistry registry, Clock clock) {
    return new FlowmeterTopology(registry, clock, settings.replay()).describe(settings);
  }

  /** What a rebuild takes over of each store, by name. */
  public static Map<String, Carry> carries() {
    return CARRIES;
  }

  private Topology describe(TopologySettings settings) {
    bytes(LIVE);
    bytes(ENDED);
    bytes(INSTANCES);
    bytes(DICTIONARY);
    store(DETAIL_PARTS, Serdes.Bytes(), Observation.class);
    changing(UNTOLD_ROLLUPS, Serdes.Bytes(), Serdes.ByteArray());
    changing(STATUS_TALLIES, Serdes.String(), StateSerde.of(StatusTally.class));
    inMemory(SWEEPS, Serdes.String(), StateSerde.of(SweepState.class));
    changing(ENDED_RUNS, Serdes.String(), StateSerde.of(EndedUntold.class));
    inMemory(SPIKES, Serdes.String(), StateSerde.of(SpikeState.class));
    countsByMinute(LATE);
    countsByMinute(DEAD_LETTERS);

    KStream<String, Observation> observations = observations();

    // What was seen of a run becomes what is known of it.
    KStream<String, RunChanged> learnt =
        observations
            .filter((key, seen) -> seen.getSweepEnded() == null, Named.as("observations_of_runs"))
            .process(
                () ->
                    new InstanceProcessor(
                        new InstanceProcessor.StoreNames(
                            LIVE, ENDED, INSTANCES, DICTIONARY, DETAIL_PARTS),
                        settings.keepEnded(),
                        clock,
                        Rollups::of),
                Named.as("runs"),
                LIVE,
                ENDED,
                INSTANCES,
                DICTIONARY,
                DETAIL_PARTS);
    KStream<String, RunChanged> runs =
        replay
            .map(
                once ->
                    // What is carried over was told, superseded lives among it.
                    learnt.filter(
                        (key, change) -> once.derives(change.run().run()),
                        Named.as("derived_runs")))
            .orElse(learnt);

    // Facts: told once under their key, and again when they turn out otherwise.
    KStream<String, SpecificRecord> facts =
        runs.process(() -> new FactRows(clock), Named.as("facts"));
    publish(
        facts,
        "rows_of_facts",
        Topics.INSTANCES,
        Topics.TRANSITIONS,
        Topics.STEP_RUNS,
        Topics.STEP_ATTEMPTS);

    // Rollups: facts of one minute of event time.
    AccumulatorLimit open = new AccumulatorLimit();
    KStream<String, SpecificRecord> rollups =
        runs.process(
            () -> new RollupRows(UNTOLD_ROLLUPS, clock, open), Named.as("rollups"), UNTOLD_ROLLUPS);
    publish(rollups, "rows_of_rollups", Topics.WORKFLOW_MINUTES, Topics.STEP_MINUTES);

    // Status counts: tallied where instances are, summed for each workflow when a sweep has ended.
    if (replay.map(Replay::tallies).orElse(true)) {
      runs.process(
          () -> new PartitionStatusCounts.Tallying(STATUS_TALLIES),
          Named.as("tally_statuses"),
          STATUS_TALLIES);
    }
    if (replay.isPresent()) {
      // The rest was told of its moment: it is not told again.
      return builder.build();
    }
    runs.process(
        () -> new PartitionEndedRuns.Gathering(ENDED_RUNS), Named.as("gather_ended"), ENDED_RUNS);
    KStream<String, SweepTally> sweeps =
        observations
            .filter((key, seen) -> seen.getSweepEnded() != null, Named.as("observations_of_sweeps"))
            .process(
                () -> new PartitionStatusCounts.Sweeps(STATUS_TALLIES),
                Named.as("tallies_of_sweeps"),
                STATUS_TALLIES)
            .process(
                () -> new PartitionEndedRuns.Sweeps(ENDED_RUNS),
                Named.as("ended_of_sweeps"),
                ENDED_RUNS)
            .repartition(
                Repartitioned.<String, SweepTally>as("sweep_tallies")
                    .withKeySerde(Serdes.String())
                    .withValueSerde(StateSerde.of(SweepTally.class)));
    KStream<String, SpecificRecord> statusCounts =
        sweeps.process(
            () -> new WorkflowStatusCounts(SWEEPS, clock), Named.as("count_statuses"), SWEEPS);
    publish(statusCounts, "rows_of_status_counts", Topics.STATUS_COUNTS, Topics.STATUS_COUNTS_NOW);

    // Error spikes: which runs ended goes with the sweep's end to where the workflow's past is.
    sweeps
        .process(
            () -> new WorkflowSpikes(SPIKES, SpikeRules.DEFAULTS, clock),
            Named.as("find_spikes"),
            SPIKES)
        .to(Topics.ERROR_SPIKES.name(), produced(Topics.ERROR_SPIKES));

    // What was left out: told beside what ingest did.
    runs.process(() -> DroppedCounter.late(LATE, clock), Named.as("count_late"), LATE)
        .to(
            Topics.COLLECTOR_MINUTES.name(),
            produced(Topics.COLLECTOR_MINUTES, "collector_minutes_late"));
    builder.stream(
            Topics.DEAD_LETTERS,
            Consumed.with(Serdes.String(), Serdes.ByteArray()).withName("letters"))
        .process(
            () -> DroppedCounter.deadLetters(DEAD_LETTERS, clock),
            Named.as("count_dead_letters"),
            DEAD_LETTERS)
        .to(
            Topics.COLLECTOR_MINUTES.name(),
            produced(Topics.COLLECTOR_MINUTES, "collector_minutes_dead_letters"));

    return builder.build();
  }

  /** Sends rows of several relations, each to its relation's topic. */
  private void publish(KStream<String, SpecificRecord> rows, String name, Topic<?>... topics) {
    rows.to(
        new RelationTopicNameExtractor(
            Stream.of(topics).collect(Collectors.toMap(Topic::type, this::sink))),
        Produced.with(Serdes.String(), AvroSerde.rows(registry, topics)).withName(name));
  }

  private String sink(Topic<?> topic) {
    return replay.isPresent() ? topic.scratchName() : topic.name();
  }

  private KStream<String, Observation> observations() {
    Consumed<String, Observation> consumed =
        Consumed.with(Serdes.String(), ObservationSerde.of(registry)).withName("observations");
    if (replay.isEmpty()) {
      return builder.stream(Topics.OBSERVATIONS.name(), consumed);
    }
    // Where Kafka deletes what is yet to be read, a replay fails instead of going on behind it.
    return builder.stream(
            Topics.OBSERVATIONS.name(), consumed.withOffsetResetPolicy(AutoOffsetReset.none()))
        .process(() -> new ReplayedObservations(replay.get()), Named.as("replayed_observations"));
  }

  private <T extends SpecificRecord> Produced<String, T> produced(Topic<T> topic) {
    return produced(topic, topic.relation());
  }

  private <T extends SpecificRecord> Produced<String, T> produced(Topic<T> topic, String what) {
    return Produced.with(Serdes.String(), AvroSerde.of(topic, registry)).withName(what);
  }

  /** In memory: next to nothing is left out, and each store on disk costs at the start. */
  private void countsByMinute(String name) {
    builder.addStateStore(
        Stores.windowStoreBuilder(
            Stores.inMemoryWindowStore(name, COUNTS_KEPT, Duration.ofMinutes(1), false),
            Serdes.String(),
            Serdes.Long()));
  }

  /** What has a form of its own. */
  private void bytes(String name) {
    builder.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(name), Serdes.Bytes(), Serdes.ByteArray()));
  }

  /**
   * What grows with workflows and not with runs: each store on disk costs at the start. Few keys
   * are written over and over, and read anew at every start, so that Kafka is to compact them soon.
   */
  private <K, V> void inMemory(String name, Serde<K> keys, Serde<V> values) {
    builder.addStateStore(
        Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), keys, values)
            .withLoggingEnabled(COMPACTED_SOON));
  }

  /**
   * The same of what nearly every observation changes: of what is written between two commits,
   * Kafka is told the last alone.
   */
  private <K, V> void changing(String name, Serde<K> keys, Serde<V> values) {
    builder.addStateStore(
        Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), keys, values)
            .withLoggingEnabled(COMPACTED_SOON)
            .withCachingEnabled());
  }

  private <K, V extends SpecificRecord> void store(String name, Serde<K> keys, Class<V> values) {
    builder.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(name), keys, StateSerde.of(values)));
  }
}
