package io.flowmeter.streams.run;

import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.state.RunState;
import io.flowmeter.schemas.state.StepSeen;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Where knowledge of runs is kept: the run in one store, its steps each in another, and the parts
 * of a detail in a third until all are in. No value grows with the number of steps.
 */
final class RunStores {
  private static final int MOST_DETAILS = 1_000;
  private static final byte[] LOWEST = new byte[0];
  private static final byte[] HIGHEST = highest();

  private final KeyValueStore<Bytes, RunState> runs;
  private final KeyValueStore<Bytes, StepSeen> steps;
  private final KeyValueStore<Bytes, Observation> parts;

  /**
   * Which parts of a detail are in the store; asked of it once, for reading them all with each part
   * is quadratic.
   */
  private final Map<Bytes, BitSet> arrived =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Bytes, BitSet> eldest) {
          return size() > MOST_DETAILS;
        }
      };

  RunStores(
      KeyValueStore<Bytes, RunState> runs,
      KeyValueStore<Bytes, StepSeen> steps,
      KeyValueStore<Bytes, Observation> parts) {
    this.runs = runs;
    this.steps = steps;
    this.parts = parts;
  }

  /** What is known of the run; empty if nothing. */
  Optional<RunKnowledge> load(RunKey run) {
    RunState state = runs.get(run.bytes());
    if (state == null) {
      return Optional.empty();
    }
    NavigableMap<Integer, List<StepSeen>> known = new TreeMap<>();
    try (KeyValueIterator<Bytes, StepSeen> stored = stepsOf(run)) {
      stored.forEachRemaining(
          step ->
              known
                  .computeIfAbsent(step.value.getStep().getStepIndex(), index -> new ArrayList<>(1))
                  .add(step.value));
    }
    return Optional.of(new RunKnowledge(state, known));
  }

  /** Keeps what was learnt. */
  void save(RunKey run, RunKnowledge known) {
    runs.put(run.bytes(), known.state());
    known
        .touchedSteps()
        .forEach(
            (index, before) -> {
              List<StepSeen> now = known.steps().getOrDefault(index, List.of());
              Set<Integer> offsets = new HashSet<>();
              for (StepSeen stretch : now) {
                int offset = stretch.getStep().getAttemptOffset();
                offsets.add(offset);
                steps.put(stepKey(run, index, offset), stretch);
              }
              for (StepSeen stretch : before) {
                int offset = stretch.getStep().getAttemptOffset();
                if (!offsets.contains(offset)) {
                  steps.delete(stepKey(run, index, offset));
                }
              }
            });
  }

  /** The instance's life after this one. */
  OptionalLong next(RunKey run) {
    Bytes after =
        new RunKey(run.accountId(), run.workflow(), run.instanceId(), run.run() + 1).bytes();
    try (KeyValueIterator<Bytes, RunState> later = runs.range(after, run.lastOfInstance())) {
      return later.hasNext()
          ? OptionalLong.of(RunKey.of(later.next().key).run())
          : OptionalLong.empty();
    }
  }

  /** The instance's life before this one. */
  Optional<RunKey> previous(RunKey run) {
    Bytes before =
        new RunKey(run.accountId(), run.workflow(), run.instanceId(), run.run() - 1).bytes();
    try (KeyValueIterator<Bytes, RunState> earlier =
        runs.reverseRange(run.firstOfInstance(), before)) {
      return earlier.hasNext() ? Optional.of(RunKey.of(earlier.next().key)) : Optional.empty();
    }
  }

  /**
   * Takes a part of a detail in.
   *
   * @return all parts of the detail, in order, once they are there
   */
  Optional<List<Observation>> gather(RunKey run, Observation observation) {
    int count = observation.getDetail().getParts();
    if (count == 1) {
      return Optional.of(List.of(observation));
    }
    String detailId = observation.getDetail().getDetailId();
    int part = observation.getDetail().getPart();
    parts.put(partKey(run, detailId, part), observation);
    Bytes detail = partKey(run, detailId, 0);
    BitSet there = arrived.computeIfAbsent(detail, unknown -> partsOf(run, detailId, count));
    there.set(part);
    if (there.cardinality() < count) {
      return Optional.empty();
    }
    arrived.remove(detail);
    List<Observation> gathered = new ArrayList<>(count);
    try (KeyValueIterator<Bytes, Observation> stored =
        parts.range(detail, partKey(run, detailId, count))) {
      stored.forEachRemaining(entry -> gathered.add(entry.value));
    }
    forgetParts(run, observation.getObservedAt());
    return Optional.of(gathered);
  }

  private BitSet partsOf(RunKey run, String detailId, int count) {
    BitSet there = new BitSet(count);
    try (KeyValueIterator<Bytes, Observation> stored =
        parts.range(partKey(run, detailId, 0), partKey(run, detailId, count))) {
      stored.forEachRemaining(entry -> there.set(entry.value.getDetail().getPart()));
    }
    return there;
  }

  /** Forgets all that is known of the run. */
  void forget(RunKey run) {
    runs.delete(run.bytes());
    try (KeyValueIterator<Bytes, StepSeen> stored = stepsOf(run)) {
      stored.forEachRemaining(step -> steps.delete(step.key));
    }
    forgetParts(run, Instant.MAX);
  }

  /** Every run, in the order of keys. */
  KeyValueIterator<Bytes, RunState> all() {
    return runs.all();
  }

  /** Parts of a detail that is whole now, and of earlier ones that never were. */
  private void forgetParts(RunKey run, Instant until) {
    try (KeyValueIterator<Bytes, Observation> stored =
        parts.range(run.bytes(LOWEST), run.bytes(HIGHEST))) {
      while (stored.hasNext()) {
        KeyValue<Bytes, Observation> part = stored.next();
        if (!part.value.getObservedAt().isAfter(until)) {
          parts.delete(part.key);
        }
      }
    }
  }

  private KeyValueIterator<Bytes, StepSeen> stepsOf(RunKey run) {
    return steps.range(stepKey(run, 0, 0), stepKey(run, Integer.MAX_VALUE, Integer.MAX_VALUE));
  }

  private static Bytes stepKey(RunKey run, int index, int attemptOffset) {
    return run.bytes(
        ByteBuffer.allocate(2 * Integer.BYTES).putInt(index).putInt(attemptOffset).array());
  }

  private static Bytes partKey(RunKey run, String detailId, int part) {
    byte[] id = detailId.getBytes(StandardCharsets.UTF_8);
    return run.bytes(
        ByteBuffer.allocate(id.length + 1 + Integer.BYTES)
            .put(id)
            .put((byte) 0)
            .putInt(part)
            .array());
  }

  private static byte[] highest() {
    byte[] bytes = new byte[64];
    Arrays.fill(bytes, (byte) 0xff);
    return bytes;
  }
}
