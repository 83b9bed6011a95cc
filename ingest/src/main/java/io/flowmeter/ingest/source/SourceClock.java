package io.flowmeter.ingest.source;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The source's clock: ours, moved by what its Date headers say. A Date is cut down to its second
 * and has travelled, so that one a little behind ours says nothing, and the offset is kept until
 * one contradicts it by more.
 *
 * <p>It moves where two Dates in a row agree on another offset: a single one can be an old
 * answer's, or a server's whose clock is wrong. Only the very first may move it back alone, for
 * nothing that the source said was stamped yet.
 *
 * <p>It never goes back afterwards, for what is seen later must not be stamped earlier: where Dates
 * move it back, it stands still until it is caught up with.
 */
final class SourceClock {
  private static final Duration BEHIND_AT_MOST = Duration.ofSeconds(2);
  private static final Duration AHEAD_AT_MOST = Duration.ofSeconds(3);

  private final InstantSource local;
  private Duration offset = Duration.ZERO;
  private Optional<Duration> lastHeard = Optional.empty();
  private Instant latest = Instant.MIN;

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
  synchronized void update(Instant date) {
    Duration heard = Duration.between(local.instant(), date);
    boolean believed = lastHeard.map(last -> agree(last, heard)).orElse(heard.isNegative());
    if (believed && !agree(offset, heard)) {
      offset = heard;
    }
    if (lastHeard.isEmpty()) {
      // Ours may have been far ahead, and need not wait.
      latest = Instant.MIN;
    }
    lastHeard = Optional.of(heard);
  }

  /** Whether a Date may come from a clock that is so far from ours. */
  private static boolean agree(Duration offset, Duration heard) {
    Duration ahead = offset.minus(heard);
    return ahead.compareTo(BEHIND_AT_MOST.negated()) >= 0 && ahead.compareTo(AHEAD_AT_MOST) <= 0;
  }

  private Instant moved() {
    return local.instant().plus(offset);
  }
}
