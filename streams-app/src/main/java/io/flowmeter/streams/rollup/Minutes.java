package io.flowmeter.streams.rollup;

import java.time.Instant;

/** Minutes of event time. */
public final class Minutes {
  private static final long SECONDS = 60;

  private Minutes() {}

  /** Returns the start of the minute that contains the instant. */
  public static Instant of(Instant at) {
    return Instant.ofEpochSecond(Math.floorDiv(at.getEpochSecond(), SECONDS) * SECONDS);
  }
}
