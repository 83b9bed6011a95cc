package io.flowmeter.ingest.budget;

/**
 * Our share of one limit: at a smooth pace, and, whatever was learnt meanwhile, never more in any
 * window than is allowed. For use under the budget's lock.
 */
final class SharedLimit {
  private static final int SLOWER_AT_MOST = 10;

  private final QuotaPolicy policy;
  private final int allowed;
  private final long window;
  private final Pacer pace;
  private final ExternalUsage externalUsage;
  private long arrival;

  /**
   * @param share of the quota that is ours, over 0 to 1
   */
  SharedLimit(QuotaPolicy policy, double share, long now) {
    this.policy = policy;
    this.allowed = (int) Math.max(1, Math.min(policy.quota() * share, Integer.MAX_VALUE));
    this.window = policy.window().toNanos();
    this.pace = Pacer.of(allowed, window);
    this.externalUsage = new ExternalUsage(policy);
    this.arrival = now;
  }

  QuotaPolicy policy() {
    return policy;
  }

  /** Nanoseconds between requests, at what others leave now; at most ten times the pace's own. */
  long gap(long now) {
    long left = Math.max(pace.gap(), window / externalUsage.leave(now));
    return Math.min(left, SLOWER_AT_MOST * pace.gap());
  }

  long goes(long now, Priority urgency, GrantLog grants) {
    long paced = pace.goes(arrival, now, urgency);
    long uncrowded = grants.freeAt(allowed, window, now);
    return Math.max(Math.max(paced, uncrowded), externalUsage.goes(now, pace.gap(), grants));
  }

  void update(ServiceLimit limit, long grantedAt, long now, GrantLog grants) {
    externalUsage.update(limit, grantedAt, now, grants);
  }

  void granted(long now) {
    arrival = pace.next(arrival, now);
  }

  void takenBack() {
    arrival = pace.before(arrival);
  }

  void silentUntil(long until) {
    arrival = pace.silentUntil(arrival, until);
  }

  /** Requests that might still go within the window that ends now. */
  long left(long now, GrantLog grants) {
    return Math.max(
        0, Math.min(allowed, externalUsage.leave(now)) - grants.countAfter(now - window));
  }
}
