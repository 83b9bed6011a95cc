package io.flowmeter.cli;

import io.flowmeter.cli.top.Top;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import sun.misc.Signal;

/**
 * Ctrl-C, or another signal to end, taken as a request: the program stops in order and ends with a
 * code of its own. A shutdown hook would not do: the JVM exits with 130 or 143 then whatever the
 * program does, and libraries that are just starting fail in a JVM that shuts down.
 */
public final class StopRequest implements Top.Stop {
  /** Longer than any orderly stop; what still runs then ends with this process. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration LAST_PATIENCE = Duration.ofSeconds(2);

  private static final List<String> SIGNALS = List.of("INT", "TERM", "HUP");
  private static final int INTERRUPTED = 130;

  private final CountDownLatch asked = new CountDownLatch(1);
  private volatile Consumer<String> listener = signal -> {};
  private volatile Runnable last = () -> {};

  private StopRequest() {}

  /** Listens for signals from now on. */
  public static StopRequest onSignals() {
    StopRequest request = new StopRequest();
    for (String name : SIGNALS) {
      try {
        Signal.handle(new Signal(name), signal -> request.request(signal.getName()));
      } catch (IllegalArgumentException e) {
        // Taken by a flag of the JVM, such as -Xrs, or unknown here: then it does what it did.
        continue;
      }
    }
    return request;
  }

  /**
   * Who is told at once, on a thread of its own. One at a time.
   *
   * @param onProgress takes the signal's name, such as {@code TERM}
   */
  void onRequest(Consumer<String> onProgress) {
    listener = onProgress;
  }

  /** What is done before this process ends at once, without its orderly stop. One at a time. */
  @Override
  public void beforeHalting(Runnable act) {
    last = act;
  }

  /** Waits; true when a stop was asked for. */
  @Override
  public boolean await(Duration patience) throws InterruptedException {
    return asked.await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  public boolean isRequested() {
    return asked.getCount() == 0;
  }

  private void request(String signal) {
    if (isRequested()) {
      // Asked again: at once, then.
      halt(INTERRUPTED, "");
    }
    asked.countDown();
    daemon("flowmeter-impatience", this::haltLater).start();
    listener.accept(signal);
  }

  private void haltLater() {
    try {
      Thread.sleep(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    halt(
        Flowmeter.FAILED,
        "flowmeter: could not stop within %d s%n".formatted(PATIENCE.toSeconds()));
  }

  private void halt(int code, String why) {
    // On a thread of its own: a terminal that is stopped keeps whoever writes to it.
    Thread act = daemon("flowmeter-halt", last);
    act.start();
    try {
      act.join(LAST_PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    System.err.print(why);
    Runtime.getRuntime().halt(code);
  }

  private static Thread daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }
}
