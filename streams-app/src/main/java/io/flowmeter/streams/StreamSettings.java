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
 * Settings of the topology.
 *
 * @param kafka settings of every Kafka client, at least {@code bootstrap.servers}
 * @param stateDir directory of the stores, used by nothing else
 * @param threads stream threads in this process
 * @param commitInterval time between commits. Results become visible only on commit; the broker's
 *     cost of a commit does not depend on its size
 * @param replication replication factor of internal topics; −1 for the cluster's default
 * @param generation current generation of the state, see {@code rebuild}; 0 until the first rebuild
 * @param clock the process clock. It stamps rollups and revisions, closes minutes and ends grace
 *     periods. Kafka Streams itself uses real time, for example for commits
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

  /** Producer batch size. A larger batch reduces the broker's writes per commit. */
  private static final int BATCH_BYTES = 128 * 1024;

  /** Changelog records that become one write to a store. */
  private static final int RESTORE_BATCH_RECORDS = 10_000;

  /**
   * Fetch size per changelog partition; a larger one needs fewer requests. Kafka's 50 MB limit
   * still bounds a whole response.
   */
  private static final int RESTORE_FETCH_BYTES = 8 << 20;

  private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(60);

  public StreamSettings {
    if (!kafka.containsKey(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG)) {
      throw new IllegalArgumentException("expected bootstrap.servers in the Kafka settings");
    }
    if (threads < 1) {
      throw new IllegalArgumentException("expected at least 1 stream thread, got " + threads);
    }
  }

  /** Returns the default settings with the given Kafka settings. */
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
   * Returns the application ID of a generation: the group name and the prefix of internal topics.
   */
  public static String applicationId(int generation) {
    return generation == 0 ? APPLICATION_ID : APPLICATION_ID + "-g" + generation;
  }

  public String applicationId() {
    return applicationId(generation);
  }

  public StreamSettings withThreads(int other) {
    return new StreamSettings(
        kafka, stateDir, other, commitInterval, replication, topology, generation, clock);
  }

  public StreamSettings withClock(Clock other) {
    return new StreamSettings(
        kafka, stateDir, threads, commitInterval, replication, topology, generation, other);
  }

  public StreamSettings withGeneration(int other) {
    return new StreamSettings(
        kafka, stateDir, threads, commitInterval, replication, topology, other, clock);
  }

  /** Returns the Kafka Streams configuration of these settings. */
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
            minInSync ->
                config.put(
                    StreamsConfig.topicPrefix(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG), minInSync));
    config.put(
        StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG,
        DeserializationFailureHandler.class);
    config.put(
        StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, ProcessingFailureHandler.class);
    config.put(StreamsConfig.DEFAULT_TIMESTAMP_EXTRACTOR_CLASS_CONFIG, RecordTime.class);
    // There is no global store. This only suppresses a log line of Kafka Streams at every start.
    config.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_GLOBAL_ENABLED_CONFIG, true);
    config.put(
        StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG,
        topology.replay().isPresent() ? Topics.SCRATCH_DEAD_LETTERS : Topics.DEAD_LETTERS);
    config.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    config.put(
        StreamsConfig.restoreConsumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG),
        RESTORE_BATCH_RECORDS);
    config.put(
        StreamsConfig.restoreConsumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG),
        RESTORE_FETCH_BYTES);
    config.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
    config.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), BATCH_BYTES);
    config.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StoreMemory.class);
    // A run of 25,000 steps is one transaction of 150,000 rows, which takes a busy machine some
    // time. A process that is restarted after a kill aborts its own open transaction.
    config.put(
        StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
        (int) TRANSACTION_TIMEOUT.toMillis());
    return config;
  }
}
