package io.flowmeter.clock;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.locks.Condition;

/**
 * A source of time, and a way to wait.
 *
 * <p>Everything that stamps, plans, paces or waits gets its clock injected, so that a day can pass
 * in minutes or in steps. Only timeouts, and what Kafka and JDBC do internally, use real time.
 * Implementations are thread-safe, except {@link SteppedClock}.
 */
public interface Clock extends InstantSource {

  /** Returns the system clock. */
  static Clock system() {
    return SystemClock.INSTANCE;
  }

  /**
   * Returns nanoseconds since an arbitrary moment, for differences only. The value never decreases.
   */
  long nanos();

  /** Waits until this much of the clock's time has passed. */
  void sleep(Duration time) throws InterruptedException;

  /**
   * Waits until signalled, until this much of the clock's time has passed, or until a spurious
   * wakeup. The caller must therefore check again what it waited for.
   *
   * @param condition its lock is held by this thread
   */
  void await(Condition condition, Duration atMost) throws InterruptedException;

  /**
   * Returns how long this much of the clock's time takes now in real time, for timers of other
   * libraries.
   */
  Duration real(Duration time);
}
