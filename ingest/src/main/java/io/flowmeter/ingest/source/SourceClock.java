package io.flowmeter.ingest.source;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The source's clock: ours, moved by what its Date headers say. A Date is cut down to its second
 * and has travelled, so that one a little behind ours says nothing, and the offset is kept until
 * one contradicts it by more.
 *
 * <p>It never goes back, for what is seen later must not be stamped earlier: where a Date moves it
 * back, it stands still until it is caught up with.
 */
final class SourceClock {
  private static final Duration BEHIND_AT_MOST = Duration.ofSeconds(2);
  private static final Duration AHEAD_AT_MOST = Duration.ofSeconds(3);

  private final InstantSource local;
  private Duration offset = Duration.ZERO;
  private Instant latest = Instant.MIN;
  private boolean heard;

  SourceClock(InstantSource local) {
    this.local = local;
  }

  synchronized Instant now() {
    Instant now = moved();
    if (now.isAfter(latest)) {
      latest = now;
    }
    return latest;
  }

  /** A response that came just now bears this Date. */
  synchronized void heard(Instant date) {
    Duration ahead = Duration.between(date, moved());
    if (ahead.compareTo(BEHIND_AT_MOST.negated()) < 0 || ahead.compareTo(AHEAD_AT_MOST) > 0) {
      offset = offset.minus(ahead);
    }
    if (!heard) {
      // Nothing that the source said was stamped yet: ours may be far ahead, and need not wait.
      heard = true;
      latest = Instant.MIN;
    }
  }

  private Instant moved() {
    return local.instant().plus(offset);
  }
}
