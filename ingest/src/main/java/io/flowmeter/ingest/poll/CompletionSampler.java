package io.flowmeter.ingest.poll;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * The runs of a workflow that completed: all are fetched, or where the budget cannot suffice one of
 * {@code k}, drawn by a hash of instance and run, so that whoever decides anew decides the same.
 */
final class CompletionSampler {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private long k = 1;
  private long drawable;
  private long others;
  private Optional<Ended> reported = Optional.empty();
  private Ended coming = new Ended(0, 0);

  long k() {
    return k;
  }

  void sampleOneOf(long k) {
    this.k = k;
  }

  /** How many a run stands for that completed just now: {@code k} where drawn, else 0. */
  long weight(String id, long run) {
    return isSampled(id, run, k) ? k : 0;
  }

  static boolean isSampled(String id, long run, long k) {
    return Long.remainderUnsigned(hash(id, run), k) == 0;
  }

  /** FNV-1a, then the finalizer of MurmurHash3, so that each bit depends on all. */
  private static long hash(String id, long run) {
    long hash = FNV_OFFSET;
    for (byte each : id.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (each & 0xff)) * FNV_PRIME;
    }
    hash ^= run * 0x9e3779b97f4a7c15L;
    hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
    hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return hash ^ (hash >>> 33);
  }

  /** A run was first seen ended, by whose outcome it might be left out. */
  void drawable() {
    drawable++;
  }

  /** A run was first seen ended that is fetched in any case. */
  void other() {
    others++;
  }

  /** The counts by status, as told now; where they are not, nothing is known to come. */
  void reported(Optional<Map<String, Long>> counts) {
    coming = new Ended(0, 0);
    counts.ifPresent(this::reported);
  }

  private void reported(Map<String, Long> counts) {
    Ended all =
        new Ended(
            counts.getOrDefault("complete", 0L),
            counts.getOrDefault("errored", 0L) + counts.getOrDefault("terminated", 0L));
    Ended before = reported.orElse(all);
    coming =
        new Ended(
            Math.max(0, all.drawable() - before.drawable()),
            Math.max(0, all.others() - before.others()));
    reported = Optional.of(all);
  }

  /** So many more ended between the last two counts: their rows are to be listed now. */
  Ended coming() {
    return coming;
  }

  /** Ended runs: those that might be sampled, and the others. */
  record Ended(long drawable, long others) {}

  /** Ended runs that were first seen since the last call. */
  Ended drain() {
    Ended ended = new Ended(drawable, others);
    drawable = 0;
    others = 0;
    return ended;
  }
}
