package io.flowmeter.ingest.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.clock.SteppedClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** What holds whatever happens. */
class BudgetPromisesTest {
  private static final Instant EPOCH = Instant.parse("2026-11-24T12:00:00Z");
  private static final QuotaPolicy DEFAULT =
      new QuotaPolicy("default", 1200, Duration.ofMinutes(5));

  /** Something that happens to a budget; most often, many requests one after the other. */
  record Event(Kind kind, int number) {}

  enum Kind {
    ASK,
    ASK_URGENTLY,
    IDLE,
    GIVE_BACK,
    LEAVE_ALONE,
    LEARN
  }

  @Provide
  Arbitrary<Event> events() {
    return Combinators.combine(
            Arbitraries.of(
                Kind.ASK,
                Kind.ASK,
                Kind.ASK_URGENTLY,
                Kind.IDLE,
                Kind.GIVE_BACK,
                Kind.LEAVE_ALONE,
                Kind.LEARN),
            Arbitraries.integers().between(1, 400))
        .as(Event::new);
  }

  @Property(tries = 300)
  void noWindowEverHoldsMoreThanTheShare(
      @ForAll @Size(max = 40) List<@net.jqwik.api.From("events") Event> events,
      @ForAll @DoubleRange(min = 0.05, max = 1) double share)
      throws InterruptedException {
    SteppedClock clock = new SteppedClock(EPOCH);
    Budget budget = Budget.of(DEFAULT, share, clock);
    QuotaPolicy policy = DEFAULT;
    List<Long> spent = new ArrayList<>();
    for (Event event : events) {
      switch (event.kind()) {
        case ASK -> spend(budget, Priority.USUAL, event.number(), clock, spent, policy, share);
        case ASK_URGENTLY ->
            spend(budget, Priority.URGENT, event.number(), clock, spent, policy, share);
        case IDLE -> clock.sleep(Duration.ofMillis(event.number() * 500L));
        case GIVE_BACK -> giveBack(budget, event.number());
        case LEAVE_ALONE ->
            budget.acquire(Priority.USUAL).leaveAlone(Duration.ofSeconds(event.number()));
        case LEARN -> {
          policy =
              new QuotaPolicy(
                  "default", event.number() * 5L, Duration.ofSeconds(1 + event.number() % 400));
          Permit permit = budget.acquire(Priority.USUAL);
          permit.update(List.of(policy), List.of());
          permit.giveBack();
        }
      }
    }
  }

  private static void giveBack(Budget budget, int number) throws InterruptedException {
    // Several at once, as several threads would.
    List<Permit> permits = new ArrayList<>();
    for (int i = 0; i < Math.min(number, 8); i++) {
      permits.add(budget.acquire(Priority.USUAL));
    }
    permits.forEach(Permit::giveBack);
  }

  private static void spend(
      Budget budget,
      Priority urgency,
      int number,
      SteppedClock clock,
      List<Long> spent,
      QuotaPolicy policy,
      double share)
      throws InterruptedException {
    int allowed = (int) Math.max(1, policy.quota() * share);
    for (int i = 0; i < number; i++) {
      budget.acquire(urgency).spend();
      spent.add(clock.nanos());
      int first = spent.size() - 1 - allowed;
      if (first >= 0) {
        assertThat(spent.get(spent.size() - 1) - spent.get(first))
            .isGreaterThanOrEqualTo(policy.window().toNanos());
      }
    }
  }

  /**
   * Another tool asks for its part, at a rate that changes. Only it may go over: whenever one of
   * our requests comes, there is still room for it.
   */
  @Property(tries = 200)
  void whereAnotherToolUsesTheLimitItIsNotWeWhoGoOver(
      @ForAll @Size(min = 1, max = 20) List<@DoubleRange(min = 0, max = 3) Double> rates,
      @ForAll boolean sliding,
      @ForAll @IntRange(max = 3) int latencySeconds)
      throws InterruptedException {
    SteppedClock clock = new SteppedClock(EPOCH);
    Budget budget = Budget.of(DEFAULT, 0.7, clock);
    Quota quota = sliding ? new SlidingQuota() : new FixedQuota();
    OtherTool other = new OtherTool(rates, quota);
    for (int i = 0; i < 4_000; i++) {
      Permit permit = budget.acquire(Priority.USUAL);
      permit.spend();
      double now = seconds(clock);
      other.askUntil(now);
      assertThat(quota.left(now)).as("room at %s s", now).isPositive();
      quota.take(now);
      ServiceLimit told =
          new ServiceLimit(
              "default", quota.left(now), Duration.ofSeconds((long) Math.ceil(quota.reset(now))));
      clock.sleep(Duration.ofMillis(latencySeconds * 100L));
      permit.update(List.of(DEFAULT), List.of(told));
    }
  }

  private static double seconds(SteppedClock clock) {
    return clock.nanos() / 1e9;
  }

  /** Asks at each rate for two minutes. */
  private static final class OtherTool {
    private final List<Double> rates;
    private final Quota quota;
    private final Random random = new Random(1);
    private double next;

    OtherTool(List<Double> rates, Quota quota) {
      this.rates = rates;
      this.quota = quota;
    }

    void askUntil(double now) {
      while (next <= now) {
        double rate = rates.get((int) (next / 120) % rates.size());
        if (rate < 0.01) {
          next += 1;
          continue;
        }
        assertThat(quota.left(next)).as("room for the other at %s s", next).isPositive();
        quota.take(next);
        next += (0.5 + random.nextDouble()) / rate;
      }
    }
  }

  private interface Quota {
    int left(double now);

    void take(double now);

    double reset(double now);
  }

  private static final class FixedQuota implements Quota {
    private long window = -1;
    private int used;

    private void turn(double now) {
      if ((long) (now / 300) != window) {
        window = (long) (now / 300);
        used = 0;
      }
    }

    @Override
    public int left(double now) {
      turn(now);
      return 1200 - used;
    }

    @Override
    public void take(double now) {
      turn(now);
      used++;
    }

    @Override
    public double reset(double now) {
      return (window + 1) * 300 - now;
    }
  }

  private static final class SlidingQuota implements Quota {
    private final List<Double> taken = new ArrayList<>();
    private int gone;

    @Override
    public int left(double now) {
      while (gone < taken.size() && taken.get(gone) <= now - 300) {
        gone++;
      }
      return 1200 - (taken.size() - gone);
    }

    @Override
    public void take(double now) {
      taken.add(now);
    }

    @Override
    public double reset(double now) {
      return gone < taken.size() ? taken.get(gone) + 300 - now : 300;
    }
  }
}
