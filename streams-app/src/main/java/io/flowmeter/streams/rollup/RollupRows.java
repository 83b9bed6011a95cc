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
 * The rows of {@code workflow_minutes} and {@code step_minutes}: changes of runs, added up to parts
 * of minutes. A part is open from its first fact until none came for ten minutes of the process
 * clock; it is told at once, but at most once a second, and always as a whole, so that telling it
 * twice does no harm. A fact that comes later opens another part. The relation sums the parts, so
 * that a stream task needs neither its neighbours' counts nor those of long ago.
 *
 * <p>What is open is kept in memory alone: a task that goes on elsewhere opens other parts. Only
 * what was committed and not told yet is kept in a store, one record a change.
 */
public final class RollupRows implements Processor<String, RunChanged, String, SpecificRecord> {
  /** How long after its last fact a part is closed. */
  static final Duration OPEN = Duration.ofMinutes(10);

  /** How often what changed is told. */
  static final Duration TELL_EVERY = Duration.ofSeconds(1);

  /** How often is looked for what is to be closed. */
  static final Duration CLOSE_EVERY = Duration.ofMinutes(1);

  /** With so many rows nothing is waited for. */
  private static final int MOST_WAITING = 2_000;

  private final String storeName;
  private final Clock clock;
  private final WallClockScheduler scheduler;
  private final AccumulatorLimit limit;
  private final RollupAccumulator<WorkflowMinute> workflowMinutes;
  private final RollupAccumulator<StepMinute> stepMinutes;
  private ProcessorContext<String, SpecificRecord> context;
  private PendingRollups pending;

  /** Rows of changes that are not told. */
  private int waiting;

  private long publishedAt;
  private boolean hasStarted;

  /**
   * @param storeName of a store of what is not told
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
    // A task that is revived initializes the same object again.
    workflowMinutes.evict();
    stepMinutes.evict();
    waiting = 0;
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
    // Where little happens, nothing is waited for; nor until a clock that was put back is there
    // again.
    boolean due = now < publishedAt || now >= publishedAt + TELL_EVERY.toMillis();
    if (due || waiting >= MOST_WAITING || !pending.add(added)) {
      publish();
    }
    if (workflowMinutes.isOverfull() || stepMinutes.isOverfull()) {
      closeParts();
    }
  }

  private void add(PendingRollup change, long now) {
    workflowMinutes.add(change.difference().workflowMinutes(), change.part(), now);
    stepMinutes.add(change.difference().stepMinutes(), change.part(), now);
    waiting += change.difference().size();
  }

  private void publish() {
    if (waiting == 0) {
      return;
    }
    long now = clock.millis();
    workflowMinutes.publish(now, (key, row) -> context.forward(new Record<>(key, row, now)));
    stepMinutes.publish(now, (key, row) -> context.forward(new Record<>(key, row, now)));
    pending.clear();
    waiting = 0;
    publishedAt = now;
  }

  private void closeParts() {
    publish();
    long before = clock.millis() - OPEN.toMillis();
    workflowMinutes.close(before);
    stepMinutes.close(before);
  }

  /** A part is named by the fact that opened it. */
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
