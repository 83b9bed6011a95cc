package io.flowmeter.ingest.budget;

import java.time.Duration;
import java.util.function.LongSupplier;

/** How much may be spent on something that can wait: taken where some is left, never waited for. */
public final class Allowance {
  private final Pace pace;
  private final LongSupplier nanos;
  private long arrival;

  private Allowance(Pace pace, LongSupplier nanos) {
    this.pace = pace;
    this.nanos = nanos;
    this.arrival = nanos.getAsLong();
  }

  /** At most so many in any window of the time. */
  public static Allowance of(int most, Duration window) {
    return new Allowance(Pace.of(most, window.toNanos()), System::nanoTime);
  }

  public static Allowance unlimited() {
    return new Allowance(new Pace(0, 1), System::nanoTime);
  }

  public synchronized boolean tryTake() {
    long now = nanos.getAsLong();
    if (pace.goes(arrival, now) > now) {
      return false;
    }
    arrival = pace.next(arrival, now);
    return true;
  }
}
