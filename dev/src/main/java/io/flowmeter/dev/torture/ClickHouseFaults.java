package io.flowmeter.dev.torture;

import io.flowmeter.cli.console.ProgressListener;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Breaks ClickHouse in all ways, in rounds that are shuffled by the seed, and mends it after a
 * while. One is much longer than all others, where there is time for it.
 */
final class ClickHouseFaults {
  private static final int SHORTEST_MS = 3_000;
  private static final int LONGEST_MS = 20_000;
  private static final int REST_MS = 30_000;

  /** Two hours of virtual time at the usual speed. */
  private static final Duration OUTAGE = Duration.ofMinutes(2);

  private static final Duration LONG_OUTAGE = Duration.ofMinutes(10);

  /** The part of the time that an outage may take at most. */
  private static final int ONE_OUTAGE_IN = 4;

  private final TorturedClickHouse server;
  private final Random random;
  private final InjectionCounts injected;
  private final ProgressListener progress;
  private final Deque<ClickHouseFault> round = new ArrayDeque<>();
  private Optional<ClickHouseFault> now = Optional.empty();
  private Duration outage;
  private long nextNanos;

  /**
   * @param lasts how long all of it lasts, in real time
   */
  ClickHouseFaults(
      TorturedClickHouse server,
      long seed,
      Duration lasts,
      InjectionCounts injected,
      ProgressListener progress) {
    this.server = server;
    this.random = new Random(seed * 17);
    this.injected = injected;
    this.progress = progress;
    this.outage = outage(lasts);
    this.nextNanos = System.nanoTime() + millis(random.nextInt(REST_MS));
  }

  private static Duration outage(Duration lasts) {
    Duration most = lasts.dividedBy(ONE_OUTAGE_IN);
    if (most.compareTo(LONG_OUTAGE) >= 0) {
      return LONG_OUTAGE;
    }
    return most.compareTo(OUTAGE) >= 0 ? OUTAGE : Duration.ZERO;
  }

  /** Breaks or mends, when it is time; waits for the server's start alone. */
  void tick() {
    if (System.nanoTime() < nextNanos) {
      return;
    }
    if (now.isPresent()) {
      repair();
      return;
    }
    if (round.isEmpty()) {
      List<ClickHouseFault> all = new ArrayList<>(List.of(ClickHouseFault.values()));
      Collections.shuffle(all, random);
      round.addAll(all);
    }
    ClickHouseFault fault = round.poll();
    Duration lasts = Duration.ofMillis(SHORTEST_MS + random.nextInt(LONGEST_MS - SHORTEST_MS));
    if (fault == ClickHouseFault.AWAY && !outage.isZero()) {
      lasts = outage;
      outage = Duration.ZERO;
    }
    fault.begin(server);
    now = Optional.of(fault);
    nextNanos = System.nanoTime() + lasts.toNanos();
    injected.fault("clickhouse " + fault.word());
    progress.onProgress("clickhouse %s, for %d s".formatted(fault.word(), lasts.toSeconds()));
  }

  /** Mends what is broken, and waits before the next. */
  void repair() {
    if (now.isPresent()) {
      now.get().end(server);
      progress.onProgress("clickhouse no longer " + now.get().word());
      now = Optional.empty();
    }
    nextNanos = System.nanoTime() + millis(random.nextInt(REST_MS));
  }

  private static long millis(int millis) {
    return Duration.ofMillis(millis).toNanos();
  }
}
