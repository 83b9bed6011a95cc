package io.flowmeter.failpoint;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The failpoint with which this process is armed. It is read once from the environment. */
final class Armed {
  /** Null in every process that is not armed, which makes it a constant for the compiler. */
  static final Failpoint POINT;

  private static final AtomicInteger LEFT;
  private static final long COUNTS_FROM_NANOS;

  static {
    Optional<Arming> arming =
        Optional.ofNullable(System.getenv(Failpoint.VARIABLE)).map(Arming::of);
    POINT = arming.map(Arming::point).orElse(null);
    LEFT = new AtomicInteger(arming.map(Arming::nth).orElse(0));
    // This class is loaded when the process reaches its first failpoint.
    COUNTS_FROM_NANOS =
        System.nanoTime() + arming.map(Arming::works).orElse(Duration.ZERO).toNanos();
  }

  private Armed() {}

  static void reached() {
    if (System.nanoTime() - COUNTS_FROM_NANOS >= 0 && LEFT.decrementAndGet() == 0) {
      Runtime.getRuntime().halt(Failpoint.EXIT_CODE);
    }
  }

  /**
   * A failpoint, and the hit at which it ends the process.
   *
   * @param nth 1 for the first hit
   * @param works the time after the process's first hit of any failpoint before hits are counted
   */
  record Arming(Failpoint point, int nth, Duration works) {
    private static final Pattern FORM =
        Pattern.compile("([a-z-]+):([1-9][0-9]{0,8})(?:@([0-9]{1,8})s)?");

    static Arming of(String text) {
      Matcher form = FORM.matcher(text);
      Optional<Failpoint> point =
          form.matches() ? Failpoint.named(form.group(1)) : Optional.empty();
      if (point.isEmpty()) {
        throw new IllegalArgumentException(
            "$%s: expected a failpoint and a number from 1, such as %s, or %s after 20 s of work, got %s"
                .formatted(
                    Failpoint.VARIABLE,
                    Failpoint.INSERT_BEFORE.armedFor(3),
                    Failpoint.INSERT_BEFORE.armedFor(3, Duration.ofSeconds(20)),
                    text));
      }
      String works = form.group(3);
      return new Arming(
          point.get(),
          Integer.parseInt(form.group(2)),
          Duration.ofSeconds(works == null ? 0 : Long.parseLong(works)));
    }
  }
}
