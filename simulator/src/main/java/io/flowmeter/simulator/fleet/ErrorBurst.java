package io.flowmeter.simulator.fleet;

import java.time.Instant;

/**
 * A time in which runs of a workflow err more often than usual, if the workflow does what is made
 * worse at all.
 *
 * @param from when it begins; errors come later where steps are retried
 * @param to when it is over, excluded
 */
public record ErrorBurst(Kind kind, Instant from, Instant to) {
  /** What it is about. */
  public enum Kind {
    /** A service that the workflow calls is down. */
    OUTAGE,
    /** A version that makes things worse is deployed, until the next one is. */
    BAD_DEPLOY
  }
}
