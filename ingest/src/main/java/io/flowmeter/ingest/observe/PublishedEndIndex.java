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
import java.util.stream.Stream;

/**
 * Which ends were told of a workflow's runs that are not remembered any longer. A run that is
 * restarted from a step and ends again in the same status leaves the counts as they were; nobody
 * lists it for that, and by the time its row shows, what was told of it may be forgotten. By the
 * end alone that row can be told from one that says nothing new.
 *
 * <p>An end takes 8 bytes. Known are the {@value #MOST} that were forgotten last, if not longer ago
 * than their rows are listed. What ended until the latest of those that had to go is taken for
 * told, and so is what ended before ends were known at all.
 */
public final class PublishedEndIndex {
  static final int PER_BLOCK = 128;
  private static final int MOST = 262_144;

  /**
   * Ends that lie in one, or in two side by side, are the same: rows and details differ by less.
   */
  private static final long BUCKET_MS = 100;

  /** Stands for the end of a run of which nobody told when it ended. */
  private static final long UNTOLD = -1;

  private final int most;
  private final TreeMap<Long, Block> blocks = new TreeMap<>();
  private final SortedSet<Long> changed = new TreeSet<>();
  private final SortedSet<Long> dropped = new TreeSet<>();
  private Optional<Instant> until = Optional.empty();

  public PublishedEndIndex() {
    this(MOST);
  }

  /** Knows at most so many ends, in whole blocks. */
  PublishedEndIndex(int most) {
    this.most = most;
  }

  /** Up to {@value #PER_BLOCK} ends, which are written together. */
  private static final class Block {
    private long[] hashes = new long[0];
    private long earliest = Long.MAX_VALUE;
    private long latest = 0;

    boolean isFull() {
      return hashes.length >= PER_BLOCK;
    }

    void add(long hash, long from, long to) {
      hashes = Arrays.copyOf(hashes, hashes.length + 1);
      hashes[hashes.length - 1] = hash;
      earliest = Math.min(earliest, from);
      latest = Math.max(latest, to);
    }

    boolean has(long instance, long end) {
      if (end < earliest - 2 * BUCKET_MS || end > latest + 2 * BUCKET_MS) {
        return false;
      }
      long bucket = Math.floorDiv(end, BUCKET_MS);
      long before = hash(instance, bucket - 1);
      long same = hash(instance, bucket);
      long after = hash(instance, bucket + 1);
      long unpublished = hash(instance, UNTOLD);
      for (long each : hashes) {
        if (each == same || each == before || each == after || each == unpublished) {
          return true;
        }
      }
      return false;
    }
  }

  /**
   * What ended until then is taken for told, for it may have been forgotten; unless ends are known
   * already.
   */
  public void startBlock(Instant endedUntil) {
    if (until.isEmpty()) {
      until = Optional.of(endedUntil.plus(EndMatcher.SKEW));
      openBlock();
    }
  }

  /**
   * A run is forgotten: the end that its row told is known, and that of its detail where it is
   * another one; where nobody told when it ended, any until its end was seen.
   */
  public void add(String id, TrackedInstance tracked) {
    if (!tracked.ended()) {
      return;
    }
    Stream.of(tracked.rowEndedOn(), tracked.endedOn())
        .flatMap(Optional::stream)
        .forEach(end -> add(id, end));
    if (tracked.rowEndedOn().isEmpty() && tracked.endedOn().isEmpty()) {
      long seen = tracked.endSeenAt().orElse(Instant.EPOCH).plus(EndMatcher.SKEW).toEpochMilli();
      openBlock().add(hash(instance(id), UNTOLD), 0, seen);
    }
  }

  /** This end of an instance needs not be asked after any more. */
  public void add(String id, Instant end) {
    if (!has(id, end, Instant.MIN)) {
      long ms = end.toEpochMilli();
      openBlock().add(hash(instance(id), Math.floorDiv(ms, BUCKET_MS)), ms, ms);
    }
  }

  private Block openBlock() {
    if (blocks.isEmpty() || blocks.lastEntry().getValue().isFull()) {
      blocks.put(blocks.isEmpty() ? 0 : blocks.lastKey() + 1, new Block());
      while (blocks.size() > most / PER_BLOCK) {
        dropOldest();
      }
    }
    changed.add(blocks.lastKey());
    return blocks.lastEntry().getValue();
  }

  /** Ends before that are not asked after any more: their rows are not listed. */
  public void dropBefore(Instant ended) {
    while (blocks.size() > 1 && blocks.firstEntry().getValue().latest < ended.toEpochMilli()) {
      dropOldest();
    }
  }

  private void dropOldest() {
    Map.Entry<Long, Block> oldest = blocks.pollFirstEntry();
    Instant endedUntil = Instant.ofEpochMilli(oldest.getValue().latest);
    until = until.filter(endedUntil::isBefore).or(() -> Optional.of(endedUntil));
    changed.remove(oldest.getKey());
    changed.add(blocks.lastKey());
    dropped.add(oldest.getKey());
  }

  /**
   * Whether this end of an instance was told.
   *
   * @param end as its row tells it
   * @param otherwise up to when ends may have been forgotten, where none are known yet; a little
   *     later is taken for told, too, since clocks differ
   */
  public boolean has(String id, Instant end, Instant otherwise) {
    Instant published = until.orElseGet(() -> otherwise.plus(EndMatcher.SKEW));
    return !end.isAfter(published) || holds(id, end);
  }

  /** Whether this end of an instance is among those that are known by themselves. */
  public boolean holds(String id, Instant end) {
    long instance = instance(id);
    long ms = end.toEpochMilli();
    return blocks.values().stream().anyMatch(block -> block.has(instance, ms));
  }

  private static long instance(String id) {
    return RecordFingerprint.fingerprint(id.getBytes(StandardCharsets.UTF_8));
  }

  /** The multiplier is odd, so that no two ends of an instance have the same. */
  private static long hash(long instance, long bucket) {
    return instance ^ bucket * 0x9E3779B97F4A7C15L;
  }

  /**
   * What changed since the last call, and is to outlast this process before the runs are forgotten:
   * what is to be remembered under each key, or nothing any longer.
   */
  public Map<InstanceKey, Optional<Checkpoint>> changes(InstanceKey workflow) {
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
    Checkpoint checkpoint = TrackedInstance.NONE.toCheckpoint(workflow.ofEnds(number));
    checkpoint.setEnds(
        new EndsTold(
            number,
            until.orElse(Instant.EPOCH),
            Instant.ofEpochMilli(Math.min(block.earliest, block.latest)),
            Instant.ofEpochMilli(block.latest),
            hashes));
    return checkpoint;
  }

  /** Takes in what a process before remembered, in any order. */
  public void restore(EndsTold published) {
    Block block = new Block();
    block.hashes = new long[published.getHashes().remaining() / Long.BYTES];
    published.getHashes().asLongBuffer().get(block.hashes);
    block.earliest = published.getEarliest().toEpochMilli();
    block.latest = published.getLatest().toEpochMilli();
    blocks.put(published.getBlock(), block);
    until =
        until.filter(published.getUntil()::isBefore).or(() -> Optional.of(published.getUntil()));
  }

  /** All is forgotten: under which keys nothing is to be remembered any longer. */
  public List<InstanceKey> clear(InstanceKey workflow) {
    List<InstanceKey> keys = new ArrayList<>();
    Stream.concat(blocks.keySet().stream(), dropped.stream())
        .forEach(block -> keys.add(workflow.ofEnds(block)));
    blocks.clear();
    changed.clear();
    dropped.clear();
    until = Optional.empty();
    return keys;
  }
}
