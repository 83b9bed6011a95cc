package io.flowmeter.clock;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.locks.Condition;

/**
 * Time, and waiting. Everything that stamps, plans, paces or waits for its turn is handed a clock,
 * so that a day can pass in minutes or at a step. Only time-outs, and what Kafka and JDBC do
 * inside, are in real time. Safe for use by many threads, but for {@link SteppedClock}.
 */
public interface Clock extends InstantSource {

  /** The system's. */
  static Clock system() {
    return SystemClock.INSTANCE;
  }

  /** Nanoseconds since some moment, for differences only; it never goes back. */
  long nanos();

  /** Waits until so much of this clock's time has passed. */
  void sleep(Duration time) throws InterruptedException;

  /**
   * Waits until signalled, or so much of this clock's time has passed, or, as conditions may, for
   * no reason at all: ask again what was waited for.
   *
   * @param condition its lock is held by this thread
   */
  void await(Condition condition, Duration atMost) throws InterruptedException;

  /**
   * How long so much of this clock's time takes now in real time; for timers of other libraries.
   */
  Duration real(Duration time);
}
