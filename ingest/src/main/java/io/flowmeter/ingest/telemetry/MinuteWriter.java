package io.flowmeter.ingest.telemetry;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.CollectorMinuteKey;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.rollup.CollectorMinute;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what was counted of requests in each minute: every 10 s of its clock while something
 * changes, and at its end. Has a producer of its own, outside of transactions: minutes are told
 * whoever leads, every record is a running total, and what is not stored is told again. A process
 * that is killed leaves out its last 10 s at most; {@link PublishedMinutes} leaves out nothing.
 */
public final class MinuteWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MinuteWriter.class);

  private static final Duration EVERY = Duration.ofSeconds(10);

  /** In real time: what a broker may take to answer. Later minutes wait meanwhile. */
  private static final int STORED_WITHIN_MS = 10_000;

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(3);

  private final Telemetry telemetry;
  private final String account;
  private final Clock clock;
  private final Producer<byte[], byte[]> producer;
  private final Serializer<CollectorMinute> values;
  private final Thread thread;
  private final Lock writing = new ReentrantLock();
  private final Lock lock = new ReentrantLock();
  private final Condition closed = lock.newCondition();
  private boolean closing;
  private boolean failing;

  /**
   * Begins to write. The topic and its schema must be there.
   *
   * @param kafka settings of every Kafka client, at least {@code bootstrap.servers}
   */
  public MinuteWriter(
      Telemetry telemetry,
      String account,
      Map<String, ?> kafka,
      SchemaRegistry registry,
      Clock clock) {
    this.telemetry = telemetry;
    this.account = account;
    this.clock = clock;
    this.values = AvroSerde.serializer(Topics.COLLECTOR_MINUTES, registry);
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.putIfAbsent(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, STORED_WITHIN_MS);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, STORED_WITHIN_MS / 2);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, STORED_WITHIN_MS);
    this.producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    this.thread = new Thread(this::run, "flowmeter-ingest-minutes");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try {
      boolean last;
      do {
        last = awaitClosing();
        write();
      } while (!last);
    } catch (InterruptedException e) {
      LOG.debug("the writer of minutes was interrupted");
    }
  }

  /** Waits for the next time to write, at most; true once closed. */
  private boolean awaitClosing() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long until = clock.nanos() + EVERY.toNanos();
      for (long left = EVERY.toNanos(); left > 0 && !closing; left = until - clock.nanos()) {
        clock.await(closed, Duration.ofNanos(left));
      }
      return closing;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes all that is not stored yet, and waits until it is.
   *
   * @return false where it could not be stored; it is kept, and told again
   */
  public boolean write() throws InterruptedException {
    writing.lockInterruptibly();
    try {
      List<CollectorMinute> minutes = telemetry.unpublished(account);
      send(minutes);
      telemetry.stored(minutes);
      if (failing) {
        failing = false;
        LOG.info("minutes of the poller are stored again");
      }
      return true;
    } catch (ExecutionException | KafkaException e) {
      if (!failing) {
        failing = true;
        LOG.warn("minutes of the poller could not be stored, they are kept and told again", e);
      }
      return false;
    } finally {
      writing.unlock();
    }
  }

  private void send(List<CollectorMinute> minutes) throws ExecutionException, InterruptedException {
    List<Future<RecordMetadata>> sent = new ArrayList<>(minutes.size());
    for (CollectorMinute each : minutes) {
      sent.add(producer.send(record(each)));
    }
    for (Future<RecordMetadata> each : sent) {
      each.get();
    }
  }

  private ProducerRecord<byte[], byte[]> record(CollectorMinute minute) {
    String topic = Topics.COLLECTOR_MINUTES.name();
    return new ProducerRecord<>(
        topic,
        null,
        minute.getObservedAt().toEpochMilli(),
        CollectorMinuteKey.of(minute).getBytes(StandardCharsets.UTF_8),
        values.serialize(topic, minute));
  }

  /** Writes what is left, as far as it goes within 3 s. */
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      closed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      thread.join(CLOSE_WITHIN.toMillis());
      if (thread.isAlive()) {
        LOG.warn("the last minutes of the poller are not stored");
        thread.interrupt();
        thread.join(CLOSE_WITHIN.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close(Duration.ofSeconds(1));
  }
}
