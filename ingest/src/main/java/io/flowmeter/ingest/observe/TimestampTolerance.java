package io.flowmeter.ingest.observe;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Whether two moments are one: rows and details need not agree on the millisecond. */
final class TimestampTolerance {
  /** How far the starts of one run, or its ends, may lie apart in a row and in a detail. */
  static final Duration WITHIN = Duration.ofMillis(100);

  private TimestampTolerance() {}

  static boolean isNear(Optional<Instant> a, Optional<Instant> b) {
    return a.isPresent()
        && b.isPresent()
        && Duration.between(a.get(), b.get()).abs().compareTo(WITHIN) <= 0;
  }
}
