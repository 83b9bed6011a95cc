package io.flowmeter.cli.torture;

import io.flowmeter.failpoint.Failpoint;
import java.time.Duration;
import java.util.Optional;

/**
 * How the next process is to end.
 *
 * @param failpoint where it ends by itself; empty where it is killed from outside
 * @param nth when it comes by for the nth time
 * @param after when it is killed at the latest, in real time since it was ready
 */
record Strike(Optional<Failpoint> failpoint, int nth, Duration after) {

  /** In words. */
  String what() {
    return failpoint
        .map(point -> point.armedFor(nth))
        .orElseGet(() -> "kill -9 after %.1f s".formatted(after.toMillis() / 1000.0));
  }
}
