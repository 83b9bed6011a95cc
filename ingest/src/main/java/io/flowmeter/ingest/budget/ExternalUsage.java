package io.flowmeter.ingest.budget;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What other tools take of a quota, as far as answers tell: the quota, less what is left of it,
 * less what we took. Where it grows, it is expected to go on growing, so that we make room in time
 * and it is not we who go over.
 *
 * <p>Whether the window slides, or begins anew each time, is not told. It is taken to slide, until
 * more is left than could be if what we took were still counted. For use under the budget's lock.
 */
final class ExternalUsage {
  /** Of the quota, for what comes unexpectedly. */
  private static final double REST = 0.025;

  /** Of the quota: what requests on their way and clocks that differ may blur. */
  private static final double BLUR = 0.05;

  /** For so many windows others are expected to come back to what they took at most. */
  private static final int PEAKS_KEPT = 2;

  private static final long SPAN = 60_000_000_000L;
  private static final long LEAST_SPAN = 5_000_000_000L;

  private final long quota;
  private final long window;
  private final Deque<Taken> update = new ArrayDeque<>();

  /** The highest of late, each higher than those after it. */
  private final Deque<Taken> peaks = new ArrayDeque<>();

  private boolean slides = true;
  private long resetAt;

  private record Taken(long at, long grantedAt, long requests) {}

  ExternalUsage(QuotaPolicy policy) {
    this.quota = policy.quota();
    this.window = policy.window().toNanos();
  }

  /**
   * An answer told what is left.
   *
   * @param grantedAt when its request went; what went later is not counted in it
   */
  void update(ServiceLimit limit, long grantedAt, long now, GrantLog grants) {
    if (!update.isEmpty() && grantedAt < update.getLast().grantedAt()) {
      return;
    }
    long reset = now + Math.min(limit.reset().toNanos(), window);
    if (slides && taken(limit, grantedAt - window, grantedAt, grants) < -quota * BLUR) {
      slides = false;
      update.clear();
    }
    if (!slides && reset - resetAt > window / 2) {
      update.clear();
    }
    resetAt = reset;
    long since = slides ? grantedAt - window : resetAt - window;
    Taken latest = new Taken(now, grantedAt, Math.max(0, taken(limit, since, grantedAt, grants)));
    update.add(latest);
    while (!peaks.isEmpty() && peaks.getLast().requests() <= latest.requests()) {
      peaks.removeLast();
    }
    peaks.add(latest);
    while (now - peaks.getFirst().at() > PEAKS_KEPT * window) {
      peaks.removeFirst();
    }
    while (now - update.getFirst().at() > SPAN) {
      update.removeFirst();
    }
  }

  private long taken(ServiceLimit limit, long since, long grantedAt, GrantLog grants) {
    long ours = grants.countAfter(since) - grants.countAfter(grantedAt);
    return quota - limit.remaining() - ours;
  }

  /** How many requests of a window are ours at most; at least 1, to hear how it goes on. */
  long leave(long now) {
    if (update.isEmpty() || now - update.getLast().at() >= window) {
      return quota;
    }
    return (long) Math.max(1, quota * (1 - REST) - expected(now));
  }

  private double expected(long now) {
    long last = update.getLast().requests();
    if (slides) {
      return Math.max(peaks.getFirst().requests(), last + growth() * window);
    }
    return now >= resetAt ? growth() * window : last + growth() * (resetAt - update.getLast().at());
  }

  /** Requests a nanosecond. */
  private double growth() {
    Taken first = update.getFirst();
    Taken last = update.getLast();
    long span = last.at() - first.at();
    return span < LEAST_SPAN ? 0 : (double) Math.max(0, last.requests() - first.requests()) / span;
  }

  /** When one more goes, so that what others leave is not gone over, and is used evenly. */
  long goes(long now, long gap, GrantLog grants) {
    long leave = leave(now);
    boolean reset = slides || now >= resetAt;
    long left = reset ? leave : leave - grants.countAfter(resetAt - window);
    if (left <= 0) {
      return resetAt;
    }
    long slower = (reset ? window : resetAt - now) / left;
    long even = slower <= gap ? now : Math.max(now, grants.latest(now) + slower);
    return slides ? Math.max(even, grants.freeAt(leave, window, now)) : even;
  }
}
