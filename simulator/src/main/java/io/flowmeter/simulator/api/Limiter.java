package io.flowmeter.simulator.api;

import java.time.Duration;
import java.time.Instant;

/**
 * Holds all requests of a user to a {@link RateLimit}, by a window that slides: there is no moment
 * at which a full quota comes back. Thread-safe.
 */
public final class Limiter {
  private final RateLimit limit;
  // When the latest requests came, in epoch milliseconds, as a ring.
  private final long[] times;
  private int oldest;
  private int count;
  private long blockedUntil = Long.MIN_VALUE;
  private long rejected;

  /**
   * What a request is told of the limit.
   *
   * @param admitted whether it is answered
   * @param remaining how many more are admitted within the next {@code resetSeconds}
   * @param resetSeconds until more is admitted than that, rounded up; for a rejected request, until
   *     any is
   */
  public record Verdict(boolean admitted, int remaining, long resetSeconds) {}

  /** A limit of which nothing is used yet. */
  public Limiter(RateLimit limit) {
    this.limit = limit;
    this.times = new long[limit.requests()];
  }

  /** What it holds to. */
  public RateLimit limit() {
    return limit;
  }

  /** Counts a request at this moment; one too many begins a block. */
  public synchronized Verdict acquire(Instant at) {
    long now = at.toEpochMilli();
    count(now);
    boolean admitted = now >= blockedUntil;
    if (!admitted) {
      rejected++;
    }
    return verdict(admitted, now);
  }

  /** Counts requests of another tool of the user, all at this moment; nobody sees its answers. */
  public synchronized void acquireElsewhere(int requests, Instant at) {
    for (int i = 0; i < requests; i++) {
      count(at.toEpochMilli());
    }
  }

  /** Lets another tool of the user go over the limit at this moment. */
  public void overrunElsewhere(Instant at) {
    acquireElsewhere(limit.requests() + 1, at);
  }

  /** How many requests were rejected, those of other tools left out. */
  public synchronized long rejected() {
    return rejected;
  }

  private void count(long moment) {
    if (count > 0 && moment < times[oldest]) {
      // A clock that went back: what is yet to come has not been asked.
      count = 0;
      blockedUntil = Long.MIN_VALUE;
    }
    long now = Math.max(moment, newest());
    while (count > 0 && times[oldest] <= now - limit.window().toMillis()) {
      oldest = (oldest + 1) % times.length;
      count--;
    }
    if (now < blockedUntil) {
      return;
    }
    if (count == times.length) {
      blockedUntil = now + limit.block().toMillis();
      return;
    }
    times[(oldest + count) % times.length] = now;
    count++;
  }

  private long newest() {
    return count == 0 ? Long.MIN_VALUE : times[(oldest + count - 1) % times.length];
  }

  private Verdict verdict(boolean admitted, long now) {
    if (!admitted) {
      return new Verdict(false, 0, seconds(blockedUntil - now));
    }
    long leaves = times[oldest] + limit.window().toMillis();
    return new Verdict(true, times.length - count, seconds(leaves - now));
  }

  private static long seconds(long ms) {
    return Duration.ofMillis(ms + 999).toSeconds();
  }
}
