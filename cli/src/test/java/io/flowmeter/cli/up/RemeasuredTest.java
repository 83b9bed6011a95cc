package io.flowmeter.cli.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RemeasuredTest {

  @Test
  void whoAsksIsToldTheLastValueWhileTheNextIsKeptWaiting() throws Exception {
    CountDownLatch silent = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    Remeasured<String> measured =
        new Remeasured<>(
            Duration.ZERO,
            "none yet",
            () -> {
              asked.incrementAndGet();
              awaitOpen(silent);
              return "measured";
            });

    assertThat(measured.get()).isEqualTo("none yet");
    await().until(() -> asked.get() == 1);
    assertThat(measured.get()).isEqualTo("none yet");
    assertThat(asked).hasValue(1);

    silent.countDown();
    await().until(() -> measured.get().equals("measured"));
  }

  @Test
  void afterAMeasurementThatFailedTheLastValueStaysAndItIsMeasuredAgain() {
    AtomicInteger asked = new AtomicInteger();
    Remeasured<String> measured =
        new Remeasured<>(
            Duration.ZERO,
            "none yet",
            () -> {
              if (asked.incrementAndGet() == 1) {
                throw new IllegalStateException("of a test");
              }
              return "measured";
            });

    await().dontCatchUncaughtExceptions().until(() -> measured.get().equals("measured"));
  }

  private static void awaitOpen(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
