package io.flowmeter.simulator.api;

import java.time.Duration;

/**
 * How much one user may ask, with all tools together.
 *
 * @param requests how many requests any stretch of {@code window} may hold
 * @param window in whole seconds
 * @param block how long every request is rejected once one was too many; in whole seconds
 */
public record RateLimit(int requests, Duration window, Duration block) {
  /** 1200 requests in 5 minutes; going over blocks everything for 5 minutes. */
  public static final RateLimit PRODUCTION =
      new RateLimit(1200, Duration.ofMinutes(5), Duration.ofMinutes(5));

  /** Checks that all three are positive. */
  public RateLimit {
    if (requests < 1 || window.toSeconds() < 1 || block.toSeconds() < 1) {
      throw new IllegalArgumentException(
          "expected at least 1 request, a window and a block of at least 1 s, came %d, %s and %s"
              .formatted(requests, window, block));
    }
  }

  /** The same for so many requests. */
  public RateLimit withRequests(int number) {
    return new RateLimit(number, window, block);
  }
}
