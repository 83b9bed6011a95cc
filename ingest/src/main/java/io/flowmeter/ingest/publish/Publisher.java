package io.flowmeter.ingest.publish;

import io.flowmeter.failpoint.Failpoint;
import io.flowmeter.schemas.Topics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits units in the order in which they were put, as many in a transaction as wait, by one
 * thread. A unit after a quiet while is committed at once; transactions that are not full are a
 * linger apart, since each costs the broker about the same, however little it holds. What waits is
 * tried again until it is committed, so that memory, which is ahead of Kafka, comes true.
 */
public final class Publisher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);

  private static final long MAX_TRANSACTION_BYTES = 8L << 20;
  private static final long MAX_WAITING_BYTES = 64L << 20;
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(3);

  private final Map<String, Object> config;
  private final Duration linger;
  private final Consumer<Throwable> onFailure;
  private final Thread thread;
  private Producer<byte[], byte[]> producer;
  private final int partitions;

  // Guarded by this.
  private final Deque<RecordBatch> waiting = new ArrayDeque<>();
  private long waitingBytes;
  private int committing;
  private long takenNanos;
  private int flushing;
  private long transactions;
  private long records;
  private boolean closing;
  private boolean failed;

  /**
   * Opens the producer, which ends whatever a predecessor of the same account left unfinished.
   *
   * @param kafka the settings of every Kafka client, such as {@code bootstrap.servers}
   * @param linger from one transaction to the next, in real time, unless it is full or flushed
   * @param onFailure told when nothing can be committed any more: {@link FencedException} where
   *     another producer took over
   */
  public Publisher(
      Map<String, ?> kafka, String account, Duration linger, Consumer<Throwable> onFailure) {
    this.config = new HashMap<>(kafka);
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "flowmeter-ingest-" + account);
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.putIfAbsent(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    // One at a time: a request refused while the coordinator wakes up would put those behind it out
    // of order.
    config.putIfAbsent(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    config.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, 30_000);
    // A commit sends all that was gathered, in one request instead of one for each partition.
    config.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 100);
    this.linger = linger;
    this.takenNanos = System.nanoTime() - linger.toNanos();
    this.onFailure = onFailure;
    this.producer = openFirst();
    this.partitions = partitionsOfObservations();
    this.thread = new Thread(this::commitAll, "flowmeter-ingest-publisher");
    thread.setDaemon(true);
    thread.start();
  }

  private Producer<byte[], byte[]> openFirst() {
    try {
      return open();
    } catch (KafkaException e) {
      throw new IllegalStateException(
          "expected a Kafka at "
              + config.get(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG)
              + " that takes transactions, came: "
              + e.getMessage()
              + ": check that its brokers run and that the credentials may write",
          e);
    }
  }

  private int partitionsOfObservations() {
    try {
      return producer.partitionsFor(Topics.OBSERVATIONS.name()).size();
    } catch (KafkaException e) {
      producer.close(Duration.ZERO);
      throw new IllegalStateException(
          "expected the topic "
              + Topics.OBSERVATIONS.name()
              + ", came: "
              + e.getMessage()
              + ": run `flowmeter migrate` first",
          e);
    }
  }

  private Producer<byte[], byte[]> open() {
    Producer<byte[], byte[]> opened =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    try {
      opened.initTransactions();
      return opened;
    } catch (RuntimeException e) {
      opened.close(Duration.ZERO);
      throw e;
    }
  }

  /** Partitions of the observations. */
  public int partitions() {
    return partitions;
  }

  /** Whether little enough waits that more should be looked for. */
  public synchronized boolean hasCapacity() {
    return waitingBytes <= MAX_WAITING_BYTES;
  }

  /** Hands a unit over, and waits for nothing. */
  public synchronized void put(RecordBatch batch) {
    waiting.add(batch);
    waitingBytes += batch.bytes();
    notifyAll();
  }

  /** Units that are not committed yet. */
  public synchronized int backlog() {
    return waiting.size() + committing;
  }

  /** Transactions that were committed. */
  public synchronized long transactions() {
    return transactions;
  }

  /** Records that were committed. */
  public synchronized long records() {
    return records;
  }

  /** Waits until all that was put is committed; false where it took too long. */
  public synchronized boolean flush(Duration timeout) throws InterruptedException {
    long until = System.nanoTime() + timeout.toNanos();
    flushing++;
    notifyAll();
    try {
      while (!waiting.isEmpty() || committing > 0) {
        long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
        if (left <= 0 || failed) {
          return false;
        }
        wait(left);
      }
      return true;
    } finally {
      flushing--;
    }
  }

  private void commitAll() {
    try {
      for (List<RecordBatch> batch = take(); !batch.isEmpty(); batch = take()) {
        while (!commit(batch)) {
          Thread.sleep(PAUSE.toMillis());
        }
        committed(batch);
      }
    } catch (InterruptedException e) {
      LOG.debug("publisher interrupted");
    } catch (RuntimeException e) {
      if (e instanceof FencedException) {
        LOG.warn("{}", e.getMessage());
      } else {
        LOG.error("nothing can be written to Kafka any more: {}", e.getMessage(), e);
      }
      synchronized (this) {
        failed = true;
        notifyAll();
      }
      onFailure.accept(e);
    }
  }

  /** The units of the next transaction; none once closed and empty. */
  private synchronized List<RecordBatch> take() throws InterruptedException {
    while (waiting.isEmpty() && !closing) {
      wait();
    }
    long due = takenNanos + linger.toNanos();
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      if (closing || flushing > 0 || waitingBytes >= MAX_TRANSACTION_BYTES) {
        break;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    takenNanos = System.nanoTime();
    List<RecordBatch> batch = new ArrayList<>();
    long bytes = 0;
    while (!waiting.isEmpty() && bytes < MAX_TRANSACTION_BYTES) {
      RecordBatch unit = waiting.poll();
      bytes += unit.bytes();
      batch.add(unit);
    }
    waitingBytes -= bytes;
    committing = batch.size();
    notifyAll();
    return batch;
  }

  private synchronized void committed(List<RecordBatch> batch) {
    committing = 0;
    transactions++;
    for (RecordBatch unit : batch) {
      records += unit.records().size();
    }
    notifyAll();
  }

  /** One try. False where it is worth another. */
  private boolean commit(List<RecordBatch> batch) throws InterruptedException {
    try {
      if (producer == null) {
        producer = open();
      }
      producer.beginTransaction();
      Set<ProducerRecord<byte[], byte[]>> overtaken = overtakenMinutes(batch);
      for (RecordBatch unit : batch) {
        for (ProducerRecord<byte[], byte[]> each : unit.records()) {
          if (overtaken.contains(each)) {
            continue;
          }
          Failpoint.OBSERVATIONS_BEFORE_PRODUCE.reached();
          producer.send(each);
          Failpoint.OBSERVATIONS_AFTER_PRODUCE.reached();
        }
      }
      commitTransaction();
      return true;
    } catch (ProducerFencedException | InvalidProducerEpochException e) {
      throw new FencedException(e);
    } catch (InterruptException e) {
      throw new InterruptedException(e.getMessage());
    } catch (AuthorizationException | UnsupportedVersionException e) {
      throw e;
    } catch (KafkaException e) {
      if (e instanceof RecordTooLargeException || e.getCause() instanceof RecordTooLargeException) {
        throw e;
      }
      LOG.warn("Kafka did not take {} units, trying again: {}", batch.size(), e.toString());
      abort();
      return false;
    }
  }

  /** Minutes are running totals: of one transaction, the last of each is enough. */
  private static Set<ProducerRecord<byte[], byte[]>> overtakenMinutes(List<RecordBatch> batch) {
    Set<ProducerRecord<byte[], byte[]>> overtaken =
        Collections.newSetFromMap(new IdentityHashMap<>());
    Map<ByteBuffer, ProducerRecord<byte[], byte[]>> latest = new HashMap<>();
    for (RecordBatch unit : batch) {
      for (ProducerRecord<byte[], byte[]> each : unit.records()) {
        if (each.topic().equals(Topics.COLLECTOR_MINUTES.name())) {
          ProducerRecord<byte[], byte[]> before = latest.put(ByteBuffer.wrap(each.key()), each);
          if (before != null) {
            overtaken.add(before);
          }
        }
      }
    }
    return overtaken;
  }

  /** A commit that timed out may have happened; asking again tells. */
  private void commitTransaction() {
    while (true) {
      try {
        Failpoint.CHECKPOINT_BEFORE_COMMIT.reached();
        producer.commitTransaction();
        Failpoint.CHECKPOINT_AFTER_COMMIT.reached();
        return;
      } catch (TimeoutException e) {
        synchronized (this) {
          if (closing) {
            throw e;
          }
        }
        LOG.warn("Kafka did not confirm a commit in time, asking again: {}", e.toString());
      }
    }
  }

  private void abort() {
    try {
      if (producer != null) {
        producer.abortTransaction();
      }
    } catch (ProducerFencedException | InvalidProducerEpochException e) {
      throw new FencedException(e);
    } catch (KafkaException | IllegalStateException e) {
      // The state forbids it where a commit was not confirmed in time.
      LOG.debug("abort failed, the producer is opened anew: {}", e.toString());
      reopenLater();
    }
  }

  private void reopenLater() {
    if (producer != null) {
      producer.close(Duration.ZERO);
      producer = null;
    }
  }

  /** Commits what waits, as far as it goes within 3 s. */
  @Override
  public void close() {
    synchronized (this) {
      closing = true;
      notifyAll();
    }
    try {
      thread.join(CLOSE_WITHIN.toMillis());
      if (thread.isAlive()) {
        LOG.warn("{} units are not committed; they are told again at the next start", backlog());
        thread.interrupt();
        thread.join(CLOSE_WITHIN.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Producer<byte[], byte[]> open = producer;
    if (open != null) {
      open.close(Duration.ofSeconds(1));
    }
  }
}
