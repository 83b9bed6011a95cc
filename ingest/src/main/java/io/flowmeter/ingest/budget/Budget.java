package io.flowmeter.ingest.budget;

import java.time.Duration;

/** Lets requests go at the pace that their source bears. Safe for use by many threads. */
public interface Budget {

  /** Waits until a request may go. Every permit is to be closed when its response is in. */
  Permit acquire() throws InterruptedException;

  /** The source asked to be left alone for a time. */
  void leaveAlone(Duration time);

  /** A request that may go, or is on its way. */
  interface Permit extends AutoCloseable {
    @Override
    void close();
  }
}
