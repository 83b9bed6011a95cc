package io.flowmeter.ingest.budget;

import io.flowmeter.clock.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets requests go at the pace that their source bears: a share of a limit that all tools of a user
 * have together, learnt from what the source tells of it. Permits are granted one at a time, at the
 * moment at which the request may go, so that what to ask can be chosen last; nobody's turn is
 * planned ahead, so nothing rushes when a time of silence ends. Safe for use by many threads.
 *
 * <p>Promised: any stretch of a window holds at most {@code share × quota} permits that were not
 * given back.
 */
public final class Budget {
  private final Clock clock;
  private final double share;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Grants grants = new Grants();
  private List<SharedLimit> limits;
  private long silentUntil;

  private Budget(List<QuotaPolicy> policies, double share, Clock clock) {
    this.clock = clock;
    this.share = share;
    this.silentUntil = clock.nanos();
    this.limits = limits(policies, silentUntil);
  }

  /**
   * A share of a limit that others use too.
   *
   * @param assumed until the source tells its own
   * @param share of the limit that is ours, over 0 to 1
   */
  public static Budget of(QuotaPolicy assumed, double share, Clock clock) {
    return new Budget(List.of(assumed), share, clock);
  }

  /** As many requests as are asked for, unless the source wants to be left alone. */
  public static Budget unlimited(Clock clock) {
    return new Budget(List.of(), 1, clock);
  }

  private List<SharedLimit> limits(List<QuotaPolicy> policies, long now) {
    return policies.stream().map(policy -> new SharedLimit(policy, share, now)).toList();
  }

  /** Waits until a request may go. */
  public Permit acquire(Urgency urgency) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      for (long now = clock.nanos(); ; now = clock.nanos()) {
        long goes = goes(now, urgency);
        if (goes <= now) {
          return grant(now, urgency);
        }
        clock.await(changed, Duration.ofNanos(goes - now));
      }
    } finally {
      lock.unlock();
    }
  }

  private long goes(long now, Urgency urgency) {
    long goes = Math.max(now, silentUntil);
    for (SharedLimit limit : limits) {
      goes = Math.max(goes, limit.goes(now, urgency, grants));
    }
    return goes;
  }

  private long gap() {
    return limits.stream().mapToLong(SharedLimit::gap).max().orElse(1);
  }

  private Permit grant(long now, Urgency urgency) {
    if (!limits.isEmpty()) {
      grants.add(now, now - QuotaPolicy.LONGEST_WINDOW.toNanos());
    }
    limits.forEach(limit -> limit.granted(now));
    return new Permit(this, urgency, now);
  }

  void takeBack(long grantedAt) {
    lock.lock();
    try {
      grants.remove(grantedAt);
      limits.forEach(SharedLimit::takenBack);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void leaveAlone(Duration time) {
    lock.lock();
    try {
      silentUntil = Math.max(silentUntil, clock.nanos() + time.toNanos());
      limits.forEach(limit -> limit.silentUntil(silentUntil));
    } finally {
      lock.unlock();
    }
  }

  void heard(List<QuotaPolicy> policies, List<ServiceLimit> told, long grantedAt) {
    lock.lock();
    try {
      if (limits.isEmpty()) {
        return;
      }
      long now = clock.nanos();
      if (!policies.isEmpty()
          && !policies.equals(limits.stream().map(SharedLimit::policy).toList())) {
        limits = limits(policies, now);
        limits.forEach(limit -> limit.silentUntil(Math.max(now, silentUntil)));
      }
      for (ServiceLimit each : told) {
        limit(each.name()).ifPresent(limit -> limit.heard(each, grantedAt, now, grants));
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The limit of the name; where only one is known, that. */
  private Optional<SharedLimit> limit(String name) {
    return limits.stream()
        .filter(limit -> limits.size() == 1 || limit.policy().name().equals(name))
        .findFirst();
  }

  /**
   * How many requests might still go within the window that ends now, of our share and of what
   * others leave; empty where there is no limit.
   */
  public OptionalLong left() {
    lock.lock();
    try {
      long now = clock.nanos();
      if (now < silentUntil) {
        return OptionalLong.of(0);
      }
      return limits.stream().mapToLong(limit -> limit.left(now, grants)).min();
    } finally {
      lock.unlock();
    }
  }

  /** How long one request goes after another under load; zero where there is no limit. */
  public Duration gapUnderLoad() {
    lock.lock();
    try {
      return limits.isEmpty() ? Duration.ZERO : Duration.ofNanos(gap());
    } finally {
      lock.unlock();
    }
  }
}
