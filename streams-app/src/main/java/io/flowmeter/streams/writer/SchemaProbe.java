package io.flowmeter.streams.writer;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Looks at all tables before there are rows for them, so that it is known from the start whether
 * ClickHouse is there and can be written to. For one thread.
 */
final class SchemaProbe {
  private final BatchInsert insert;
  private final JitteredBackoff backoff;
  private CompletableFuture<Void> looking;
  private long notBeforeNanos;

  SchemaProbe(BatchInsert insert, Duration longestPause) {
    this.insert = insert;
    this.backoff = new JitteredBackoff(longestPause);
    this.looking = insert.probeTables();
  }

  /**
   * Whether all tables were seen. Looks again, when its time has come.
   *
   * @param nowNanos by the machine's clock
   * @throws InFlightBatch.Failure what failed just now, and when it is tried again
   */
  boolean isDone(long nowNanos) throws InFlightBatch.Failure {
    if (looking == null && nowNanos - notBeforeNanos >= 0) {
      looking = insert.probeTables();
    }
    if (looking == null || !looking.isDone()) {
      return false;
    }
    try {
      looking.join();
      return true;
    } catch (CompletionException e) {
      looking = null;
      Duration pause = backoff.next();
      notBeforeNanos = nowNanos + pause.toNanos();
      throw new InFlightBatch.Failure(e.getCause() == null ? e : e.getCause(), pause);
    }
  }
}
