package io.flowmeter.bench.writer;

import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.data_formats.RowBinaryFormatWriter;
import com.clickhouse.client.api.insert.InsertResponse;
import com.clickhouse.client.api.insert.InsertSettings;
import com.clickhouse.client.api.metadata.TableSchema;
import com.clickhouse.data.ClickHouseFormat;
import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.fact.StepRun;
import io.flowmeter.sql.ClickHouseEndpoint;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Deserializer;

/** The driver's own writer of RowBinary, beneath JDBC. */
final class ClientRows implements InsertStrategy {
  private static final String TABLE = "step_runs_rows";

  private final Client client;
  private final TableSchema schema;
  private final List<String> columns;
  private final Deserializer<StepRun> reader;

  ClientRows(ClickHouseEndpoint endpoint, SchemaRegistry registry) {
    client =
        new Client.Builder()
            .addEndpoint(endpoint.url())
            .setUsername(endpoint.user())
            .setPassword(endpoint.password())
            .setDefaultDatabase(ClickHouseEndpoint.DATABASE)
            .compressClientRequest(true)
            .build();
    columns = Topics.STEP_RUNS.schema().getFields().stream().map(Schema.Field::name).toList();
    TableSchema table = client.getTableSchema(TABLE);
    // Not all columns of the table can be read.
    schema =
        client.getTableSchemaFromQuery(
            columns.stream()
                .map(
                    column ->
                        "defaultValueOfTypeName('%s') AS %s"
                            .formatted(
                                table
                                    .getColumnByName(column)
                                    .getOriginalTypeName()
                                    .replace("'", "\\'"),
                                column))
                .collect(Collectors.joining(", ", "SELECT ", "")));
    reader = AvroSerde.deserializer(Topics.STEP_RUNS, registry);
  }

  @Override
  public String name() {
    return "client_row_binary";
  }

  @Override
  public void write(List<ConsumerRecord<byte[], byte[]>> batch) throws SQLException {
    try (InsertResponse response =
        client
            .insert(
                TABLE,
                columns,
                out -> write(batch, out),
                ClickHouseFormat.RowBinary,
                new InsertSettings().serverSetting("async_insert", "0"))
            .get()) {
      if (response.getWrittenRows() == 0) {
        throw new SQLException("expected rows to be written, came none");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException(e);
    } catch (Exception e) {
      throw new SQLException(e);
    }
  }

  private void write(List<ConsumerRecord<byte[], byte[]>> batch, OutputStream out)
      throws IOException {
    RowBinaryFormatWriter writer =
        new RowBinaryFormatWriter(out, schema, ClickHouseFormat.RowBinary);
    for (ConsumerRecord<byte[], byte[]> record : batch) {
      StepRun row = reader.deserialize(record.topic(), record.value());
      for (int column = 0; column < columns.size(); column++) {
        Object value = row.get(column);
        writer.setValue(
            column + 1, value instanceof Instant at ? at.atZone(ZoneOffset.UTC) : value);
      }
      writer.commitRow();
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
