package io.flowmeter.cli.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FailingThreadsTest {
  /** Its session time-out, and what a start takes. */
  private static final Duration UNTIL_KAFKA_MISSES_IT = Duration.ofSeconds(50);

  private long now = Long.MAX_VALUE - 1;
  private final FailingThreads threads = new FailingThreads(() -> now);

  private Optional<String> news(int failures) {
    return threads.newFailure(failures, Optional.of(new IllegalStateException("no room")));
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  @Test
  void threadsThatFailAgainAndAgainAreToldOnce() {
    assertThat(news(0)).isEmpty();
    assertThat(news(1)).isEmpty();
    pass(UNTIL_KAFKA_MISSES_IT);
    assertThat(news(2)).isEmpty();
    pass(UNTIL_KAFKA_MISSES_IT);
    assertThat(news(3)).hasValueSatisfying(told -> assertThat(told).contains("3 times", "no room"));
    pass(Duration.ofSeconds(1));
    assertThat(news(9)).isEmpty();
  }

  @Test
  void oneThatFailsNowAndThenIsNoTrouble() {
    for (int failures = 1; failures < 10; failures++) {
      assertThat(news(failures)).isEmpty();
      pass(Duration.ofMinutes(3));
    }
  }
}
