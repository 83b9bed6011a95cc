package io.flowmeter.streams.writer;

import io.flowmeter.schemas.Topic;
import io.flowmeter.sql.BlockInserts;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;

/**
 * The storage table of a relation, as it is in ClickHouse now. A field of the topic's schema is the
 * column of the same name; there is no other mapping. Only {@code inserted_at} is the writer's own:
 * when, by its clock, the row was written.
 */
public final class RelationTable {
  private static final String STAMP = "inserted_at";

  private final BlockInserts inserts;
  private final String table;
  private final List<String> columns = new ArrayList<>();
  private final List<ColumnEncoding> encodings = new ArrayList<>();
  private final Block header = new Block(2048);
  private final boolean stamped;

  private RelationTable(
      BlockInserts inserts, Topic<?> topic, String table, Map<String, String> types)
      throws SQLException {
    this.inserts = inserts;
    this.table = table;
    for (Schema.Field field : topic.schema().getFields()) {
      String type = types.get(field.name());
      if (type == null) {
        throw new SQLException(
            "expected a column %s in %s, came none: run flowmeter migrate"
                .formatted(field.name(), table));
      }
      columns.add(field.name());
      encodings.add(ColumnEncoding.of(field.schema(), type));
    }
    stamped = types.containsKey(STAMP);
    if (stamped) {
      columns.add(STAMP);
      encodings.add((in, out) -> out.putLong(0));
    }
    // The types go along: a table that has changed meanwhile refuses the rows instead of
    // misreading them.
    header.putLength(columns.size());
    columns.forEach(header::putString);
    columns.forEach(column -> header.putString(types.get(column)));
  }

  /**
   * Asks ClickHouse for the table's columns.
   *
   * @throws SQLException where it cannot be asked, or the table cannot hold what the topic carries
   */
  public static RelationTable of(BlockInserts inserts, Topic<?> topic) throws SQLException {
    return of(inserts, topic, Route.LIVE.table(topic));
  }

  /** The same of another table with the same columns. */
  static RelationTable of(BlockInserts inserts, Topic<?> topic, String table) throws SQLException {
    return new RelationTable(inserts, topic, table, inserts.columns(table));
  }

  /**
   * Adds a row to a block of this table.
   *
   * @param body the record's Avro bytes, by the topic's own schema
   * @throws SerializationException where they are none, or the table cannot hold them; the block is
   *     as before
   */
  public void add(ByteBuffer body, ConsumerRecord<byte[], byte[]> record, Block block) {
    AvroBytes in = new AvroBytes(body);
    int column = 0;
    try {
      for (; column < encodings.size(); column++) {
        encodings.get(column).encode(in, block);
      }
    } catch (SerializationException e) {
      block.dropRow();
      throw new SerializationException(columns.get(column) + ": " + e.getMessage(), e);
    }
    block.endRow(record);
  }

  /**
   * Upserts rows of a block in one round trip. Repeating it changes nothing.
   *
   * @param nowMs stamps the rows, in epoch milliseconds
   */
  public void upsert(Block block, int from, int to, long nowMs) throws SQLException {
    if (stamped) {
      block.setLastLong(nowMs);
    }
    inserts.insert(table, columns, out -> writeTo(out, block, from, to));
  }

  private void writeTo(OutputStream out, Block block, int from, int to) throws IOException {
    header.writeTo(out);
    block.writeTo(out, from, to);
  }
}
