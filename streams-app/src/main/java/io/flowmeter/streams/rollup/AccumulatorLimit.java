package io.flowmeter.streams.rollup;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Limit on open partial aggregates. While a process catches up, each task opens as many as it may,
 * and there are as many tasks as partitions. Therefore the tasks share a limit per process.
 * Thread-safe.
 */
public final class AccumulatorLimit {
  /** Per task and rollup: about 20 MB, enough for the last minutes of 2,000 busy steps. */
  static final int OF_TASK = 30_000;

  /** Per rollup over all tasks. */
  static final int OF_PROCESS = 120_000;

  private final AtomicInteger tasks = new AtomicInteger();

  void begins() {
    tasks.incrementAndGet();
  }

  void ends() {
    tasks.decrementAndGet();
  }

  /** Returns the current limit per task and rollup. */
  int most() {
    return Math.min(OF_TASK, OF_PROCESS / Math.max(1, tasks.get()));
  }
}
