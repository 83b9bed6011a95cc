package io.flowmeter.cli.up;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * A value that takes time to measure. It is measured now and then, on a thread of its own, so that
 * who asks is told the last one at once, whatever keeps the next.
 */
final class Remeasured<T> {
  private final Duration every;
  private final Supplier<T> measure;
  private T value;
  private long atNanos;
  private boolean measuring;

  /**
   * @param every how long after one measurement the next begins, at the first question then
   * @param value until there is one
   */
  Remeasured(Duration every, T value, Supplier<T> measure) {
    this.every = every;
    this.value = value;
    this.measure = measure;
    this.atNanos = System.nanoTime();
  }

  /** The last one. */
  synchronized T get() {
    if (!measuring && System.nanoTime() - atNanos >= every.toNanos()) {
      measuring = true;
      Thread thread = new Thread(this::remeasure, "flowmeter-measure");
      thread.setDaemon(true);
      thread.start();
    }
    return value;
  }

  private void remeasure() {
    T now = null;
    try {
      now = measure.get();
    } finally {
      took(now);
    }
  }

  /** Where it failed the last one stays. */
  private synchronized void took(T now) {
    if (now != null) {
      value = now;
    }
    atNanos = System.nanoTime();
    measuring = false;
  }
}
