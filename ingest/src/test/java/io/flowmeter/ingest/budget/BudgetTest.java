package io.flowmeter.ingest.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.clock.Clock;
import io.flowmeter.clock.FastClock;
import io.flowmeter.clock.SteppedClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class BudgetTest {
  private static final Instant EPOCH = Instant.parse("2026-11-24T12:00:00Z");
  private static final Duration WINDOW = Duration.ofMinutes(5);
  private static final QuotaPolicy DEFAULT = new QuotaPolicy("default", 1200, WINDOW);

  private final SteppedClock clock = new SteppedClock(EPOCH);
  private final Budget budget = Budget.of(DEFAULT, 0.7, clock);

  private Duration sinceEpoch() {
    return Duration.between(EPOCH, clock.instant());
  }

  private Permit spend(Priority urgency) throws InterruptedException {
    Permit permit = budget.acquire(urgency);
    permit.spend();
    return permit;
  }

  private int spendFor(Duration time) throws InterruptedException {
    int spent = 0;
    for (Instant until = clock.instant().plus(time); clock.instant().isBefore(until); spent++) {
      spend(Priority.USUAL);
    }
    return spent;
  }

  @Test
  void underLoadAlmostAllOfTheShareIsUsedEvenly() throws InterruptedException {
    spendFor(WINDOW);
    int spent = spendFor(Duration.ofHours(1));
    assertThat(spent).isBetween((int) (12 * 840 * 0.98), 12 * 840);
    assertThat(budget.gapUnderLoad()).isBetween(Duration.ofMillis(357), Duration.ofMillis(365));
  }

  @Test
  void theLastOfABurstOnlyGoToWhatIsUrgent() throws InterruptedException {
    while (sinceEpoch().isZero()) {
      spend(Priority.USUAL);
    }
    Duration waited = sinceEpoch();
    for (int i = 0; i < 3; i++) {
      spend(Priority.URGENT);
    }
    assertThat(sinceEpoch()).isEqualTo(waited);
    spend(Priority.USUAL);
    assertThat(sinceEpoch()).isGreaterThan(waited.plus(budget.gapUnderLoad().multipliedBy(3)));
  }

  @Test
  void whatIsGivenBackGoesToAnother() throws InterruptedException {
    spendFor(WINDOW);
    Duration before = sinceEpoch();
    OptionalLong left = budget.left();
    for (int i = 0; i < 100; i++) {
      budget.acquire(Priority.USUAL).giveBack();
    }
    assertThat(sinceEpoch()).isLessThanOrEqualTo(before.plus(budget.gapUnderLoad()));
    assertThat(budget.left().getAsLong()).isGreaterThanOrEqualTo(left.getAsLong());
  }

  @Test
  void aPermitIsForOneRequest() throws InterruptedException {
    Permit permit = spend(Priority.USUAL);
    assertThatThrownBy(permit::spend).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(permit::giveBack).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void nothingGoesWhileTheSourceWantsToBeLeftAloneNorRushesAfterwards()
      throws InterruptedException {
    Permit permit = spend(Priority.USUAL);
    permit.leaveAlone(WINDOW);
    permit.leaveAlone(Duration.ofSeconds(3));
    assertThat(budget.left()).hasValue(0);
    spend(Priority.URGENT);
    assertThat(sinceEpoch()).isEqualTo(WINDOW);
    assertThat(spendFor(Duration.ofSeconds(10))).isLessThanOrEqualTo(29);
  }

  @Test
  void aStricterPolicyHoldsAtOnceAlsoForWhatWentBefore() throws InterruptedException {
    spendFor(Duration.ofMinutes(1));
    QuotaPolicy burst = new QuotaPolicy("burst", 100, Duration.ofMinutes(1));
    spend(Priority.USUAL).update(List.of(burst), List.of());
    // 168 went within the last minute, and 70 may.
    Duration told = sinceEpoch();
    spend(Priority.USUAL);
    assertThat(sinceEpoch().minus(told)).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(40));
    spendFor(Duration.ofMinutes(1));
    assertThat(spendFor(Duration.ofMinutes(10))).isBetween(690, 700);
  }

  @Test
  void aMoreGenerousPolicyIsUsed() throws InterruptedException {
    spend(Priority.USUAL).update(List.of(new QuotaPolicy("default", 12_000, WINDOW)), List.of());
    spendFor(WINDOW);
    assertThat(spendFor(WINDOW)).isBetween((int) (8_400 * 0.98), 8_400);
  }

  @Test
  void ofSeveralPoliciesAllHold() throws InterruptedException {
    QuotaPolicy burst = new QuotaPolicy("burst", 300, Duration.ofMinutes(1));
    spend(Priority.USUAL).update(List.of(DEFAULT, burst), List.of());
    spendFor(WINDOW);
    assertThat(spendFor(WINDOW)).isBetween((int) (840 * 0.97), 840);
  }

  @Test
  void aPolicyOfAnotherNameHoldsBesideTheOneThatIsAssumed() throws InterruptedException {
    QuotaPolicy burst = new QuotaPolicy("burst", 1_000, Duration.ofMinutes(1));
    spend(Priority.USUAL).update(List.of(burst), List.of());
    assertThat(spendFor(WINDOW)).isLessThan(840);
  }

  @Test
  void whatWasLearntOfALimitOutlivesAnswersThatTellOfAnother() throws InterruptedException {
    QuotaPolicy burst = new QuotaPolicy("burst", 300, Duration.ofMinutes(1));
    ServiceLimit told = new ServiceLimit("default", 130, Duration.ofMinutes(1));
    spend(Priority.USUAL).update(List.of(DEFAULT, burst), List.of(told));
    OptionalLong left = budget.left();
    assertThat(left).hasValue(100);
    for (List<QuotaPolicy> policies :
        List.of(List.of(burst), List.of(burst, DEFAULT), List.<QuotaPolicy>of())) {
      budget.acquire(Priority.USUAL).update(policies, List.of());
    }
    assertThat(budget.left()).hasValue(left.getAsLong() - 3);
  }

  @Test
  void whatIsPlannedByIsThePaceThatOthersLeave() throws InterruptedException {
    Duration alone = budget.gapUnderLoad();
    // Others took 720 of 1,200, and 30 are kept for what comes unexpectedly.
    spend(Priority.USUAL).update(List.of(), List.of(new ServiceLimit("default", 479, WINDOW)));
    assertThat(budget.gapUnderLoad()).isEqualTo(WINDOW.dividedBy(450));
    spend(Priority.USUAL).update(List.of(), List.of(new ServiceLimit("default", 0, WINDOW)));
    assertThat(budget.gapUnderLoad()).isEqualTo(alone.multipliedBy(10));
    clock.sleep(WINDOW);
    assertThat(budget.gapUnderLoad()).isEqualTo(alone);
  }

  @Test
  void whatIsCalledOffWaitsForNoPermit() throws InterruptedException {
    AtomicBoolean calledOff = new AtomicBoolean();
    Permit permit = budget.acquire(Priority.USUAL, calledOff::get);
    permit.leaveAlone(WINDOW);
    calledOff.set(true);
    assertThatThrownBy(permit::again).isInstanceOf(InterruptedException.class);
    assertThat(sinceEpoch()).isZero();
  }

  @Test
  void withoutALimitNothingWaitsButForSilence() throws InterruptedException {
    Budget unlimited = Budget.unlimited(clock);
    for (int i = 0; i < 10_000; i++) {
      unlimited.acquire(Priority.USUAL).update(List.of(DEFAULT), List.of());
    }
    assertThat(sinceEpoch()).isZero();
    assertThat(unlimited.left()).isEmpty();
    unlimited.acquire(Priority.USUAL).leaveAlone(Duration.ofSeconds(2));
    unlimited.acquire(Priority.USUAL).spend();
    assertThat(sinceEpoch()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void whatIsLeftOfTheWindowIsTold() throws InterruptedException {
    assertThat(budget.left()).hasValue(840);
    Permit permit = spend(Priority.USUAL);
    assertThat(budget.left()).hasValue(839);
    permit.update(List.of(), List.of(new ServiceLimit("default", 130, Duration.ofSeconds(60))));
    assertThat(budget.left()).hasValue(100);
    clock.sleep(WINDOW);
    assertThat(budget.left()).hasValue(840);
  }

  @Test
  void manyThreadsShareOnePaceInAFastDay() throws InterruptedException {
    Clock fast = FastClock.from(Clock.system().instant().minus(Duration.ofDays(1)), 600);
    Budget shared = Budget.of(DEFAULT, 0.7, fast);
    List<Long> times = Collections.synchronizedList(new ArrayList<>());
    ExecutorService threads = Executors.newFixedThreadPool(8);
    for (int i = 0; i < 1_700; i++) {
      threads.submit(
          () -> {
            shared.acquire(Priority.USUAL).spend();
            return times.add(fast.nanos());
          });
    }
    threads.shutdown();
    assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    List<Long> sorted = times.stream().sorted().toList();
    assertThat(sorted).hasSize(1_700);
    // Two windows' worth and a little more cannot go within two windows.
    assertThat(sorted.get(1_699) - sorted.get(0)).isGreaterThan(2 * WINDOW.toNanos());
  }
}
