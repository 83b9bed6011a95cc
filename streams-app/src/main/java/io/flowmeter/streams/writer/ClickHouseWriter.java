package io.flowmeter.streams.writer;

import io.flowmeter.failpoint.Failpoint;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.sql.ClickHouseEndpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the topics of relations into ClickHouse. Rows are upserts, so at-least-once is enough:
 * offsets are committed after ClickHouse has acknowledged, and what is written twice is written
 * once. While batches are on their way the next one is read, and then nothing more: while
 * ClickHouse is away, waiting rows stay in Kafka, not in memory.
 */
public final class ClickHouseWriter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ClickHouseWriter.class);

  /** The consumer group of what is written live. */
  public static final String GROUP = Route.LIVE.group();

  private static final Duration QUIET_POLL = Duration.ofMillis(100);

  /** A transaction's records come from several partitions; when so long none came, all are here. */
  private static final Duration BUSY_POLL = Duration.ofMillis(10);

  private static final Duration ASK_LAG_EVERY = Duration.ofSeconds(5);
  private static final Duration ASK_LAG_WITHIN = Duration.ofSeconds(2);
  private static final Duration LAST_WRITES_WITHIN = Duration.ofSeconds(2);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(3);

  /**
   * Its records are running totals: each replaces the one before, and the poller sends one with
   * every transaction, so that a crash neither loses nor doubles what they count.
   */
  private static final Topic<?> TOTALS = Topics.COLLECTOR_MINUTES;

  /** Totals wait for so many lingers, and then only the latest of each row is written. */
  private static final int LINGERS_OF_TOTALS = 10;

  /** One is encoded while another is inserted; more would only take room. */
  private static final int MOST_FLIGHTS = 2;

  private final WriterSettings settings;
  private final Consumer<byte[], byte[]> consumer;
  private final BatchInsert insert;
  private final DeadLetterProducer deadLetters;
  private final Map<String, Topic<?>> topics = new HashMap<>();
  private final Deque<InFlightBatch> flights = new ArrayDeque<>();
  private final Map<String, Long> written = new ConcurrentSkipListMap<>();
  private final WriterFailureReporter failures = new WriterFailureReporter();
  private final SchemaProbe firstLook;
  private final Thread thread;
  private Batch filling = new Batch();
  private Batch totals = new Batch();
  private long lastTakeOffNanos;
  private boolean paused;
  private volatile boolean seen;
  private long lastLag;
  private long lagAskedNanos = System.nanoTime();
  private volatile boolean stopping;
  private volatile OptionalLong lag = OptionalLong.empty();
  private volatile long heldBytes;
  private volatile Instant lastWriteAt;
  private volatile Duration freshness;

  private ClickHouseWriter(
      WriterSettings settings,
      Route route,
      SchemaRegistry registry,
      ClickHouseEndpoint clickHouse) {
    this.settings = settings;
    route.topics().forEach(topic -> topics.put(route.topic(topic), topic));
    consumer =
        new KafkaConsumer<>(
            consumerConfig(settings, route),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    deadLetters = new DeadLetterProducer(settings.kafka(), settings.clock(), failures::withKafka);
    insert = new BatchInsert(settings, route, registry, clickHouse);
    firstLook = new SchemaProbe(insert, settings.retryWithin());
    lastTakeOffNanos = System.nanoTime() - settings.linger().toNanos();
    thread = new Thread(this::run, "flowmeter-writer");
  }

  /** Starts to write; goes on where its group stopped. */
  public static ClickHouseWriter start(
      WriterSettings settings, SchemaRegistry registry, ClickHouseEndpoint clickHouse) {
    return start(settings, Route.LIVE, registry, clickHouse);
  }

  /** The same by another route. */
  public static ClickHouseWriter start(
      WriterSettings settings,
      Route route,
      SchemaRegistry registry,
      ClickHouseEndpoint clickHouse) {
    ClickHouseWriter writer = new ClickHouseWriter(settings, route, registry, clickHouse);
    writer.thread.start();
    return writer;
  }

  private static Map<String, Object> consumerConfig(WriterSettings settings, Route route) {
    Map<String, Object> config = new HashMap<>(settings.kafka());
    config.put(ConsumerConfig.GROUP_ID_CONFIG, route.group());
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    // A batch is over its bounds by one poll at most.
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, Math.max(1, settings.batchRows() / 4));
    config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, Math.max(1, settings.batchBytes() / 2));
    return config;
  }

  /** How far the writer is. */
  public WriterProgress progress() {
    return new WriterProgress(
        new TreeMap<>(written),
        lag,
        Optional.ofNullable(lastWriteAt),
        Optional.ofNullable(freshness),
        failures.words());
  }

  /** The thread is alive; if not, its log says why. */
  public boolean isRunning() {
    return thread.isAlive();
  }

  /** It has seen all tables, and what comes is written. */
  public boolean isWriting() {
    return isRunning() && seen && failures.words().isEmpty();
  }

  /** What is in memory of records that are not acknowledged, about. */
  long heldBytes() {
    return heldBytes;
  }

  @Override
  public void close() {
    stopping = true;
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
        poll();
        boolean idle = read();
        land();
        if (isDue(idle)) {
          takeOff();
        }
        lag = lag();
      }
      writeWhatIsHere();
    } catch (InterruptedException | org.apache.kafka.common.errors.InterruptException e) {
      log.debug("interrupted to stop");
    } catch (RuntimeException | LinkageError e) {
      // Native code that cannot be unpacked, as onto a full disk, is a linkage error.
      failures.lasts(e);
      log.error("the writer stopped; rows wait in Kafka until it is started again", e);
    } finally {
      Thread.interrupted();
      consumer.close();
      insert.close();
      deadLetters.close();
    }
  }

  /** Whether ClickHouse can be written to is known before there is something to write. */
  private void poll() {
    try {
      if (!seen && firstLook.isDone(System.nanoTime())) {
        seen = true;
        failures.over();
      }
    } catch (InFlightBatch.Failure e) {
      failures.with(e);
    }
  }

  /** Reads on where there is room, and keeps the group's membership where there is none. */
  private boolean read() throws InterruptedException {
    boolean room = !isFull();
    if (!room && flights.size() == MOST_FLIGHTS) {
      flights.peekFirst().await(QUIET_POLL);
    }
    if (!room) {
      consumer.pause(consumer.assignment());
    } else if (paused) {
      consumer.resume(consumer.paused());
    }
    paused = !room;
    // Partitions that are assigned just now can bring records all the same.
    ConsumerRecords<byte[], byte[]> records = consumer.poll(paused ? Duration.ZERO : patience());
    long now = System.nanoTime();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      batchOf(record.topic()).add(topics.get(record.topic()), record, now);
    }
    records.nextOffsets().forEach((at, next) -> batchOf(at.topic()).reachedTo(at, next));
    heldBytes =
        filling.bytes()
            + totals.bytes()
            + flights.stream().mapToLong(each -> each.batch().bytes()).sum();
    return records.isEmpty() && !paused;
  }

  private Batch batchOf(String topic) {
    return topic.equals(TOTALS.name()) ? totals : filling;
  }

  /** Reading waits for records only as long as nothing else is to be done. */
  private Duration patience() {
    if (filling.isEmpty()) {
      return flights.isEmpty() ? QUIET_POLL : BUSY_POLL;
    }
    Duration due = settings.linger().minusNanos(Math.max(0, System.nanoTime() - lastTakeOffNanos));
    if (due.compareTo(BUSY_POLL) <= 0) {
      return BUSY_POLL;
    }
    return due.compareTo(QUIET_POLL) < 0 ? due : QUIET_POLL;
  }

  private boolean isFull() {
    return filling.size() + totals.size() >= settings.batchRows()
        || filling.bytes() + totals.bytes() >= settings.batchBytes();
  }

  /** A full batch is written at once, one that is not at least a linger after the one before. */
  private boolean isDue(boolean idle) {
    if (flights.size() == MOST_FLIGHTS) {
      return false;
    }
    long now = System.nanoTime();
    long linger = settings.linger().toNanos();
    return isFull()
        || areTotalsDue(now)
        || (!filling.isEmpty()
            && (filling.ageNanos(now) >= linger || (idle && now - lastTakeOffNanos >= linger)));
  }

  private boolean areTotalsDue(long now) {
    return !totals.isEmpty()
        && totals.ageNanos(now) >= LINGERS_OF_TOTALS * settings.linger().toNanos();
  }

  private void takeOff() {
    if (stopping || isFull() || areTotalsDue(System.nanoTime())) {
      filling.addLatest(totals);
      totals = new Batch();
    }
    flights.addLast(new InFlightBatch(filling, insert::write, settings.retryWithin()));
    filling = new Batch();
    lastTakeOffNanos = System.nanoTime();
  }

  /** Commits what has arrived, in the order in which it was read. */
  private void land() throws InterruptedException {
    boolean first = true;
    for (InFlightBatch inFlight : List.copyOf(flights)) {
      try {
        if (inFlight.isOurs()
            ? inFlight.isDone(System.nanoTime()) && first && commit(inFlight)
            : inFlight.isStill()) {
          flights.remove(inFlight);
          continue;
        }
      } catch (InFlightBatch.Failure e) {
        failures.with(e);
      }
      first = false;
    }
  }

  /** False where Kafka does not take it now. */
  private boolean commit(InFlightBatch inFlight) throws InterruptedException {
    Batch batch = inFlight.batch();
    try {
      Failpoint.ACKNOWLEDGEMENT_BEFORE.reached();
      if (inFlight.deadLetters().isEmpty()) {
        consumer.commitSync(batch.offsets());
      } else {
        deadLetters.commit(inFlight.deadLetters(), batch.offsets(), consumer.groupMetadata());
      }
      Failpoint.ACKNOWLEDGEMENT_AFTER.reached();
    } catch (CommitFailedException | RebalanceInProgressException e) {
      // The partitions go elsewhere; what was written is written again there, which does no harm.
      log.info("a rebalance came before the commit: {}", e.getMessage());
      return false;
    } catch (RetriableException e) {
      failures.withKafka(e.getMessage());
      return false;
    }
    inFlight.rows().forEach((topic, rows) -> written.merge(topic.relation(), rows, Long::sum));
    lastWriteAt = settings.clock().instant();
    freshness = Duration.ofMillis(lastWriteAt.toEpochMilli() - batch.youngestMs());
    failures.over();
    return true;
  }

  /** The last batches before the end, unless that takes long: then they are written again. */
  private void writeWhatIsHere() throws InterruptedException {
    long until = System.nanoTime() + LAST_WRITES_WITHIN.toNanos();
    while (!(flights.isEmpty() && isNothingRead()) && System.nanoTime() < until) {
      if (!isNothingRead() && flights.size() < MOST_FLIGHTS) {
        takeOff();
      }
      flights.peekFirst().await(BUSY_POLL);
      land();
    }
  }

  private boolean isNothingRead() {
    return filling.isEmpty() && totals.isEmpty();
  }

  /** Unknown until every partition was asked for. */
  private OptionalLong lag() {
    long held =
        filling.size()
            + totals.size()
            + flights.stream().mapToLong(inFlight -> inFlight.batch().size()).sum();
    if (consumer.assignment().isEmpty()) {
      return OptionalLong.empty();
    }
    if (paused) {
      return OptionalLong.of(held + lagWhilePaused());
    }
    long behind = 0;
    for (TopicPartition partition : consumer.assignment()) {
      OptionalLong one = consumer.currentLag(partition);
      if (one.isEmpty()) {
        return OptionalLong.empty();
      }
      behind += one.getAsLong();
    }
    lastLag = behind;
    return OptionalLong.of(held + behind);
  }

  /** A paused consumer is not told how its partitions grow, so that it has to be asked for. */
  private long lagWhilePaused() {
    long now = System.nanoTime();
    if (now - lagAskedNanos >= ASK_LAG_EVERY.toNanos()) {
      lagAskedNanos = now;
      try {
        long behind = 0;
        for (Map.Entry<TopicPartition, Long> end :
            consumer.endOffsets(consumer.assignment(), ASK_LAG_WITHIN).entrySet()) {
          behind += Math.max(0, end.getValue() - consumer.position(end.getKey(), ASK_LAG_WITHIN));
        }
        lastLag = behind;
      } catch (RetriableException e) {
        log.debug("Kafka did not tell the lag: {}", e.getMessage());
      }
    }
    return lastLag;
  }

  /**
   * Rows of partitions that go elsewhere are written there: they were not committed. What was read
   * beside them is read again.
   */
  private final class ForgetOnRebalance implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      if (partitions.isEmpty()) {
        return;
      }
      List<Batch> forgotten = new ArrayList<>();
      flights.stream()
          .filter(InFlightBatch::isOurs)
          .forEach(
              inFlight -> {
                inFlight.disown();
                forgotten.add(inFlight.batch());
              });
      forgotten.add(filling);
      forgotten.add(totals);
      filling = new Batch();
      totals = new Batch();
      // What went wrong with them is told by whoever writes them now.
      failures.clear();
      Map<TopicPartition, Long> first = new HashMap<>();
      forgotten.forEach(
          batch ->
              batch.firstOffsets().forEach((at, offset) -> first.merge(at, offset, Math::min)));
      first.forEach(
          (at, offset) -> {
            if (!partitions.contains(at) && consumer.assignment().contains(at)) {
              consumer.seek(at, offset);
            }
          });
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      onPartitionsRevoked(partitions);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      log.info("writing {} partitions of {} relations", partitions.size(), topics.size());
    }
  }
}
