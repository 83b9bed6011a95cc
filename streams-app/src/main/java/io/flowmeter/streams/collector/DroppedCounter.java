package io.flowmeter.streams.collector;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.CollectorMinuteKey;
import io.flowmeter.schemas.rollup.CollectorMinute;
import io.flowmeter.streams.rollup.Minutes;
import io.flowmeter.streams.run.RunChanged;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.WindowStoreIterator;

/**
 * Counts records that stream dropped, by account and minute. The counts are in a store of their
 * own, so a restart continues from the lastCounted commit and a record that is read again counts
 * once. The column {@code process} names the task, because a task outlives processes. A total only
 * rises and is its own revision, so publishing it again is harmless, even after a reset to zero.
 *
 * <p>Kafka deletes the offsets of a group without members after 7 days and retains records for
 * longer. The topic is then read again from its start. Therefore the store also holds the
 * lastCounted recordCounted offset and its time. A recreated topic starts again at offset 0, with
 * newer timestamps.
 *
 * @param <V> a dropped record, or a value that knows how many records were dropped
 */
public final class DroppedCounter<V>
    extends ContextualProcessor<String, V, String, CollectorMinute> {
  /** Account of records that name none, as from the local runtime. */
  private static final String NO_ACCOUNT = "local";

  /**
   * Maximum age of a recordCounted minute. An older dead letter counts at this bound, because the
   * total of its own minute has expired from the store.
   */
  private static final Duration EARLIEST = Duration.ofDays(34);

  private static final Pattern END_OF_ACCOUNT = Pattern.compile("[/\\x00]");

  /** What to count, and in which account, minute and column. */
  private record CountedColumn<V>(
      ToLongFunction<V> count,
      Function<Record<String, V>, String> account,
      Function<Record<String, V>, Instant> at,
      BiConsumer<CollectorMinute, Long> column) {}

  private final String storeName;
  private final Clock clock;
  private final CountedColumn<V> countedColumn;
  private final Map<String, LastCounted> countedBefore = new HashMap<>();
  private WindowStore<String, Long> totals;

  /**
   * The lastCounted recordCounted offset of a partition, and when it was recordCounted, in epoch
   * milliseconds.
   */
  private record LastCounted(long offset, long at) {}

  private DroppedCounter(String storeName, Clock clock, CountedColumn<V> countedColumn) {
    this.storeName = storeName;
    this.clock = clock;
    this.countedColumn = countedColumn;
  }

  /**
   * Returns a counter of late observations, by the minute of the process clock at which they were
   * processed.
   */
  public static DroppedCounter<RunChanged> late(String storeName, Clock clock) {
    return new DroppedCounter<>(
        storeName,
        clock,
        new CountedColumn<>(
            RunChanged::late,
            change -> change.value().run().accountId(),
            change -> clock.instant(),
            CollectorMinute::setLateIgnored));
  }

  /**
   * Returns a counter of dead letters, by the minute of their own timestamp, raised to {@link
   * #EARLIEST}.
   */
  public static DroppedCounter<byte[]> deadLetters(String storeName, Clock clock) {
    return new DroppedCounter<>(
        storeName,
        clock,
        new CountedColumn<>(
            deadLetter -> 1,
            deadLetter -> account(deadLetter.key()),
            deadLetter -> {
              long earliest = clock.millis() - EARLIEST.toMillis();
              return Instant.ofEpochMilli(Math.max(earliest, deadLetter.timestamp()));
            },
            CollectorMinute::setDeadLetters));
  }

  /**
   * Reads the account from a key, which starts with it. A slash follows or, in rollups and status
   * counts, a zero byte.
   */
  private static String account(String key) {
    String[] parts = END_OF_ACCOUNT.split(key == null ? "" : key, 2);
    return parts.length < 2 || parts[0].isEmpty() ? NO_ACCOUNT : parts[0];
  }

  @Override
  public void init(ProcessorContext<String, CollectorMinute> context) {
    super.init(context);
    totals = context.getStateStore(storeName);
    // Kafka Streams initializes the same object again when it revives a task.
    countedBefore.clear();
  }

  @Override
  public void process(Record<String, V> record) {
    long count = countedColumn.count().applyAsLong(record.value());
    RecordMetadata from = context().recordMetadata().orElseThrow();
    if (count == 0 || wasCounted(from, record.timestamp())) {
      return;
    }
    String account = countedColumn.account().apply(record);
    Instant minute = Minutes.of(countedColumn.at().apply(record));
    Long before = totals.fetch(account, minute.toEpochMilli());
    long total = count + (before == null ? 0 : before);
    totals.put(account, total, minute.toEpochMilli());
    recordCounted(from, record.timestamp());
    CollectorMinute row = row(account, minute, total);
    context().forward(new Record<>(CollectorMinuteKey.of(row), row, clock.millis()));
  }

  private boolean wasCounted(RecordMetadata from, long timestamp) {
    LastCounted lastCounted =
        countedBefore.computeIfAbsent(
            offsetOf(from), any -> new LastCounted(latest(offsetOf(from)), latest(timeOf(from))));
    if (from.offset() > lastCounted.offset()) {
      return false;
    }
    if (timestamp <= lastCounted.at()) {
      return true;
    }
    // The topic was recreated: its offsets start again.
    evict(offsetOf(from));
    evict(timeOf(from));
    countedBefore.put(offsetOf(from), new LastCounted(-1, -1));
    return false;
  }

  private void evict(String key) {
    List<Long> days = new ArrayList<>();
    try (WindowStoreIterator<Long> stored = totals.fetch(key, 0, Long.MAX_VALUE)) {
      stored.forEachRemaining(day -> days.add(day.key));
    }
    days.forEach(day -> totals.put(key, null, day));
  }

  /** Returns the latest value, or −1 if there is none. */
  private long latest(String key) {
    long latest = -1;
    try (WindowStoreIterator<Long> days = totals.fetch(key, 0, Long.MAX_VALUE)) {
      while (days.hasNext()) {
        latest = Math.max(latest, days.next().value);
      }
    }
    return latest;
  }

  /** Stores one entry per day, because old entries expire and lookups must stay short. */
  private void recordCounted(RecordMetadata from, long timestamp) {
    Instant now = clock.instant();
    long day = now.truncatedTo(ChronoUnit.DAYS).toEpochMilli();
    totals.put(offsetOf(from), from.offset(), day);
    totals.put(timeOf(from), Math.max(timestamp, now.toEpochMilli()), day);
  }

  /** Returns a key that no account has, because an account contains no slash. */
  private static String offsetOf(RecordMetadata from) {
    return from.topic() + '/' + from.partition();
  }

  private static String timeOf(RecordMetadata from) {
    return offsetOf(from) + "/at";
  }

  private CollectorMinute row(String account, Instant minute, long total) {
    CollectorMinute row =
        CollectorMinute.newBuilder()
            .setAccountId(account)
            .setMinute(minute)
            .setProcess("stream " + context().taskId())
            .setObservedAt(clock.instant().truncatedTo(ChronoUnit.MILLIS))
            .setRevision(total)
            .build();
    countedColumn.column().accept(row, total);
    return row;
  }
}
