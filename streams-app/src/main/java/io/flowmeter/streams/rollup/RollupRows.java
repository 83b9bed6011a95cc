package io.flowmeter.streams.rollup;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.rollup.StepMinute;
import io.flowmeter.schemas.rollup.WorkflowMinute;
import io.flowmeter.streams.run.RunChanged;
import io.flowmeter.streams.run.RunKey;
import io.flowmeter.streams.state.Contributions;
import io.flowmeter.streams.state.PendingRollup;
import io.flowmeter.streams.state.PendingRollups;
import io.flowmeter.streams.time.WallClockScheduler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Publishes the rows of {@code workflow_minutes} and {@code step_minutes}. It sums the changes of
 * runs into partial aggregates. A partial aggregate is open from its first fact until no fact has
 * arrived for 10 min of the process clock. It is published at once, but at most once per second,
 * and always in full, so publishing it again is harmless. A later fact opens another partial
 * aggregate. The relation sums them, so a stream task needs neither the counts of other tasks nor
 * old counts.
 *
 * <p>Open partial aggregates are in memory only: a task that moves to another process opens others.
 * A store holds only changes that are committed but not yet published, one record per change.
 */
public final class RollupRows implements Processor<String, RunChanged, String, SpecificRecord> {
  /** Time after its last fact at which a partial aggregate is closed. */
  static final Duration OPEN = Duration.ofMinutes(10);

  /** Minimum time between publications. */
  static final Duration TELL_EVERY = Duration.ofSeconds(1);

  /** Interval of the check for partial aggregates to close. */
  static final Duration CLOSE_EVERY = Duration.ofMinutes(1);

  /** Number of unpublished rows at which they are published at once. */
  private static final int MAX_UNPUBLISHED_ROWS = 2_000;

  private final String storeName;
  private final Clock clock;
  private final WallClockScheduler scheduler;
  private final AccumulatorLimit limit;
  private final RollupAccumulator<WorkflowMinute> workflowMinutes;
  private final RollupAccumulator<StepMinute> stepMinutes;
  private ProcessorContext<String, SpecificRecord> context;
  private PendingRollups pending;

  /** Rows of unpublished changes. */
  private int unpublishedRows;

  private long publishedAt;
  private boolean hasStarted;

  /**
   * @param storeName store of unpublished changes
   * @param limit shared by the tasks of a process
   */
  public RollupRows(String storeName, Clock clock, AccumulatorLimit limit) {
    this.storeName = storeName;
    this.clock = clock;
    this.limit = limit;
    this.workflowMinutes = new RollupAccumulator<>(Rollups.WORKFLOW_MINUTES, limit::most);
    this.stepMinutes = new RollupAccumulator<>(Rollups.STEP_MINUTES, limit::most);
    this.scheduler = new WallClockScheduler(clock);
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> processorContext) {
    context = processorContext;
    if (!hasStarted) {
      hasStarted = true;
      limit.begins();
    }
    KeyValueStore<Bytes, byte[]> store = context.getStateStore(storeName);
    pending = new PendingRollups(store);
    // Kafka Streams initializes the same object again when it revives a task.
    workflowMinutes.evict();
    stepMinutes.evict();
    unpublishedRows = 0;
    publishedAt = 0;
    pending.read().forEach(change -> add(change, clock.millis()));
    scheduler.every(TELL_EVERY, context, this::publish);
    scheduler.every(CLOSE_EVERY, context, this::closeParts);
  }

  @Override
  public void close() {
    scheduler.stop();
    if (hasStarted) {
      hasStarted = false;
      limit.ends();
    }
  }

  @Override
  public void process(Record<String, RunChanged> record) {
    RunChanged change = record.value();
    Contributions difference = Rollups.difference(change.gave(), change.gives());
    if (difference.isEmpty()) {
      return;
    }
    RunKey run = change.run();
    PendingRollup added =
        new PendingRollup(
            run.accountId(), run.workflow(), partName(run, change.revision()), difference);
    long now = clock.millis();
    add(added, now);
    // At a low rate, publish at once. Do so, too, if the clock was set back.
    boolean due = now < publishedAt || now >= publishedAt + TELL_EVERY.toMillis();
    if (due || unpublishedRows >= MAX_UNPUBLISHED_ROWS || !pending.add(added)) {
      publish();
    }
    if (workflowMinutes.isOverfull() || stepMinutes.isOverfull()) {
      closeParts();
    }
  }

  private void add(PendingRollup change, long now) {
    workflowMinutes.add(change.difference().workflowMinutes(), change.part(), now);
    stepMinutes.add(change.difference().stepMinutes(), change.part(), now);
    unpublishedRows += change.difference().size();
  }

  private void publish() {
    if (unpublishedRows == 0) {
      return;
    }
    long now = clock.millis();
    workflowMinutes.publish(now, (key, row) -> context.forward(new Record<>(key, row, now)));
    stepMinutes.publish(now, (key, row) -> context.forward(new Record<>(key, row, now)));
    pending.clear();
    unpublishedRows = 0;
    publishedAt = now;
  }

  private void closeParts() {
    publish();
    long before = clock.millis() - OPEN.toMillis();
    workflowMinutes.close(before);
    stepMinutes.close(before);
  }

  /** Returns the name of a partial aggregate: a hash of the fact that opened it. */
  static long partName(RunKey run, long revision) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(run.bytes().get());
      digest.update(Long.toString(revision).getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(digest.digest()).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
