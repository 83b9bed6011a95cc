package io.flowmeter.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C, or another signal to end. The JVM would exit with 130 or 143 whatever the program does; a
 * stop that was asked for and went well is a success, so that the process halts by itself with the
 * code of {@link #finished}.
 */
final class StopRequest {
  /** Longer than any orderly stop; what still runs then ends with this process. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile int exitCode = Flowmeter.FAILED;

  private StopRequest() {}

  /** Listens for signals from now on. */
  static StopRequest onSignals() {
    StopRequest request = new StopRequest();
    Runtime.getRuntime().addShutdownHook(new Thread(request::shutdown, "flowmeter-signal"));
    return request;
  }

  /** Waits; true when a stop was asked for. */
  boolean await(Duration patience) throws InterruptedException {
    return asked.await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  boolean isAsked() {
    return asked.getCount() == 0;
  }

  /** Everything is stopped; returns the code. */
  int finished(int code) {
    exitCode = code;
    finished.countDown();
    return code;
  }

  private void shutdown() {
    if (finished.getCount() == 0) {
      return; // The end of its own accord, with its own code.
    }
    asked.countDown();
    try {
      if (!finished.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        System.err.println("flowmeter: did not stop within " + PATIENCE.toSeconds() + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    System.out.flush();
    Runtime.getRuntime().halt(exitCode);
  }
}
