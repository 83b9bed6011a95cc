package io.flowmeter.ingest.budget;

import io.flowmeter.clock.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
  private final GrantLog grants = new GrantLog();
  private List<SharedLimit> limits;
  private long silentUntil;

  private Budget(List<QuotaPolicy> policies, double share, Clock clock) {
    this.clock = clock;
    this.share = share;
    this.silentUntil = clock.nanos();
    this.limits =
        policies.stream().map(policy -> new SharedLimit(policy, share, silentUntil)).toList();
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

  /** Waits until a request may go. */
  public Permit acquire(Priority urgency) throws InterruptedException {
    return acquire(urgency, () -> false);
  }

  /**
   * Waits until a request may go, or until there is none to make.
   *
   * @param calledOff whether there is no request to make any more, neither this one nor the same
   *     once more; asked when the wait begins and whenever {@link #wake} says that it may be so
   * @throws InterruptedException also where it is called off
   */
  public Permit acquire(Priority urgency, BooleanSupplier calledOff) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!calledOff.getAsBoolean()) {
        long now = clock.nanos();
        long goes = goes(now, urgency);
        if (goes <= now) {
          return grant(now, urgency, calledOff);
        }
        clock.await(changed, Duration.ofNanos(goes - now));
      }
      throw new InterruptedException("called off");
    } finally {
      lock.unlock();
    }
  }

  /** Whoever waits asks again whether that is called off. */
  public void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private long goes(long now, Priority urgency) {
    long goes = Math.max(now, silentUntil);
    for (SharedLimit limit : limits) {
      goes = Math.max(goes, limit.goes(now, urgency, grants));
    }
    return goes;
  }

  private Permit grant(long now, Priority urgency, BooleanSupplier calledOff) {
    if (!limits.isEmpty()) {
      grants.add(now, now - QuotaPolicy.LONGEST_WINDOW.toNanos());
    }
    limits.forEach(limit -> limit.granted(now));
    return new Permit(this, urgency, calledOff, now);
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

  /**
   * For how long nothing is asked, because the source wants to be left alone; zero where it does
   * not.
   */
  public Duration silentFor() {
    lock.lock();
    try {
      long left = silentUntil - clock.nanos();
      return left < 0 ? Duration.ZERO : Duration.ofNanos(left);
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

  void update(List<QuotaPolicy> policies, List<ServiceLimit> reported, long grantedAt) {
    lock.lock();
    try {
      if (limits.isEmpty()) {
        return;
      }
      limits = limits(policies);
      long now = clock.nanos();
      for (ServiceLimit each : reported) {
        limit(each.name()).ifPresent(limit -> limit.update(each, grantedAt, now, grants));
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The limits once policies are told. Those of other names hold on, for not every answer tells of
   * all; so does what is told again, with what was learnt of it.
   */
  private List<SharedLimit> limits(List<QuotaPolicy> reported) {
    Set<String> names = reported.stream().map(QuotaPolicy::name).collect(Collectors.toSet());
    Set<QuotaPolicy> known = limits.stream().map(SharedLimit::policy).collect(Collectors.toSet());
    return Stream.concat(
            limits.stream()
                .filter(
                    limit ->
                        !names.contains(limit.policy().name())
                            || reported.contains(limit.policy())),
            reported.stream()
                .distinct()
                .filter(policy -> !known.contains(policy))
                .map(this::learnt))
        .toList();
  }

  /** A limit that was not known: it begins without a burst. */
  private SharedLimit learnt(QuotaPolicy policy) {
    long now = clock.nanos();
    SharedLimit limit = new SharedLimit(policy, share, now);
    limit.silentUntil(Math.max(now, silentUntil));
    return limit;
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

  /**
   * How long one request goes after another under load, beside what others take now; zero where
   * there is no limit. To plan by, so that it is at most ten times what it is without others: they
   * may stop before a plan for less ends.
   */
  public Duration gapUnderLoad() {
    lock.lock();
    try {
      long now = clock.nanos();
      return Duration.ofNanos(limits.stream().mapToLong(limit -> limit.gap(now)).max().orElse(0));
    } finally {
      lock.unlock();
    }
  }
}
