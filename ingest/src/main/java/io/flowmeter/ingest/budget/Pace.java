package io.flowmeter.ingest.budget;

/**
 * A smooth pace: so many requests in a window, spread evenly, with a small burst after idle times.
 * The generic cell rate algorithm, as a function of the moment it is asked at (ITU-T I.371, annex
 * A): one number says it all, the theoretical arrival time of the next request.
 *
 * <p>No window holds more than the requests allowed: {@code burst + window ÷ gap ≤ allowed}.
 *
 * @param gap nanoseconds between requests
 * @param burst requests that may go at once after idle times
 */
record Pace(long gap, int burst) {

  /**
   * The pace that lets at most {@code allowed} requests go in any window of so many nanoseconds.
   */
  static Pace of(int allowed, long window) {
    int burst = Math.max(1, allowed / 40);
    return new Pace(window / Math.max(1, allowed - burst), burst);
  }

  /** When a request that is planned at {@code now} goes. */
  long goes(long arrival, long now) {
    return Math.max(now, arrival - gap * (burst - 1));
  }

  /** The theoretical arrival time of the request after one that is planned at {@code now}. */
  long next(long arrival, long now) {
    return Math.max(arrival, now) + gap;
  }

  /** The arrival time after which no burst goes before {@code until}, nor at it. */
  long silentUntil(long arrival, long until) {
    return Math.max(arrival, until + gap * (burst - 1));
  }
}
