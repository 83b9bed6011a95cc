package io.flowmeter.streams;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.KafkaProvisioner;
import io.flowmeter.schemas.Topics;
import io.flowmeter.streams.topology.DeserializationFailureHandler;
import io.flowmeter.streams.topology.ProcessingFailureHandler;
import io.flowmeter.streams.topology.RecordTime;
import io.flowmeter.streams.topology.TopologySettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * How the topology runs.
 *
 * @param kafka the Kafka client's own settings, {@code bootstrap.servers} among them
 * @param stateDir where stores live; theirs alone
 * @param threads stream threads in this process
 * @param commitInterval how often work is committed: what follows is seen no sooner. A commit costs
 *     the broker the same however little it holds
 * @param replication copies of internal topics; −1 for the cluster's default
 * @param generation of the state that is in force, see {@code rebuild}; 0 until the first rebuild
 * @param clock the process clock: it stamps rollups and revisions, closes minutes, ends graces;
 *     what Kafka Streams does inside, commits among it, is in real time
 */
public record StreamSettings(
    Map<String, Object> kafka,
    Path stateDir,
    int threads,
    Duration commitInterval,
    int replication,
    TopologySettings topology,
    int generation,
    Clock clock) {

  private static final String APPLICATION_ID = "flowmeter-streams";

  /**
   * A topic's partition gets some of it between two commits: each batch costs the broker a write.
   */
  private static final int BATCH_BYTES = 128 * 1024;

  /** Records of changelogs, which become one write to a store. */
  private static final int RESTORED_AT_ONCE = 10_000;

  /**
   * Of one changelog, which is asked for the less often. What one answer holds of all of them stays
   * bounded by Kafka's own 50 MB.
   */
  private static final int RESTORED_BYTES = 8 << 20;

  private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(60);

  public StreamSettings {
    if (!kafka.containsKey(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG)) {
      throw new IllegalArgumentException("expected bootstrap.servers among the Kafka settings");
    }
    if (threads < 1) {
      throw new IllegalArgumentException("expected at least 1 stream thread, came " + threads);
    }
  }

  /** The defaults, over the Kafka client's settings. */
  public static StreamSettings of(Map<String, Object> kafka, Path stateDir) {
    return new StreamSettings(
        kafka,
        stateDir,
        1,
        Duration.ofMillis(500),
        -1,
        TopologySettings.DEFAULTS,
        0,
        Clock.system());
  }

  /**
   * The application id of a generation: the name of the group, and the beginning of internal
   * topics' names.
   */
  public static String applicationId(int generation) {
    return generation == 0 ? APPLICATION_ID : APPLICATION_ID + "-g" + generation;
  }

  /** The application id of these settings. */
  public String applicationId() {
    return applicationId(generation);
  }

  /** The same with another number of stream threads. */
  public StreamSettings withThreads(int other) {
    return new StreamSettings(
        kafka, stateDir, other, commitInterval, replication, topology, generation, clock);
  }

  /** The same by another clock. */
  public StreamSettings withClock(Clock other) {
    return new StreamSettings(
        kafka, stateDir, threads, commitInterval, replication, topology, generation, other);
  }

  /** The same in another generation. */
  public StreamSettings withGeneration(int other) {
    return new StreamSettings(
        kafka, stateDir, threads, commitInterval, replication, topology, other, clock);
  }

  /** The configuration of Kafka Streams that these settings come to. */
  public Map<String, Object> streamsConfig() {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId());
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    config.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    config.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
    config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, threads);
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, commitInterval.toMillis());
    config.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, replication);
    KafkaProvisioner.inSync(replication)
        .ifPresent(
            copies ->
                config.put(
                    StreamsConfig.topicPrefix(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG), copies));
    config.put(
        StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG,
        DeserializationFailureHandler.class);
    config.put(
        StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, ProcessingFailureHandler.class);
    config.put(StreamsConfig.DEFAULT_TIMESTAMP_EXTRACTOR_CLASS_CONFIG, RecordTime.class);
    // There is no global store; this only keeps Kafka Streams from saying so at every start.
    config.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_GLOBAL_ENABLED_CONFIG, true);
    config.put(
        StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG,
        topology.replay().isPresent() ? Topics.SCRATCH_DEAD_LETTERS : Topics.DEAD_LETTERS);
    config.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    config.put(
        StreamsConfig.restoreConsumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG),
        RESTORED_AT_ONCE);
    config.put(
        StreamsConfig.restoreConsumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG),
        RESTORED_BYTES);
    config.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
    config.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), BATCH_BYTES);
    config.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StoreMemory.class);
    // A run of 25,000 steps is one transaction of 150,000 rows, for which a busy machine needs its
    // time. A process that was killed takes its transaction up again when it is started again.
    config.put(
        StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
        (int) TRANSACTION_TIMEOUT.toMillis());
    return config;
  }
}
