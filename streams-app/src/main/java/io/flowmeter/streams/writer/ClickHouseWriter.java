package io.flowmeter.streams.writer;

import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.SchemaRegistryException;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.sql.ClickHouseEndpoint;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the topics of relations into ClickHouse. Rows are upserts, so at-least-once is enough:
 * offsets are committed after ClickHouse has acknowledged, and what is written twice is written
 * once. While ClickHouse is away nothing is read: waiting rows stay in Kafka, not in memory.
 */
public final class ClickHouseWriter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ClickHouseWriter.class);

  /** The consumer group. */
  public static final String GROUP = "flowmeter-writer";

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration FIRST_RETRY = Duration.ofMillis(200);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(8);

  private final WriterSettings settings;
  private final Consumer<byte[], byte[]> consumer;
  private final BatchInsert insert;
  private final DeadLetters deadLetters;
  private final Map<String, Topic<?>> topics = new HashMap<>();
  private final Map<String, Deserializer<? extends SpecificRecord>> values = new HashMap<>();
  private final Batch batch = new Batch();
  private final Map<String, Long> written = new ConcurrentSkipListMap<>();
  private final Thread thread;
  private volatile boolean stopping;
  private volatile OptionalLong lag = OptionalLong.empty();
  private volatile Instant lastWriteAt;
  private volatile Duration freshness;
  private volatile String trouble;

  private ClickHouseWriter(
      WriterSettings settings, SchemaRegistry registry, ClickHouseEndpoint clickHouse) {
    this.settings = settings;
    for (Topic<?> topic : Topics.OF_RELATIONS) {
      topics.put(topic.name(), topic);
      values.put(topic.name(), AvroSerde.deserializer(topic, registry));
    }
    consumer =
        new KafkaConsumer<>(
            consumerConfig(settings), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    deadLetters = new DeadLetters(settings.kafka(), settings.clock());
    insert = new BatchInsert(clickHouse, settings, deadLetters);
    thread = new Thread(this::run, "flowmeter-writer");
  }

  /** Starts to write; goes on where its group stopped. */
  public static ClickHouseWriter start(
      WriterSettings settings, SchemaRegistry registry, ClickHouseEndpoint clickHouse) {
    ClickHouseWriter writer = new ClickHouseWriter(settings, registry, clickHouse);
    writer.thread.start();
    return writer;
  }

  private static Map<String, Object> consumerConfig(WriterSettings settings) {
    Map<String, Object> config = new HashMap<>(settings.kafka());
    config.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, settings.batchRows());
    return config;
  }

  /** How far the writer is. */
  public WriterProgress progress() {
    return new WriterProgress(
        new TreeMap<>(written),
        lag,
        Optional.ofNullable(lastWriteAt),
        Optional.ofNullable(freshness),
        Optional.ofNullable(trouble));
  }

  /** The thread is alive; if not, its log says why. */
  public boolean isRunning() {
    return thread.isAlive();
  }

  @Override
  public void close() {
    stopping = true;
    consumer.wakeup();
    try {
      thread.join(STOP_WITHIN.toMillis());
      if (thread.isAlive()) {
        log.warn(
            "the writer did not stop within {} s; what it did not commit is written again",
            STOP_WITHIN.toSeconds());
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      consumer.subscribe(topics.keySet(), new ForgetOnRebalance());
      while (!stopping) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          take(record);
        }
        boolean full = batch.size() >= settings.batchRows();
        boolean old = batch.ageNanos(System.nanoTime()) >= settings.batchWithin().toNanos();
        if (!batch.isEmpty() && (full || old)) {
          write();
        }
        lag = lag();
      }
      if (!batch.isEmpty()) {
        write();
      }
    } catch (WakeupException e) {
      log.debug("woken up to stop");
    } catch (RuntimeException e) {
      trouble = String.valueOf(e.getMessage());
      log.error("the writer stopped; rows wait in Kafka until it is started again", e);
    } finally {
      consumer.close();
      insert.close();
      deadLetters.close();
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    try {
      SpecificRecord value = read(record);
      if (value != null) {
        batch.add(topics.get(record.topic()), new Batch.Row(value, record), System.nanoTime());
      }
    } catch (SerializationException e) {
      log.warn(
          "{}-{} offset {} cannot be read and goes to {}: {}",
          record.topic(),
          record.partition(),
          record.offset(),
          Topics.DEAD_LETTERS,
          e.getMessage());
      deadLetters.add(record, e);
    }
  }

  /**
   * The value of a record; while the registry is away this waits, for the record is not to blame.
   */
  private SpecificRecord read(ConsumerRecord<byte[], byte[]> record) {
    Retrying retrying = new Retrying();
    while (true) {
      try {
        return values.get(record.topic()).deserialize(record.topic(), record.value());
      } catch (SchemaRegistryException e) {
        retrying.after("the Schema Registry cannot be asked: " + e.getMessage());
      }
    }
  }

  /** Writes the batch and commits, however often that takes; gives up only when told to stop. */
  private void write() {
    Retrying retrying = new Retrying();
    while (!batch.isEmpty()) {
      try {
        insert.write(batch);
        acknowledged();
      } catch (SQLException e) {
        retrying.after(
            "ClickHouse cannot be written to, rows wait in Kafka: " + InsertFailure.told(e));
      } catch (CommitFailedException | RebalanceInProgressException e) {
        // The partitions go elsewhere; what was written is written again there, which does no harm.
        log.info("a rebalance came before the commit: {}", e.getMessage());
        batch.clear();
      } catch (RetriableException e) {
        retrying.after("Kafka does not take the commit: " + e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new WakeupException();
      }
    }
  }

  private void acknowledged() {
    consumer.commitSync();
    batch
        .rows()
        .forEach((topic, rows) -> written.merge(topic.relation(), (long) rows.size(), Long::sum));
    lastWriteAt = settings.clock().instant();
    freshness = Duration.ofMillis(lastWriteAt.toEpochMilli() - batch.youngestMs());
    trouble = null;
    batch.clear();
  }

  /** Pauses that grow, in which the group does not take this member for dead. */
  private final class Retrying {
    private Duration pause = FIRST_RETRY;

    /**
     * Tells the trouble and waits.
     *
     * @throws WakeupException when told to stop
     */
    void after(String told) {
      trouble = told;
      log.warn("{}; trying again in {} ms", told, pause.toMillis());
      long jitter = ThreadLocalRandom.current().nextLong(pause.toNanos() / 4 + 1);
      long until = System.nanoTime() + pause.toNanos() + jitter;
      consumer.pause(consumer.assignment());
      try {
        while (System.nanoTime() < until) {
          if (stopping) {
            throw new WakeupException();
          }
          consumer.pause(consumer.assignment());
          // Partitions that are assigned just now can bring records all the same.
          consumer.poll(POLL).forEach(ClickHouseWriter.this::take);
        }
      } finally {
        consumer.resume(consumer.assignment());
      }
      Duration longer = pause.multipliedBy(2);
      pause = longer.compareTo(settings.retryWithin()) < 0 ? longer : settings.retryWithin();
    }
  }

  /** Unknown until every partition was asked for. */
  private OptionalLong lag() {
    long sum = batch.size();
    for (TopicPartition partition : consumer.assignment()) {
      OptionalLong behind = consumer.currentLag(partition);
      if (behind.isEmpty()) {
        return OptionalLong.empty();
      }
      sum += behind.getAsLong();
    }
    return consumer.assignment().isEmpty() ? OptionalLong.empty() : OptionalLong.of(sum);
  }

  /** Rows of partitions that go elsewhere are written there: they were not committed. */
  private final class ForgetOnRebalance implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      batch.clear();
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      log.info("writing {} partitions of {} relations", partitions.size(), topics.size());
    }
  }
}
