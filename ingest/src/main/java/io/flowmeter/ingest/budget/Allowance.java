package io.flowmeter.ingest.budget;

import io.flowmeter.clock.Clock;
import java.time.Duration;

/** How much may be spent on something that can wait: taken where some is left, never waited for. */
public final class Allowance {
  private final Pace pace;
  private final Clock clock;
  private long arrival;

  private Allowance(Pace pace, Clock clock) {
    this.pace = pace;
    this.clock = clock;
    this.arrival = clock.nanos();
  }

  /** At most so many in any window of the time. */
  public static Allowance of(int most, Duration window, Clock clock) {
    return new Allowance(Pace.of(most, window.toNanos()), clock);
  }

  public static Allowance unlimited() {
    return new Allowance(new Pace(0, 1, 0), Clock.system());
  }

  public synchronized boolean tryTake() {
    long now = clock.nanos();
    if (pace.goes(arrival, now, Urgency.URGENT) > now) {
      return false;
    }
    arrival = pace.next(arrival, now);
    return true;
  }
}
