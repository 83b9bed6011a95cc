package io.flowmeter.streams.rollup;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many parts of minutes may be open. A process that catches up opens as many as it may in each
 * of its tasks, of which there are as many as partitions: so they share what a process has room
 * for. For any number of threads.
 */
public final class AccumulatorLimit {
  /** Of a task and rollup: some 20 MB, and the last minutes of 2,000 busy steps. */
  static final int OF_TASK = 30_000;

  /** Of all tasks and a rollup. */
  static final int OF_PROCESS = 120_000;

  private final AtomicInteger tasks = new AtomicInteger();

  void begins() {
    tasks.incrementAndGet();
  }

  void ends() {
    tasks.decrementAndGet();
  }

  /** Of a task and rollup, now. */
  int most() {
    return Math.min(OF_TASK, OF_PROCESS / Math.max(1, tasks.get()));
  }
}
