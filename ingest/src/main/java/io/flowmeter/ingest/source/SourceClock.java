package io.flowmeter.ingest.source;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The source's clock: ours, moved by what its Date headers say. A Date has whole seconds, so that a
 * difference of up to 2 s says nothing, and the offset is kept until one contradicts it by more.
 */
final class SourceClock {
  private static final Duration SAYS_NOTHING = Duration.ofSeconds(2);

  private final InstantSource local;
  private final AtomicReference<Duration> offset = new AtomicReference<>(Duration.ZERO);

  SourceClock(InstantSource local) {
    this.local = local;
  }

  Instant now() {
    return local.instant().plus(offset.get());
  }

  /** A response that came just now bears this Date. */
  void heard(Instant date) {
    Duration seen = Duration.between(local.instant(), date);
    offset.updateAndGet(kept -> seen.minus(kept).abs().compareTo(SAYS_NOTHING) > 0 ? seen : kept);
  }
}
