package io.flowmeter.streams.writer;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Pauses before something is tried again, each twice as long as the one before, and none the same
 * for all who wait: they are not to come back at once.
 */
final class JitteredBackoff {
  private static final Duration FIRST = Duration.ofMillis(200);

  private final Duration longest;
  private Duration next = FIRST;

  /**
   * @param longest without what chance adds, a quarter at most
   */
  JitteredBackoff(Duration longest) {
    this.longest = longest;
  }

  Duration next() {
    Duration pause = next.plusNanos(ThreadLocalRandom.current().nextLong(next.toNanos() / 4 + 1));
    Duration longer = next.multipliedBy(2);
    next = longer.compareTo(longest) < 0 ? longer : longest;
    return pause;
  }
}
