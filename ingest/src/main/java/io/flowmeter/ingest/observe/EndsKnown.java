package io.flowmeter.ingest.observe;

import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.checkpoint.EndsTold;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which ends were told of a workflow's runs that are not remembered any longer. A run that is
 * restarted from a step and ends again in the same status leaves the counts as they were; nobody
 * lists it for that, and by the time its row shows, what was told of it may be forgotten. By the
 * end alone that row can be told from one that says nothing new.
 *
 * <p>A run takes 8 bytes, the newest {@value #RUNS} are known. What ended before the oldest of
 * these is taken for told, and so is what ended before ends were known at all.
 */
public final class EndsKnown {
  static final int PER_BLOCK = 128;
  static final int RUNS = 262_144;

  /**
   * Ends that lie in one, or in two side by side, are the same: rows and details differ by less.
   */
  private static final long BUCKET_MS = 100;

  private final TreeMap<Long, Block> blocks = new TreeMap<>();
  private final SortedSet<Long> changed = new TreeSet<>();
  private final SortedSet<Long> dropped = new TreeSet<>();
  private Optional<Instant> until = Optional.empty();

  /** Up to {@value #PER_BLOCK} runs, which are written together. */
  private static final class Block {
    private long[] hashes = new long[0];
    private long earliest = Long.MAX_VALUE;
    private long latest = Long.MIN_VALUE;

    boolean isFull() {
      return hashes.length >= PER_BLOCK;
    }

    void add(long hash, long end) {
      hashes = Arrays.copyOf(hashes, hashes.length + 1);
      hashes[hashes.length - 1] = hash;
      earliest = Math.min(earliest, end);
      latest = Math.max(latest, end);
    }

    boolean has(long instance, long end) {
      if (end < earliest - BUCKET_MS || end > latest + BUCKET_MS) {
        return false;
      }
      long bucket = bucket(end);
      long before = hash(instance, bucket - 1);
      long same = hash(instance, bucket);
      long after = hash(instance, bucket + 1);
      for (long each : hashes) {
        if (each == same || each == before || each == after) {
          return true;
        }
      }
      return false;
    }
  }

  /** Nothing that ended until then is ever asked after, unless more is known already. */
  public void begin(Instant endedBefore) {
    if (until.isEmpty()) {
      until = Optional.of(endedBefore.plus(ChangeDetection.SKEW));
    }
  }

  /**
   * The run is forgotten. Where nothing told when it ended, all that ended until its end was seen
   * is taken for told.
   */
  public void add(String id, Memory memory) {
    if (!memory.ended()) {
      return;
    }
    Optional<Instant> end = memory.endAsListed();
    if (end.isEmpty()) {
      memory.endSeenAt().ifPresent(seen -> knowAll(seen.plus(ChangeDetection.SKEW)));
      return;
    }
    if (blocks.isEmpty() || blocks.lastEntry().getValue().isFull()) {
      blocks.put(blocks.isEmpty() ? 0 : blocks.lastKey() + 1, new Block());
      dropOldest();
    }
    long ms = end.get().toEpochMilli();
    blocks.lastEntry().getValue().add(hash(instance(id), bucket(ms)), ms);
    changed.add(blocks.lastKey());
  }

  private void knowAll(Instant endedUntil) {
    until = until.filter(endedUntil::isBefore).or(() -> Optional.of(endedUntil));
    if (!blocks.isEmpty()) {
      changed.add(blocks.lastKey());
    }
  }

  private void dropOldest() {
    while (blocks.size() > RUNS / PER_BLOCK) {
      Map.Entry<Long, Block> oldest = blocks.pollFirstEntry();
      knowAll(Instant.ofEpochMilli(oldest.getValue().latest + BUCKET_MS));
      changed.remove(oldest.getKey());
      dropped.add(oldest.getKey());
    }
  }

  /**
   * Whether this end of an instance was told.
   *
   * @param end as its row tells it
   * @param otherwise up to when all ends are, where nothing is known yet
   */
  public boolean has(String id, Instant end, Instant otherwise) {
    if (!end.isAfter(until.orElse(otherwise.plus(ChangeDetection.SKEW)))) {
      return true;
    }
    long instance = instance(id);
    long ms = end.toEpochMilli();
    return blocks.values().stream().anyMatch(block -> block.has(instance, ms));
  }

  private static long instance(String id) {
    return Encoded.fingerprint(id.getBytes(StandardCharsets.UTF_8));
  }

  private static long bucket(long ms) {
    return Math.floorDiv(ms, BUCKET_MS);
  }

  /** The multiplier is odd, so that no two ends of an instance have the same. */
  private static long hash(long instance, long bucket) {
    return instance ^ bucket * 0x9E3779B97F4A7C15L;
  }

  /**
   * What changed since the last call, and is to outlast this process before the runs are forgotten:
   * what is to be remembered under each key, or nothing any longer.
   */
  public Map<InstanceKey, Optional<Checkpoint>> news(InstanceKey workflow) {
    Map<InstanceKey, Optional<Checkpoint>> news = new LinkedHashMap<>();
    for (long block : changed) {
      news.put(workflow.ofEnds(block), Optional.of(toCheckpoint(workflow, block)));
    }
    for (long block : dropped) {
      news.put(workflow.ofEnds(block), Optional.empty());
    }
    changed.clear();
    dropped.clear();
    return news;
  }

  private Checkpoint toCheckpoint(InstanceKey workflow, long number) {
    Block block = blocks.get(number);
    ByteBuffer hashes = ByteBuffer.allocate(block.hashes.length * Long.BYTES);
    hashes.asLongBuffer().put(block.hashes);
    Checkpoint checkpoint = Memory.NONE.toCheckpoint(workflow.ofEnds(number));
    checkpoint.setEnds(
        new EndsTold(
            number,
            until.orElse(Instant.EPOCH),
            Instant.ofEpochMilli(block.earliest),
            Instant.ofEpochMilli(block.latest),
            hashes));
    return checkpoint;
  }

  /** Takes in what a process before remembered, in any order. */
  public void restore(EndsTold told) {
    Block block = new Block();
    block.hashes = new long[told.getHashes().remaining() / Long.BYTES];
    told.getHashes().asLongBuffer().get(block.hashes);
    block.earliest = told.getEarliest().toEpochMilli();
    block.latest = told.getLatest().toEpochMilli();
    blocks.put(told.getBlock(), block);
    until = until.filter(told.getUntil()::isBefore).or(() -> Optional.of(told.getUntil()));
  }

  /** All is forgotten: under which keys nothing is to be remembered any longer. */
  public List<InstanceKey> clear(InstanceKey workflow) {
    List<InstanceKey> keys = new ArrayList<>();
    blocks.keySet().forEach(block -> keys.add(workflow.ofEnds(block)));
    blocks.clear();
    changed.clear();
    dropped.clear();
    until = Optional.empty();
    return keys;
  }
}
