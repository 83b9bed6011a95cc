package io.flowmeter.ingest.budget;

/**
 * A smooth pace: so many requests in a window, spread evenly, with a small burst after idle times,
 * of which the usual ones leave a part to the urgent ones. The generic cell rate algorithm, as a
 * function of the moment it is asked at (ITU-T I.371, annex A): one number says it all, the
 * theoretical arrival time of the next request.
 *
 * <p>No window holds more than the requests allowed: {@code burst + window ÷ gap ≤ allowed}.
 *
 * @param gap nanoseconds between requests
 * @param burst requests that may go at once after idle times
 * @param kept how many of them only go to urgent requests
 */
record Pacer(long gap, int burst, int kept) {

  /**
   * The pace that lets at most {@code allowed} requests go in any window of so many nanoseconds.
   */
  static Pacer of(long allowed, long window) {
    int burst = (int) Math.max(1, Math.min(allowed / 60, 1_000_000));
    return new Pacer(Math.max(1, window / Math.max(1, allowed - burst)), burst, burst / 4);
  }

  /** When a request that is asked for at {@code now} goes. */
  long goes(long arrival, long now, Priority urgency) {
    int early = urgency == Priority.URGENT ? burst - 1 : burst - 1 - kept;
    return Math.max(now, arrival - gap * early);
  }

  /** The theoretical arrival time of the request after one that goes at {@code now}. */
  long next(long arrival, long now) {
    return Math.max(arrival, now) + gap;
  }

  /** The arrival time before a request that did not go after all. */
  long before(long arrival) {
    return arrival - gap;
  }

  /** The arrival time after which no burst goes before {@code until}, nor at it. */
  long silentUntil(long arrival, long until) {
    return Math.max(arrival, until + gap * (burst - 1));
  }
}
