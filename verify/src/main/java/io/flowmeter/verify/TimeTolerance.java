package io.flowmeter.verify;

import java.time.Duration;
import java.time.Instant;

/**
 * How far the moments that the pipeline noted may be from those that the simulator noted for the
 * same answers. All in virtual time.
 *
 * @param tolerance how far the reader's idea of the API's clock may be off, late requests included
 * @param fleetEnd after it answers show the fleet as of this moment, by which the simulator notes
 *     them, however late they are
 */
record TimeTolerance(Duration tolerance, Instant fleetEnd) {

  /** The earliest moment that can have been noted for an answer. */
  Instant from(Instant respondedAt) {
    return respondedAt.minus(tolerance);
  }

  /** The latest one. */
  Instant to(Instant respondedAt) {
    return respondedAt.isBefore(fleetEnd) ? respondedAt.plus(tolerance) : Instant.MAX;
  }

  /**
   * Whether an answer may have been noted after a moment that followed it. By a hundredth of the
   * tolerance, which is as late as answers usually are: by all of it, which the latest takes,
   * hardly anything would be owed.
   */
  boolean overtakes(Instant respondedAt, Instant moment) {
    return !moment.isBefore(respondedAt)
        && !respondedAt.plus(tolerance.dividedBy(100)).isBefore(moment);
  }

  /** Whether this may have been noted, in epoch milliseconds, for an answer from a time. */
  boolean covers(Instant first, Instant last, long noted) {
    Instant at = Instant.ofEpochMilli(noted);
    return !at.isBefore(from(first)) && !at.isAfter(to(last));
  }
}
