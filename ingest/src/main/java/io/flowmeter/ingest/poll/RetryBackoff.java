package io.flowmeter.ingest.poll;

import java.time.Duration;

/** How long to wait before what failed is asked for again: twice as long after every failure. */
final class RetryBackoff {
  private static final Duration MOST = Duration.ofHours(1);

  private RetryBackoff() {}

  /**
   * @param first the pause after the first failure
   * @param failures one after the other, at least 1
   * @return an hour at most, but no less than the first pause
   */
  static Duration after(int failures, Duration first) {
    Duration pause = first;
    for (int i = 1; i < failures && pause.compareTo(MOST) < 0; i++) {
      pause = pause.multipliedBy(2);
    }
    return pause.compareTo(MOST) > 0 && first.compareTo(MOST) < 0 ? MOST : pause;
  }
}
