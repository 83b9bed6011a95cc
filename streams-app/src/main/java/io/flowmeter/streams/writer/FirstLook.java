package io.flowmeter.streams.writer;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Looks at all tables before there are rows for them, so that it is known from the start whether
 * ClickHouse is there and can be written to. For one thread.
 */
final class FirstLook {
  private final BatchInsert insert;
  private final Pauses pauses;
  private CompletableFuture<Void> looking;
  private long notBeforeNanos;

  FirstLook(BatchInsert insert, Duration longestPause) {
    this.insert = insert;
    this.pauses = new Pauses(longestPause);
    this.looking = insert.lookAtTables();
  }

  /**
   * Whether all tables were seen. Looks again, when its time has come.
   *
   * @param nowNanos by the machine's clock
   * @throws Flight.Failure what failed just now, and when it is tried again
   */
  boolean isDone(long nowNanos) throws Flight.Failure {
    if (looking == null && nowNanos - notBeforeNanos >= 0) {
      looking = insert.lookAtTables();
    }
    if (looking == null || !looking.isDone()) {
      return false;
    }
    try {
      looking.join();
      return true;
    } catch (CompletionException e) {
      looking = null;
      Duration pause = pauses.next();
      notBeforeNanos = nowNanos + pause.toNanos();
      throw new Flight.Failure(e.getCause() == null ? e : e.getCause(), pause);
    }
  }
}
