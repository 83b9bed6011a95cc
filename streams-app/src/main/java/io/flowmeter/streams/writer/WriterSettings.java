package io.flowmeter.streams.writer;

import io.flowmeter.clock.Clock;
import java.time.Duration;
import java.util.Map;

/**
 * How rows are brought into ClickHouse.
 *
 * @param kafka the Kafka client's own settings, {@code bootstrap.servers} among them
 * @param batchRows a batch is written when it holds so many rows, of all tables together
 * @param batchBytes or when its records take so much memory; up to three batches are held
 * @param linger or when its oldest row has waited so long. Batches that are not full are at least
 *     this far apart; a row that comes after a quiet while does not wait. Running totals of {@code
 *     collector_minutes} wait ten times as long, and only the latest is written
 * @param connections tables written at the same time
 * @param answerWithin how long ClickHouse may be silent about an insert before it is tried again
 * @param retryWithin the longest pause before ClickHouse is tried again
 * @param clock stamps {@code inserted_at}; waiting for more rows and for ClickHouse is in real
 *     time, which is ClickHouse's own
 */
public record WriterSettings(
    Map<String, Object> kafka,
    int batchRows,
    int batchBytes,
    Duration linger,
    int connections,
    Duration answerWithin,
    Duration retryWithin,
    Clock clock) {

  public WriterSettings {
    if (batchRows < 1) {
      throw new IllegalArgumentException("expected batches of at least 1 row, came " + batchRows);
    }
    if (batchBytes < 1) {
      throw new IllegalArgumentException("expected batches of at least 1 byte, came " + batchBytes);
    }
    if (linger.isNegative()) {
      throw new IllegalArgumentException("expected a linger of at least 0, came " + linger);
    }
    if (connections < 1) {
      throw new IllegalArgumentException("expected at least 1 connection, came " + connections);
    }
  }

  /** The defaults, over the Kafka client's settings. */
  public static WriterSettings of(Map<String, Object> kafka) {
    return new WriterSettings(
        kafka,
        50_000,
        24 << 20,
        Duration.ofSeconds(1),
        2,
        Duration.ofSeconds(60),
        Duration.ofSeconds(10),
        Clock.system());
  }

  /** The same by another clock. */
  public WriterSettings withClock(Clock other) {
    return new WriterSettings(
        kafka, batchRows, batchBytes, linger, connections, answerWithin, retryWithin, other);
  }

  /** The same with another linger. */
  public WriterSettings withLinger(Duration other) {
    return new WriterSettings(
        kafka, batchRows, batchBytes, other, connections, answerWithin, retryWithin, clock);
  }
}
