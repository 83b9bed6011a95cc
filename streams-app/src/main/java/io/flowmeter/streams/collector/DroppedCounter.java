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
 * Counts what stream left out, by account and minute, in a store of its own: so a restart goes on
 * counting where the last commit was, and what is read again is counted once. The process under
 * which a task tells its totals is the task, which outlives processes for that reason. A total only
 * rises and is its own revision: telling it again, even from nothing, does no harm.
 *
 * <p>Kafka forgets offsets of a group without members after 7 days, and keeps records for longer:
 * all of them are read once more then. So the store has the last offset, too, of what was counted,
 * and when: a topic that was made anew begins from offset 0, with what is newer.
 *
 * @param <V> what is left out, or knows how much was
 */
public final class DroppedCounter<V>
    extends ContextualProcessor<String, V, String, CollectorMinute> {
  /** Account of what names none, as of the local runtime. */
  private static final String NO_ACCOUNT = "local";

  /** An older letter counts as of then: what its minute came to would not be known any more. */
  private static final Duration EARLIEST = Duration.ofDays(34);

  private static final Pattern END_OF_ACCOUNT = Pattern.compile("[/\\x00]");

  /** What is counted, and where. */
  private record Counting<V>(
      ToLongFunction<V> count,
      Function<Record<String, V>, String> account,
      Function<Record<String, V>, Instant> at,
      BiConsumer<CollectorMinute, Long> column) {}

  private final String storeName;
  private final Clock clock;
  private final Counting<V> counting;
  private final Map<String, Last> countedBefore = new HashMap<>();
  private WindowStore<String, Long> totals;

  /** What an earlier life of the task counted last of a partition. */
  private record Last(long offset, long at) {}

  private DroppedCounter(String storeName, Clock clock, Counting<V> counting) {
    this.storeName = storeName;
    this.clock = clock;
    this.counting = counting;
  }

  /** Sightings that came too late, in the minute of the process clock in which they came. */
  public static DroppedCounter<RunChanged> late(String storeName, Clock clock) {
    return new DroppedCounter<>(
        storeName,
        clock,
        new Counting<>(
            RunChanged::late,
            change -> change.value().run().accountId(),
            change -> clock.instant(),
            CollectorMinute::setLateIgnored));
  }

  /** Dead letters, in the minute of their own time, unless that is long ago. */
  public static DroppedCounter<byte[]> deadLetters(String storeName, Clock clock) {
    return new DroppedCounter<>(
        storeName,
        clock,
        new Counting<>(
            deadLetter -> 1,
            deadLetter -> account(deadLetter.key()),
            deadLetter -> {
              long earliest = clock.millis() - EARLIEST.toMillis();
              return Instant.ofEpochMilli(Math.max(earliest, deadLetter.timestamp()));
            },
            CollectorMinute::setDeadLetters));
  }

  /** Keys begin with the account, closed by a slash or, in rollups and status counts, by a zero. */
  private static String account(String key) {
    String[] parts = END_OF_ACCOUNT.split(key == null ? "" : key, 2);
    return parts.length < 2 || parts[0].isEmpty() ? NO_ACCOUNT : parts[0];
  }

  @Override
  public void init(ProcessorContext<String, CollectorMinute> context) {
    super.init(context);
    totals = context.getStateStore(storeName);
    // A task that is revived initializes the same object again.
    countedBefore.clear();
  }

  @Override
  public void process(Record<String, V> record) {
    long count = counting.count().applyAsLong(record.value());
    RecordMetadata from = context().recordMetadata().orElseThrow();
    if (count == 0 || wasCounted(from, record.timestamp())) {
      return;
    }
    String account = counting.account().apply(record);
    Instant minute = Minutes.of(counting.at().apply(record));
    Long before = totals.fetch(account, minute.toEpochMilli());
    long total = count + (before == null ? 0 : before);
    totals.put(account, total, minute.toEpochMilli());
    counted(from, record.timestamp());
    CollectorMinute row = row(account, minute, total);
    context().forward(new Record<>(CollectorMinuteKey.of(row), row, clock.millis()));
  }

  private boolean wasCounted(RecordMetadata from, long timestamp) {
    Last last =
        countedBefore.computeIfAbsent(
            offsetOf(from), any -> new Last(latest(offsetOf(from)), latest(timeOf(from))));
    if (from.offset() > last.offset()) {
      return false;
    }
    if (timestamp <= last.at()) {
      return true;
    }
    // The topic was made anew: its offsets begin again.
    evict(offsetOf(from));
    evict(timeOf(from));
    countedBefore.put(offsetOf(from), new Last(-1, -1));
    return false;
  }

  private void evict(String key) {
    List<Long> days = new ArrayList<>();
    try (WindowStoreIterator<Long> known = totals.fetch(key, 0, Long.MAX_VALUE)) {
      known.forEachRemaining(day -> days.add(day.key));
    }
    days.forEach(day -> totals.put(key, null, day));
  }

  /** −1 where there is none. */
  private long latest(String key) {
    long latest = -1;
    try (WindowStoreIterator<Long> days = totals.fetch(key, 0, Long.MAX_VALUE)) {
      while (days.hasNext()) {
        latest = Math.max(latest, days.next().value);
      }
    }
    return latest;
  }

  /** One entry a day: the store forgets old ones, and there are few to look through. */
  private void counted(RecordMetadata from, long timestamp) {
    Instant now = clock.instant();
    long day = now.truncatedTo(ChronoUnit.DAYS).toEpochMilli();
    totals.put(offsetOf(from), from.offset(), day);
    totals.put(timeOf(from), Math.max(timestamp, now.toEpochMilli()), day);
  }

  /** A key that no account has, for an account has no slash. */
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
    counting.column().accept(row, total);
    return row;
  }
}
