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
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A batch on its way. A table that could not be written is tried again after pauses that grow,
 * however often that takes; those that were written are not.
 */
final class InFlightBatch {
  private final Batch batch;
  private final Insert insert;
  private final JitteredBackoff backoff;
  private final Map<Topic<?>, CompletableFuture<WriteResult>> tables = new HashMap<>();
  private final Map<Topic<?>, Long> rows = new HashMap<>();
  private final List<UnwritableRecord> deadLetters = new ArrayList<>();
  private long notBeforeNanos;
  private boolean ours = true;

  /** How records get into a topic's table, as {@link BatchInsert#write} does it. */
  interface Insert {
    CompletableFuture<WriteResult> write(
        Topic<?> topic, List<ConsumerRecord<byte[], byte[]>> records);
  }

  InFlightBatch(Batch batch, Insert insert, Duration longestPause) {
    this.batch = batch;
    this.insert = insert;
    this.backoff = new JitteredBackoff(longestPause);
    notBeforeNanos = System.nanoTime();
    batch.records().forEach((topic, records) -> tables.put(topic, insert.write(topic, records)));
  }

  Batch batch() {
    return batch;
  }

  /** What is to be sent to the dead letters. */
  List<UnwritableRecord> deadLetters() {
    return deadLetters;
  }

  /** How many rows ClickHouse has acknowledged, by relation. */
  Map<Topic<?>, Long> rows() {
    return rows;
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
    Iterator<Map.Entry<Topic<?>, CompletableFuture<WriteResult>>> left =
        tables.entrySet().iterator();
    while (left.hasNext()) {
      Map.Entry<Topic<?>, CompletableFuture<WriteResult>> table = left.next();
      if (table.getValue() == null) {
        if (nowNanos - notBeforeNanos >= 0) {
          table.setValue(insert.write(table.getKey(), batch.records().get(table.getKey())));
        }
      } else if (table.getValue().isDone()) {
        try {
          WriteResult written = table.getValue().join();
          rows.put(table.getKey(), written.rows());
          deadLetters.addAll(written.deadLetters());
          left.remove();
        } catch (CompletionException e) {
          failed = e.getCause() == null ? e : e.getCause();
          table.setValue(null);
        }
      }
    }
    if (failed != null) {
      Duration pause = backoff.next();
      notBeforeNanos = nowNanos + pause.toNanos();
      throw new Failure(failed, pause);
    }
    return tables.isEmpty();
  }

  /**
   * Nothing of it is under way: it is done, or failed. What is, is not looked at again: to be asked
   * of a flight that is not ours, which nobody lands.
   */
  boolean isStill() {
    tables.values().removeIf(table -> table == null || table.isDone());
    return tables.isEmpty();
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
