package io.flowmeter.ingest.budget;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A time in which no request goes. */
final class Silence {
  private long until = System.nanoTime();

  synchronized void extend(Duration time) {
    long asked = System.nanoTime() + time.toNanos();
    if (asked - until > 0) {
      until = asked;
    }
  }

  void await() throws InterruptedException {
    for (long left = left(); left > 0; left = left()) {
      TimeUnit.NANOSECONDS.sleep(left);
    }
  }

  private synchronized long left() {
    return until - System.nanoTime();
  }
}
