package io.flowmeter.bench.writer;

import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.fact.StepRun;
import io.flowmeter.sql.ClickHouseEndpoint;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * JDBC's prepared batch, over a connection that is kept; times as text, which is ClickHouse's own.
 */
final class JdbcBatch implements InsertStrategy {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final String name;
  private final Connection connection;
  private final boolean text;
  private final Deserializer<StepRun> reader;
  private final List<String> columns = columns();
  private final String insert =
      "INSERT INTO step_runs_rows (%s) VALUES (%s)"
          .formatted(
              String.join(", ", columns),
              columns.stream().map(each -> "?").collect(Collectors.joining(", ")));

  private JdbcBatch(String name, ClickHouseEndpoint endpoint, boolean text, SchemaRegistry registry)
      throws SQLException {
    this.name = name;
    this.text = text;
    connection = endpoint.connect();
    reader = AvroSerde.deserializer(Topics.STEP_RUNS, registry);
  }

  /**
   * All columns in the table's order: where one in between is left out, the driver's option takes
   * the values of those behind it for the column's before.
   */
  private static List<String> columns() {
    List<String> names =
        new ArrayList<>(
            Topics.STEP_RUNS.schema().getFields().stream().map(Schema.Field::name).toList());
    names.add(names.indexOf("revision"), "inserted_at");
    return names;
  }

  static JdbcBatch usual(ClickHouseEndpoint endpoint, SchemaRegistry registry) throws SQLException {
    return new JdbcBatch("jdbc", endpoint, true, registry);
  }

  /** The driver encodes rows as RowBinary itself. */
  static JdbcBatch rowBinary(ClickHouseEndpoint endpoint, SchemaRegistry registry)
      throws SQLException {
    return new JdbcBatch(
        "jdbc_row_binary",
        new ClickHouseEndpoint(
            endpoint.url(),
            endpoint.user(),
            endpoint.password(),
            Map.of("beta.row_binary_for_simple_insert", "true")),
        false,
        registry);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void write(List<ConsumerRecord<byte[], byte[]>> batch) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      for (ConsumerRecord<byte[], byte[]> record : batch) {
        StepRun row = reader.deserialize(record.topic(), record.value());
        for (int column = 0; column < columns.size(); column++) {
          Schema.Field field = row.getSchema().getField(columns.get(column));
          Object value = field == null ? Instant.EPOCH : row.get(field.pos());
          statement.setObject(column + 1, value instanceof Instant at ? time(at) : value);
        }
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private Object time(Instant at) {
    return text ? TIME.format(at) : at.atZone(ZoneOffset.UTC);
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException("a connection did not close", e);
    }
  }
}
