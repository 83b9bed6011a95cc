package io.flowmeter.streams.writer;

import io.flowmeter.clock.Clock;
import io.flowmeter.failpoint.Failpoint;
import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.sql.BlockInserts;
import io.flowmeter.sql.ClickHouseEndpoint;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes records into their tables: each table in one round trip, several at a time. */
final class BatchInsert implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BatchInsert.class);

  private final BlockInserts inserts;
  private final ExecutorService threads;
  private final Map<Topic<?>, RelationTable> tables = new ConcurrentHashMap<>();
  private final Map<Topic<?>, Deserializer<ByteBuffer>> bodies = new HashMap<>();
  private final Route route;
  private final Clock clock;

  BatchInsert(
      WriterSettings settings,
      Route route,
      SchemaRegistry registry,
      ClickHouseEndpoint clickHouse) {
    this.route = route;
    clock = settings.clock();
    inserts = BlockInserts.into(clickHouse, settings.connections(), settings.answerWithin());
    route.topics().forEach(topic -> bodies.put(topic, AvroSerde.body(topic, registry)));
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
   * Writes all records into a topic's table.
   *
   * @return what became of them; fails with a {@link SQLException} where ClickHouse cannot take
   *     those that fit now, though it may have taken them
   */
  CompletableFuture<WriteResult> write(
      Topic<?> topic, List<ConsumerRecord<byte[], byte[]>> records) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return insert(topic, records);
          } catch (SQLException e) {
            // What the table looks like is asked anew: it may have been migrated.
            tables.remove(topic);
            throw new CompletionException(e);
          }
        },
        threads);
  }

  /**
   * Asks for the columns of all tables; fails with a {@link SQLException} at the first that cannot
   * be written to.
   */
  CompletableFuture<Void> probeTables() {
    return CompletableFuture.runAsync(
        () -> {
          try {
            for (Topic<?> topic : route.topics()) {
              if (!tables.containsKey(topic)) {
                probed(topic);
              }
            }
          } catch (SQLException e) {
            throw new CompletionException(e);
          }
        },
        threads);
  }

  private WriteResult insert(Topic<?> topic, List<ConsumerRecord<byte[], byte[]>> records)
      throws SQLException {
    RelationTable known = tables.get(topic);
    RelationTable table = known == null ? probed(topic) : known;
    List<UnwritableRecord> deadLetters = new ArrayList<>();
    Block block = block(topic, table, records, deadLetters);
    if (!deadLetters.isEmpty() && known != null) {
      // The table may have been widened since it was asked for its columns.
      deadLetters.clear();
      table = probed(topic);
      block = block(topic, table, records, deadLetters);
    }
    deadLetters.forEach(each -> warn(each.record(), "cannot be read", each.cause().getMessage()));
    int unreadable = deadLetters.size();
    if (block.rows() > 0) {
      insert(table, block, 0, block.rows(), deadLetters);
    }
    return new WriteResult(block.rows() - (deadLetters.size() - unreadable), deadLetters);
  }

  private RelationTable probed(Topic<?> topic) throws SQLException {
    RelationTable table = RelationTable.of(inserts, topic, route.table(topic));
    tables.put(topic, table);
    return table;
  }

  private static void warn(ConsumerRecord<byte[], byte[]> record, String what, String why) {
    log.atWarn()
        .addKeyValue("event", "dead_letter")
        .addKeyValue("topic", record.topic())
        .addKeyValue("partition", record.partition())
        .addKeyValue("offset", record.offset())
        .log(
            "{}-{} offset {} {} and goes to {}: {}",
            record.topic(),
            record.partition(),
            record.offset(),
            what,
            Topics.DEAD_LETTERS,
            why);
  }

  private Block block(
      Topic<?> topic,
      RelationTable table,
      List<ConsumerRecord<byte[], byte[]>> records,
      List<UnwritableRecord> deadLetters) {
    long bytes = records.stream().mapToLong(record -> record.serializedValueSize()).sum();
    Block block = new Block((int) Math.min(2 * bytes, 64 << 20));
    Deserializer<ByteBuffer> bodyOf = bodies.get(topic);
    for (ConsumerRecord<byte[], byte[]> record : records) {
      try {
        ByteBuffer body = bodyOf.deserialize(record.topic(), record.value());
        if (body != null) {
          table.add(body, record, block);
        }
      } catch (SerializationException e) {
        deadLetters.add(new UnwritableRecord(record, e));
      }
    }
    return block;
  }

  /** Where rows do not fit, halves are tried until what does not fit stands alone. */
  private void insert(
      RelationTable table, Block block, int from, int to, List<UnwritableRecord> deadLetters)
      throws SQLException {
    try {
      Failpoint.INSERT_BEFORE.reached();
      table.upsert(block, from, to, clock.millis());
      Failpoint.INSERT_AFTER.reached();
    } catch (SQLException e) {
      if (!InsertFailure.isOfRows(e)) {
        throw e;
      }
      if (to - from == 1) {
        warn(block.record(from), "does not fit its table", "ClickHouse code " + e.getErrorCode());
        deadLetters.add(new UnwritableRecord(block.record(from), e));
        return;
      }
      int half = (from + to) >>> 1;
      insert(table, block, from, half, deadLetters);
      insert(table, block, half, to, deadLetters);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    inserts.close();
  }
}
