package io.flowmeter.clock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ClockTest {
  private static final Duration DAY = Duration.ofDays(1);

  @Test
  void fastClockSleepsThroughDay() throws Exception {
    Instant epoch = Clock.system().instant().minus(DAY.multipliedBy(1_000));
    Clock clock = FastClock.from(epoch, 1_000_000);

    clock.sleep(DAY);

    assertThat(clock.instant()).isAfterOrEqualTo(epoch.plus(DAY));
    assertThat(clock.instant()).isBeforeOrEqualTo(Clock.system().instant());
  }

  @Test
  void virtualTimeIsPresentAfterCatchingUp() {
    Instant present = Clock.system().instant();
    Clock clock =
        new FastClock(present.minus(DAY.multipliedBy(3)), present.minus(DAY.multipliedBy(2)), 2);

    assertThat(clock.instant())
        .isBetween(present.minusSeconds(1), Clock.system().instant().plusSeconds(1));
    assertThat(clock.real(Duration.ofSeconds(3))).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void virtualDurationIsShorterInRealTime() {
    Clock clock = FastClock.from(Clock.system().instant().minus(DAY.multipliedBy(1000)), 288);

    assertThat(clock.real(Duration.ofMinutes(288))).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void parsedClockAgreesOnTime() {
    FastClock one = FastClock.from(Clock.system().instant().minus(DAY), 10);
    FastClock other = FastClock.parse(one.toString());

    Instant before = one.instant();
    Instant between = other.instant();

    assertThat(between).isBetween(before.minusSeconds(1), one.instant().plusSeconds(1));
  }

  @Test
  void invalidClockIsRejected() {
    assertThatThrownBy(() -> FastClock.parse("2026-01-01T00:00:00Z"))
        .hasMessageContaining("expected a clock like")
        .hasMessageContaining("got 2026-01-01T00:00:00Z");
    assertThatThrownBy(() -> FastClock.parse("yesterday@today*3"))
        .hasMessageContaining("expected a clock like");
    assertThatThrownBy(() -> FastClock.from(Clock.system().instant().plus(DAY), 2))
        .hasMessageContaining("virtual time ends at the present");
    assertThatThrownBy(() -> FastClock.from(Instant.EPOCH, 0.5)).hasMessageContaining("got 0.5");
  }

  @Test
  void steppedTimeAdvancesOnlyBySleep() {
    SteppedClock clock = new SteppedClock(Instant.EPOCH);

    clock.sleep(Duration.ofSeconds(5));

    assertThat(clock.instant()).isEqualTo(Instant.EPOCH.plusSeconds(5));
    assertThat(clock.nanos()).isEqualTo(5_000_000_000L);
  }
}
