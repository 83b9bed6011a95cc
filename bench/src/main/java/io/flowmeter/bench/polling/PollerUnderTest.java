package io.flowmeter.bench.polling;

import java.time.Duration;
import java.time.Instant;

/** A way to poll, on the caller's thread. */
interface PollerUnderTest extends AutoCloseable {

  /** Polls until the clock says so late. */
  void runUntil(Instant end) throws InterruptedException;

  /** Between lists of the workflows, in force now. */
  Duration interval();

  /** Whether it knows of ended runs whose detail it wants and has not had. */
  boolean hasBacklog();

  @Override
  void close();
}
