package io.flowmeter.streams.writer;

import io.flowmeter.schemas.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A batch on its way. A table that could not be written is tried again after pauses that grow,
 * however often that takes; those that were written are not.
 */
final class Flight {
  private final Batch batch;
  private final BatchInsert insert;
  private final Pauses pauses;
  private final Map<Topic<?>, CompletableFuture<List<DeadLetter>>> tables = new HashMap<>();
  private final List<DeadLetter> letters = new ArrayList<>();
  private long notBeforeNanos;
  private boolean ours = true;

  Flight(Batch batch, BatchInsert insert, Duration longestPause) {
    this.batch = batch;
    this.insert = insert;
    this.pauses = new Pauses(longestPause);
    notBeforeNanos = System.nanoTime();
    batch.records().forEach((topic, records) -> tables.put(topic, insert.write(topic, records)));
  }

  Batch batch() {
    return batch;
  }

  /** What is to be sent to the dead letters. */
  List<DeadLetter> letters() {
    return letters;
  }

  /** Its partitions have gone elsewhere, where the batch is written again. */
  void disown() {
    ours = false;
  }

  boolean isOurs() {
    return ours;
  }

  /**
   * Whether ClickHouse has acknowledged all of it. Starts again what failed, when its time has
   * come.
   *
   * @param nowNanos by the machine's clock, for it is the machine that needs the pause
   * @throws Failure what failed just now, and when it is tried again
   */
  boolean isDone(long nowNanos) throws Failure {
    Throwable failed = null;
    Iterator<Map.Entry<Topic<?>, CompletableFuture<List<DeadLetter>>>> left =
        tables.entrySet().iterator();
    while (left.hasNext()) {
      Map.Entry<Topic<?>, CompletableFuture<List<DeadLetter>>> table = left.next();
      if (table.getValue() == null) {
        if (nowNanos - notBeforeNanos >= 0) {
          table.setValue(insert.write(table.getKey(), batch.records().get(table.getKey())));
        }
      } else if (table.getValue().isDone()) {
        try {
          letters.addAll(table.getValue().join());
          left.remove();
        } catch (CompletionException e) {
          failed = e.getCause() == null ? e : e.getCause();
          table.setValue(null);
        }
      }
    }
    if (failed != null) {
      Duration pause = pauses.next();
      notBeforeNanos = nowNanos + pause.toNanos();
      throw new Failure(failed, pause);
    }
    return tables.isEmpty();
  }

  /** Nothing of it is under way: it is done, or waits to be tried again. */
  boolean isStill() {
    return tables.values().stream().allMatch(table -> table == null || table.isDone());
  }

  /** Waits until a table's insert has ended, for a while at most. */
  void await(Duration patience) throws InterruptedException {
    CompletableFuture<?>[] flying =
        tables.values().stream()
            .filter(table -> table != null)
            .toArray(CompletableFuture<?>[]::new);
    if (flying.length == 0) {
      TimeUnit.NANOSECONDS.sleep(patience.toNanos());
      return;
    }
    try {
      CompletableFuture.anyOf(flying).get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // Looked at by isDone.
    }
  }

  /** Why a table could not be written. */
  static final class Failure extends Exception {
    private static final long serialVersionUID = 1L;
    private final Duration again;

    Failure(Throwable cause, Duration again) {
      super(cause);
      this.again = again;
    }

    /** How long it pauses before it tries again. */
    Duration again() {
      return again;
    }
  }
}
