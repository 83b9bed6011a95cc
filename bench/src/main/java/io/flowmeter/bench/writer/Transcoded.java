package io.flowmeter.bench.writer;

import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topics;
import io.flowmeter.sql.BlockInserts;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.streams.writer.Block;
import io.flowmeter.streams.writer.RelationTable;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Deserializer;

/** What the writer does: Avro's bytes become RowBinary's, and a block is one request. */
final class Transcoded implements InsertStrategy {
  private final String name;
  private final BlockInserts inserts;
  private final RelationTable table;
  private final Deserializer<ByteBuffer> bodies;
  private final Map<List<?>, Block> encoded;

  private Transcoded(
      String name, ClickHouseEndpoint endpoint, SchemaRegistry registry, boolean remembers)
      throws SQLException {
    this.name = name;
    inserts = BlockInserts.into(endpoint, 1, Duration.ofMinutes(1));
    table = RelationTable.of(inserts, Topics.STEP_RUNS);
    bodies = AvroSerde.body(Topics.STEP_RUNS, registry);
    encoded = remembers ? new IdentityHashMap<>() : null;
  }

  static Transcoded usual(ClickHouseEndpoint endpoint, SchemaRegistry registry)
      throws SQLException {
    return new Transcoded("flowmeter", endpoint, registry, false);
  }

  /** Without LZ4 on the way. */
  static Transcoded plain(ClickHouseEndpoint endpoint, SchemaRegistry registry)
      throws SQLException {
    return new Transcoded(
        "flowmeter_uncompressed",
        new ClickHouseEndpoint(
            endpoint.url(), endpoint.user(), endpoint.password(), Map.of("decompress", "false")),
        registry,
        false);
  }

  /** Encodes a batch only the first time, so that what is left is ClickHouse's work. */
  static Transcoded direct(ClickHouseEndpoint endpoint, SchemaRegistry registry)
      throws SQLException {
    return new Transcoded("direct", endpoint, registry, true);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void write(List<ConsumerRecord<byte[], byte[]>> batch) throws SQLException {
    Block block = encoded == null ? encode(batch) : encoded.computeIfAbsent(batch, this::again);
    table.upsert(block, 0, block.rows(), 0);
  }

  @SuppressWarnings("unchecked")
  private Block again(List<?> batch) {
    return encode((List<ConsumerRecord<byte[], byte[]>>) batch);
  }

  private Block encode(List<ConsumerRecord<byte[], byte[]>> batch) {
    Block block = new Block(batch.size() * 400);
    for (ConsumerRecord<byte[], byte[]> record : batch) {
      table.add(bodies.deserialize(record.topic(), record.value()), record, block);
    }
    return block;
  }

  @Override
  public void close() {
    inserts.close();
  }
}
