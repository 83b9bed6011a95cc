package io.flowmeter.streams.writer;

import io.flowmeter.schemas.BareAvro;
import io.flowmeter.schemas.Topic;
import io.flowmeter.sql.BlockInserts;
import io.flowmeter.sql.ClickHouseEndpoint;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Rows into a table as the writer brings them there, without Kafka before it. */
final class Upsert {
  private Upsert() {}

  static <T extends SpecificRecord> void of(
      ClickHouseEndpoint clickHouse, Topic<T> topic, List<T> rows, Instant now)
      throws SQLException {
    BareAvro<T> avro = BareAvro.of(topic.type());
    try (BlockInserts inserts = BlockInserts.into(clickHouse, 1, Duration.ofSeconds(60))) {
      RelationTable table = RelationTable.of(inserts, topic);
      Block block = new Block(0);
      for (T row : rows) {
        table.add(
            ByteBuffer.wrap(avro.encode(row)),
            new ConsumerRecord<>(topic.name(), 0, 0, null, null),
            block);
      }
      table.upsert(block, 0, block.rows(), now.toEpochMilli());
    }
  }
}
