package io.flowmeter.bench.writer;

import java.sql.SQLException;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A way of rows into a table. */
interface InsertStrategy extends AutoCloseable {
  String name();

  /** Writes a batch, in one round trip. */
  void write(List<ConsumerRecord<byte[], byte[]>> batch) throws SQLException;

  @Override
  void close();
}
