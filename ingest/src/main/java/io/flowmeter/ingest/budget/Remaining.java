package io.flowmeter.ingest.budget;

import java.util.Collection;

/**
 * What a source said is left for all tools together. Ours alone never uses it up; where others do,
 * what is left is made to last until the quota grows again, but for a small rest, so that it is not
 * we who go over.
 *
 * @param requests that were left
 * @param since when the request went whose answer told so; what we sent later is not counted in it
 * @param until when the quota grows again
 * @param rest that is left alone
 */
record Remaining(long requests, long since, long until, long rest) {
  /** Of the quota, for what others may send between two of our requests. */
  private static final double REST = 0.025;

  /** Slower than so many times our own gap, others could use up the rest meanwhile. */
  private static final int SLOWEST = 10;

  static Remaining of(
      ServiceLimit limit, Collection<SharedLimit> limits, long grantedAt, long now) {
    long quota =
        limits.stream()
            .map(SharedLimit::policy)
            .filter(policy -> policy.name().equals(limit.name()))
            .mapToLong(QuotaPolicy::quota)
            .max()
            .orElseGet(
                () -> limits.stream().mapToLong(each -> each.policy().quota()).max().orElse(0));
    return new Remaining(
        limit.remaining(),
        grantedAt,
        now + limit.reset().toNanos(),
        (long) Math.ceil(quota * REST));
  }

  /**
   * @param gap nanoseconds between our requests when nobody else asks
   */
  long goes(long now, long gap, Grants grants) {
    if (now >= until) {
      return now;
    }
    long left = left(grants);
    if (left <= 0 || (until - now) / left > SLOWEST * gap) {
      return until;
    }
    long slower = (until - now) / left;
    return slower <= gap ? now : Math.max(now, grants.latestBut(0) + slower);
  }

  /** Others use so much that we must slow down. */
  boolean tight(long now, long gap, Grants grants) {
    long left = left(grants);
    return now < until && (left <= 0 || (until - now) / left > gap);
  }

  long left(Grants grants) {
    return Math.max(0, requests - grants.countAfter(since) - rest);
  }
}
