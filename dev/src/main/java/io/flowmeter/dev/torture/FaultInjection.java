package io.flowmeter.dev.torture;

import io.flowmeter.failpoint.Failpoint;
import java.time.Duration;
import java.util.Optional;

/**
 * How the next process is to end.
 *
 * @param failpoint where it ends by itself; empty where it is killed from outside
 * @param nth when it comes by for the nth time
 * @param works so long it gets something done before that counts
 * @param after when it is killed at the latest, in real time since it was ready
 * @param pause how long it is paused before it is killed: it lives on, and others have taken its
 *     place; zero where it is not
 */
record FaultInjection(
    Optional<Failpoint> failpoint, int nth, Duration works, Duration after, Duration pause) {

  /** It ends by itself. */
  static FaultInjection at(Failpoint failpoint, int nth, Duration works, Duration after) {
    return new FaultInjection(Optional.of(failpoint), nth, works, after, Duration.ZERO);
  }

  /** It is killed from outside. */
  static FaultInjection outside(Duration after) {
    return new FaultInjection(Optional.empty(), 0, Duration.ZERO, after, Duration.ZERO);
  }

  /** It is paused, goes on, and is killed some time later. */
  static FaultInjection paused(Duration after, Duration pause) {
    return new FaultInjection(Optional.empty(), 0, Duration.ZERO, after, pause);
  }

  /** What the process is armed with, where it ends by itself. */
  Optional<String> armed() {
    return failpoint.map(point -> point.armedFor(nth, works));
  }

  /** In words. */
  String what() {
    return armed().orElseGet(() -> "kill -9 after %.1f s".formatted(after.toMillis() / 1000.0));
  }
}
