package io.flowmeter.ingest.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SharedLimitTest {
  @Test
  void requestsOfManyThreadsShareOnePace() throws InterruptedException {
    // 40 in a second, 1 of them as a burst: a gap of about 26 ms.
    SharedLimit limit = new SharedLimit(80, Duration.ofSeconds(1), 0.5, 8);
    List<Long> times = run(limit, 20, 4);
    assertThat(times.get(19) - times.get(0)).isGreaterThan(Duration.ofMillis(450).toNanos());
  }

  @Test
  void allWaitWhileTheSourceWantsToBeLeftAlone() throws InterruptedException {
    SharedLimit limit = new SharedLimit(10_000, Duration.ofSeconds(1), 1, 8);
    long start = System.nanoTime();
    limit.leaveAlone(Duration.ofMillis(300));
    List<Long> times = run(limit, 8, 8);
    assertThat(times.get(0) - start).isGreaterThan(Duration.ofMillis(290).toNanos());
  }

  private static List<Long> run(Budget budget, int requests, int threads)
      throws InterruptedException {
    List<Long> times = Collections.synchronizedList(new ArrayList<>());
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    for (int i = 0; i < requests; i++) {
      executor.submit(
          () -> {
            try (Budget.Permit permit = budget.acquire()) {
              times.add(System.nanoTime());
            }
            return null;
          });
    }
    executor.shutdown();
    assertThat(executor.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    assertThat(times).hasSize(requests);
    return times.stream().sorted().toList();
  }
}
