package io.flowmeter.streams.writer;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.sql.ClickHouseEndpoint;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes a batch: each table in one round trip, several tables at a time. */
final class BatchInsert implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BatchInsert.class);

  private final ClickHouseEndpoint clickHouse;
  private final ExecutorService threads;
  private final Map<Topic<?>, RelationTable> tables = new HashMap<>();
  private final DeadLetters deadLetters;
  private final Clock clock;

  BatchInsert(ClickHouseEndpoint clickHouse, WriterSettings settings, DeadLetters deadLetters) {
    this.clickHouse = clickHouse;
    this.clock = settings.clock();
    this.deadLetters = deadLetters;
    Topics.OF_RELATIONS.forEach(topic -> tables.put(topic, new RelationTable(topic)));
    AtomicInteger number = new AtomicInteger();
    threads =
        Executors.newFixedThreadPool(
            settings.connections(),
            task -> {
              Thread thread = new Thread(task, "flowmeter-insert-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Writes all rows of the batch, or sends those that can never be written to the dead letters.
   *
   * @throws SQLException where ClickHouse cannot take them now; some tables may have been written
   */
  void write(Batch batch) throws SQLException, InterruptedException {
    List<Callable<Void>> inserts = new ArrayList<>();
    batch
        .rows()
        .forEach(
            (topic, rows) ->
                inserts.add(
                    () -> {
                      try (Connection connection = clickHouse.connect()) {
                        insert(connection, topic, rows);
                      }
                      return null;
                    }));
    SQLException failure = null;
    for (Future<Void> insert : threads.invokeAll(inserts)) {
      try {
        insert.get();
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof SQLException sql)) {
          throw new IllegalStateException("an insert failed in an unknown way", e.getCause());
        }
        failure = sql;
      }
    }
    deadLetters.flush();
    if (failure != null) {
      throw failure;
    }
  }

  /** Where rows do not fit, halves are tried until what does not fit stands alone. */
  private void insert(Connection connection, Topic<?> topic, List<Batch.Row> rows)
      throws SQLException {
    try {
      tables
          .get(topic)
          .upsert(connection, rows.stream().map(Batch.Row::value).toList(), clock.instant());
    } catch (SQLException e) {
      if (!InsertFailure.isOfRows(e)) {
        throw e;
      }
      if (rows.size() == 1) {
        log.warn(
            "a row of {} does not fit its table and goes to {}: ClickHouse code {}",
            topic.relation(),
            Topics.DEAD_LETTERS,
            e.getErrorCode());
        deadLetters.add(rows.get(0).record(), e);
        return;
      }
      int half = rows.size() / 2;
      insert(connection, topic, rows.subList(0, half));
      insert(connection, topic, rows.subList(half, rows.size()));
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
