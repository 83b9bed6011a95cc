package io.flowmeter.failpoint;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** What this process was armed with, read once from its environment. */
final class Armed {
  /** Null in every process that is to live: a constant for the compiler. */
  static final Failpoint POINT;

  private static final AtomicInteger LEFT;

  static {
    Optional<Arming> arming =
        Optional.ofNullable(System.getenv(Failpoint.VARIABLE)).map(Arming::of);
    POINT = arming.map(Arming::point).orElse(null);
    LEFT = new AtomicInteger(arming.map(Arming::nth).orElse(0));
  }

  private Armed() {}

  static void reached() {
    if (LEFT.decrementAndGet() == 0) {
      Runtime.getRuntime().halt(Failpoint.EXIT_CODE);
    }
  }

  /**
   * A failpoint, and at which time it ends the process.
   *
   * @param nth 1 for the first time
   */
  record Arming(Failpoint point, int nth) {
    static Arming of(String text) {
      int colon = text.lastIndexOf(':');
      Optional<Failpoint> point = Failpoint.named(text.substring(0, Math.max(0, colon)));
      int nth;
      try {
        nth = Integer.parseInt(text.substring(colon + 1));
      } catch (NumberFormatException e) {
        throw unreadable(text, e);
      }
      if (point.isEmpty() || nth < 1) {
        throw unreadable(text, null);
      }
      return new Arming(point.get(), nth);
    }

    private static IllegalArgumentException unreadable(String text, Exception cause) {
      return new IllegalArgumentException(
          "$%s: expected a failpoint and a number from 1, such as %s, came %s"
              .formatted(Failpoint.VARIABLE, Failpoint.INSERT_BEFORE.armedFor(3), text),
          cause);
    }
  }
}
