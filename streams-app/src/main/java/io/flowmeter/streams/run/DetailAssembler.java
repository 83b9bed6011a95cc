package io.flowmeter.streams.run;

import io.flowmeter.schemas.observation.Observation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Parts of details that are not all in yet, under the run's key, the detail's id and their number.
 */
final class DetailAssembler {
  private static final int MOST_DETAILS = 1_000;
  private static final byte[] HIGHEST = highest();

  private final KeyValueStore<Bytes, Observation> parts;

  /**
   * Which parts of a detail are in the store; asked of it once, for reading them all with each part
   * is quadratic.
   */
  private final Map<Bytes, BitSet> arrived = new LruCache<>(MOST_DETAILS);

  DetailAssembler(KeyValueStore<Bytes, Observation> parts) {
    this.parts = parts;
  }

  /**
   * Takes a part of a detail in.
   *
   * @return all parts of the detail, in order, once they are there; they are kept until {@link
   *     #learnt}
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
    return Optional.of(gathered);
  }

  /**
   * A detail whose parts were all there was learnt. One from which nothing could be learnt keeps
   * them: its last part is a dead letter, and with it replayed, the detail is whole again.
   */
  void learnt(RunKey run, Observation part) {
    int count = part.getDetail().getParts();
    if (count == 1) {
      return;
    }
    for (int one = 0; one < count; one++) {
      parts.delete(partKey(run, part.getDetail().getDetailId(), one));
    }
    evict(run.bytes(), part.getObservedAt().minus(RunKnowledge.GRACE));
  }

  private BitSet partsOf(RunKey run, String detailId, int count) {
    BitSet there = new BitSet();
    try (KeyValueIterator<Bytes, Observation> stored =
        parts.range(partKey(run, detailId, 0), partKey(run, detailId, count))) {
      stored.forEachRemaining(entry -> there.set(entry.value.getDetail().getPart()));
    }
    return there;
  }

  /**
   * Forgets parts of a run's details that were not whole by then and never will be: who told them
   * was stopped while he did. What is told again after the grace is told whole.
   */
  private void evict(Bytes run, Instant until) {
    try (KeyValueIterator<Bytes, Observation> stored =
        parts.range(run, Bytes.wrap(joined(run.get(), HIGHEST)))) {
      evict(stored, part -> !part.getObservedAt().isAfter(until));
    }
  }

  /** Forgets parts that were observed before a time, of whatever run. */
  void evict(Instant before) {
    try (KeyValueIterator<Bytes, Observation> stored = parts.all()) {
      evict(stored, part -> part.getObservedAt().isBefore(before));
    }
  }

  private void evict(KeyValueIterator<Bytes, Observation> stored, Predicate<Observation> which) {
    while (stored.hasNext()) {
      KeyValue<Bytes, Observation> part = stored.next();
      if (which.test(part.value)) {
        parts.delete(part.key);
        arrived.remove(firstPart(part.key));
      }
    }
  }

  private static byte[] joined(byte[] one, byte[] other) {
    return ByteBuffer.allocate(one.length + other.length).put(one).put(other).array();
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

  private static Bytes firstPart(Bytes part) {
    byte[] key = part.get().clone();
    ByteBuffer.wrap(key).putInt(key.length - Integer.BYTES, 0);
    return Bytes.wrap(key);
  }

  private static byte[] highest() {
    byte[] bytes = new byte[64];
    Arrays.fill(bytes, (byte) 0xff);
    return bytes;
  }
}
