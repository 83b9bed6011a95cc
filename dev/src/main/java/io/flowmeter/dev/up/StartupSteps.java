package io.flowmeter.dev.up;

import io.flowmeter.cli.console.ProgressListener;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Steps of a start, at the same time: what each came to, and which are still waited for. */
final class StartupSteps {
  private final ProgressListener progress;
  private final Set<String> waitedFor = new ConcurrentSkipListSet<>();

  private final BooleanSupplier cancelled;
  private volatile boolean ended;

  StartupSteps(ProgressListener progress, BooleanSupplier cancelled) {
    this.progress = progress;
    this.cancelled = cancelled;
  }

  /** No further step begins. */
  void end() {
    ended = true;
  }

  /**
   * Takes a step and tells what came of it and how long it took.
   *
   * @param result what to tell of it: an address, a count
   * @throws CancellationException where no further step is to begin
   */
  <T> T take(String name, Callable<T> step, Function<T, String> result) throws Exception {
    if (ended || cancelled.getAsBoolean()) {
      throw new CancellationException("the start was given up before: " + name);
    }
    long startNanos = System.nanoTime();
    waitedFor.add(name);
    printWaiting();
    try {
      T done = step.call();
      Duration took = Duration.ofNanos(System.nanoTime() - startNanos);
      print(
          name,
          result.apply(done),
          String.format(Locale.ROOT, "%.1f s", took.toMillis() / 1_000.0));
      return done;
    } finally {
      waitedFor.remove(name);
      printWaiting();
    }
  }

  /** Tells of something that needs no step. */
  void print(String name, String what, String remark) {
    progress.onProgress(String.format(Locale.ROOT, "  %-16s %-42s %s", name, what, remark));
  }

  /** Tells of what takes a while. */
  void say(String line) {
    progress.onProgress("  " + line);
  }

  /** Tells of something to look at, though the start goes on. */
  void warn(String line) {
    progress.warn(line);
  }

  private void printWaiting() {
    progress.live(waitedFor.isEmpty() ? "" : "  waiting for " + String.join(", ", waitedFor));
  }
}
