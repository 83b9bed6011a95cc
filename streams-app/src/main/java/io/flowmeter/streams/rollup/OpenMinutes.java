package io.flowmeter.streams.rollup;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.rollup.StepMinute;
import io.flowmeter.schemas.rollup.WorkflowMinute;
import io.flowmeter.schemas.state.OpenStepMinute;
import io.flowmeter.schemas.state.OpenWorkflowMinute;
import io.flowmeter.streams.run.RunChanged;
import io.flowmeter.streams.run.RunKey;
import io.flowmeter.streams.state.Contributions;
import io.flowmeter.streams.time.Rounds;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Adds changes of runs up to parts of minutes. The part of a minute is open from its first fact
 * until none came for ten minutes of the process clock; it is told at once, but at most once a
 * second, and always as a whole, so that telling it twice does no harm. A fact that comes later
 * opens another part. The relation sums the parts, so that a stream task needs neither its
 * neighbours' counts nor those of long ago.
 *
 * @param <R> the rollup's row
 * @param <O> the row as it is kept while open
 */
public final class OpenMinutes<R extends SpecificRecord, O extends SpecificRecord>
    implements Processor<String, RunChanged, String, R> {
  /** How long after its last fact a part is closed. */
  static final Duration OPEN = Duration.ofMinutes(10);

  /** How often is looked for what is to be closed; each time costs a look at all that is open. */
  static final Duration CLOSE_EVERY = OPEN.dividedBy(2);

  /** How often what changed is told. */
  static final Duration TELL_EVERY = Duration.ofSeconds(1);

  /**
   * Rows whose latest state is at hand: facts of a minute come close together, and reading a row
   * costs as much as adding to it.
   */
  private static final int AT_HAND = 10_000;

  /** How the row lies in the store. */
  private record Form<R, O>(
      BiFunction<R, Instant, O> open, Function<O, R> row, Function<O, Instant> touchedAt) {}

  private final String storeName;
  private final RollupAlgebra<R> algebra;
  private final Function<Contributions, List<R>> rows;
  private final Form<R, O> form;
  private final Clock clock;
  private final Set<String> untold = new HashSet<>();
  private final Map<String, O> atHand =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, O> eldest) {
          return size() > AT_HAND;
        }
      };
  private Instant toldAt = Instant.EPOCH;
  private ProcessorContext<String, R> context;
  private KeyValueStore<String, O> store;

  private OpenMinutes(
      String storeName,
      RollupAlgebra<R> algebra,
      Function<Contributions, List<R>> rows,
      Form<R, O> form,
      Clock clock) {
    this.storeName = storeName;
    this.algebra = algebra;
    this.rows = rows;
    this.form = form;
    this.clock = clock;
  }

  /** Of relation {@code workflow_minutes}. */
  public static OpenMinutes<WorkflowMinute, OpenWorkflowMinute> ofWorkflows(
      String storeName, Clock clock) {
    return new OpenMinutes<>(
        storeName,
        new RollupAlgebra<>(WorkflowMinute.getClassSchema(), WorkflowMinute::new),
        Contributions::workflowMinutes,
        new Form<>(
            OpenWorkflowMinute::new, OpenWorkflowMinute::getRow, OpenWorkflowMinute::getTouchedAt),
        clock);
  }

  /** Of relation {@code step_minutes}. */
  public static OpenMinutes<StepMinute, OpenStepMinute> ofSteps(String storeName, Clock clock) {
    return new OpenMinutes<>(
        storeName,
        new RollupAlgebra<>(StepMinute.getClassSchema(), StepMinute::new),
        Contributions::stepMinutes,
        new Form<>(OpenStepMinute::new, OpenStepMinute::getRow, OpenStepMinute::getTouchedAt),
        clock);
  }

  @Override
  public void init(ProcessorContext<String, R> processorContext) {
    context = processorContext;
    store = context.getStateStore(storeName);
    // A task that is revived initializes the same object again.
    untold.clear();
    atHand.clear();
    // Which of them were told is not kept, for telling them again does no harm.
    try (KeyValueIterator<String, O> open = store.all()) {
      open.forEachRemaining(minute -> untold.add(minute.key));
    }
    Rounds.every(TELL_EVERY, clock, context, this::tell);
    Rounds.every(CLOSE_EVERY, clock, context, this::closeParts);
  }

  @Override
  public void process(Record<String, RunChanged> record) {
    RunChanged change = record.value();
    List<R> before = rows.apply(change.gave());
    List<R> after = rows.apply(change.gives());
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    for (R difference : algebra.difference(before, after)) {
      String key = algebra.key(difference);
      Optional<R> open = Optional.ofNullable(open(key)).map(form.row());
      R row = open.map(sofar -> algebra.sum(sofar, difference)).orElse(difference);
      long part =
          open.map(algebra::part).orElseGet(() -> partName(change.run(), change.revision()));
      long revision = Math.max(now.toEpochMilli(), open.map(algebra::revision).orElse(0L) + 1);
      keep(key, form.open().apply(algebra.told(row, part, revision), now));
      untold.add(key);
    }
    if (!now.isBefore(toldAt.plus(TELL_EVERY))) {
      // Where little happens, nothing is waited for.
      tell();
    }
  }

  private void tell() {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    if (untold.isEmpty()) {
      return;
    }
    for (String key : untold) {
      context.forward(new Record<>(key, form.row().apply(open(key)), now.toEpochMilli()));
    }
    untold.clear();
    toldAt = now;
  }

  private void closeParts() {
    tell();
    Instant before = clock.instant().minus(OPEN);
    try (KeyValueIterator<String, O> open = store.all()) {
      while (open.hasNext()) {
        KeyValue<String, O> minute = open.next();
        if (form.touchedAt().apply(minute.value).isBefore(before)) {
          store.delete(minute.key);
          atHand.remove(minute.key);
        }
      }
    }
  }

  private O open(String key) {
    O recent = atHand.get(key);
    return recent == null ? store.get(key) : recent;
  }

  private void keep(String key, O open) {
    store.put(key, open);
    atHand.put(key, open);
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
