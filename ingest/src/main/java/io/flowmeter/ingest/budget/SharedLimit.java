package io.flowmeter.ingest.budget;

/**
 * Our share of one limit: at a smooth pace, and, whatever was learnt meanwhile, never more in any
 * window than is allowed. For use under the budget's lock.
 */
final class SharedLimit {
  private final QuotaPolicy policy;
  private final int allowed;
  private final long window;
  private final Pace pace;
  private long arrival;

  /**
   * @param share of the quota that is ours, over 0 to 1
   */
  SharedLimit(QuotaPolicy policy, double share, long now) {
    this.policy = policy;
    this.allowed = (int) Math.max(1, Math.min(policy.quota() * share, Integer.MAX_VALUE));
    this.window = policy.window().toNanos();
    this.pace = Pace.of(allowed, window);
    this.arrival = now;
  }

  QuotaPolicy policy() {
    return policy;
  }

  /** Nanoseconds. */
  long window() {
    return window;
  }

  /** Nanoseconds between requests. */
  long gap() {
    return pace.gap();
  }

  long goes(long now, Urgency urgency, Grants grants) {
    long crowdedUntil = grants.latestBut(allowed - 1);
    return Math.max(
        pace.goes(arrival, now, urgency),
        crowdedUntil == Long.MIN_VALUE ? now : crowdedUntil + window);
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
  long left(long now, Grants grants) {
    return Math.max(0, allowed - grants.countAfter(now - window));
  }
}
