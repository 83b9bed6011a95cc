package io.flowmeter.simulator;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The simulator that most tests look at: small, at a moment that never moves by itself, for any
 * number of requests.
 */
public final class Example {
  public static final Instant EPOCH = Instant.parse("2026-03-02T09:30:00.250Z");

  public static final List<String> WORKFLOWS =
      List.of(
          "order-fulfilment",
          "media-transcode",
          "invoice-billing",
          "user-onboarding",
          "nightly-report",
          "webhook-relay",
          "inventory-sync");

  private Example() {}

  public static SimulatorConfig config(MovingClock clock) {
    return SimulatorConfig.of(42, EPOCH)
        .withHistory(600)
        .withClock(clock)
        .withRateLimit(Optional.empty());
  }

  /** Ten minutes after the epoch. */
  public static MovingClock clock() {
    return new MovingClock(EPOCH.plus(Duration.ofMinutes(10)));
  }
}
