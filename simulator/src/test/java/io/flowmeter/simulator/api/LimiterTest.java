package io.flowmeter.simulator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LimiterTest {
  private static final Instant START = Instant.parse("2026-03-02T09:30:00Z");

  private final Limiter limiter = new Limiter(RateLimit.PRODUCTION.withRequests(3));

  private Limiter.Verdict askAt(long seconds) {
    return limiter.acquire(START.plusSeconds(seconds));
  }

  @Test
  void tellsWhatRemainsAndWhenMoreIsAdmitted() {
    assertThat(askAt(0)).isEqualTo(new Limiter.Verdict(true, 2, 300));
    assertThat(askAt(10)).isEqualTo(new Limiter.Verdict(true, 1, 290));
    assertThat(askAt(20)).isEqualTo(new Limiter.Verdict(true, 0, 280));
    assertThat(askAt(300)).isEqualTo(new Limiter.Verdict(true, 0, 10));
    assertThat(limiter.rejected()).isZero();
  }

  @Test
  void oneRequestTooManyBlocksAllForFiveMinutes() {
    askAt(0);
    askAt(1);
    askAt(2);
    assertThat(askAt(299)).isEqualTo(new Limiter.Verdict(false, 0, 300));
    assertThat(askAt(302)).isEqualTo(new Limiter.Verdict(false, 0, 297));
    assertThat(askAt(598)).isEqualTo(new Limiter.Verdict(false, 0, 1));
    assertThat(limiter.rejected()).isEqualTo(3);
    assertThat(askAt(599)).isEqualTo(new Limiter.Verdict(true, 2, 300));
  }

  @Test
  void anotherToolUsesTheSameLimit() {
    limiter.acquireElsewhere(2, START);
    assertThat(askAt(1).remaining()).isZero();
    limiter.overrunElsewhere(START.plusSeconds(2));
    assertThat(askAt(3)).isEqualTo(new Limiter.Verdict(false, 0, 299));
    assertThat(limiter.rejected()).isEqualTo(1);
  }

  @Test
  void anyFiveMinutesHoldAtMostTheLimit() {
    Random random = new Random(7);
    Deque<Long> admitted = new ArrayDeque<>();
    long seconds = 0;
    for (int i = 0; i < 10_000; i++) {
      seconds += random.nextInt(200);
      if (askAt(seconds).admitted()) {
        admitted.add(seconds);
      }
      long startNanos = seconds - 300;
      admitted.removeIf(at -> at <= startNanos);
      assertThat(admitted).hasSizeLessThanOrEqualTo(3);
    }
  }

  @Test
  void aClockThatGoesBackBeginsAnew() {
    limiter.overrunElsewhere(START.plusSeconds(1000));
    assertThat(askAt(0).admitted()).isTrue();
  }

  @Test
  void aLimitOfNothingIsRefused() {
    assertThatThrownBy(() -> new RateLimit(1, Duration.ofMillis(999), Duration.ofSeconds(1)))
        .hasMessageContaining("expected at least 1 request");
  }
}
