package io.flowmeter.streams.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedClickHouse;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.fact.Workflow;
import io.flowmeter.schemas.rollup.Bucket;
import io.flowmeter.schemas.rollup.StepMinute;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.MigrationSettings;
import io.flowmeter.sql.Migrator;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a topic carries is what its table holds, column by column, in a real ClickHouse. */
class RelationTableIT {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00.123Z");
  private static final int ROWS = 40;

  @TempDir static Path data;

  private static EmbeddedClickHouse server;
  private static ClickHouseEndpoint endpoint;

  @BeforeAll
  static void start() throws SQLException {
    server = EmbeddedClickHouse.start(data, 0, ClickHouseUsers.of("writes", "reads"));
    endpoint =
        new ClickHouseEndpoint(server.httpUrl().toString(), ClickHouseUsers.WRITER, "writes");
    Migrator.apply(endpoint, MigrationSettings.defaults());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  static List<Topic<?>> relations() {
    return Topics.OF_RELATIONS;
  }

  @ParameterizedTest
  @MethodSource("relations")
  <T extends SpecificRecord> void everyColumnIsReadBackAsItWasTold(Topic<T> topic)
      throws SQLException {
    List<Schema.Field> fields = topic.schema().getFields();
    Random random = new Random(7);
    List<T> rows = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      T value = topic.type().cast(SpecificData.newInstance(topic.type(), topic.schema()));
      StringBuilder text = new StringBuilder();
      for (Schema.Field field : fields) {
        Object one = some(field, field.schema(), row, random);
        value.put(field.pos(), one);
        text.append(text(field, one)).append('|');
      }
      rows.add(value);
      expected.add(text.toString());
    }

    Upsert.of(endpoint, topic, rows, NOW);

    String columns = fields.stream().map(field -> column(field)).collect(Collectors.joining(", "));
    String others =
        topic.schema().getField("account_id") == null ? "" : " WHERE account_id != 'years'";
    assertThat(select("SELECT " + columns + " FROM " + rows(topic) + others))
        .containsExactlyInAnyOrderElementsOf(expected);
    if (topic == Topics.INSTANCES || topic == Topics.STEP_RUNS) {
      assertThat(
              select(
                  "SELECT DISTINCT toUnixTimestamp64Milli(inserted_at) FROM "
                      + topic.relation()
                      + "_rows"))
          .containsExactly(NOW.toEpochMilli() + "|");
    }
  }

  @Test
  void timesBeyondTheYearsThatClickHouseKnowsBecomeItsFirstAndLast() throws SQLException {
    Workflow workflow =
        Workflow.newBuilder()
            .setAccountId("years")
            .setWorkflow("w")
            .setCreatedAt(Instant.parse("0001-01-01T00:00:00Z"))
            .setDeletedAt(Instant.parse("9999-12-31T00:00:00Z"))
            .setObservedAt(NOW)
            .setRevision(1)
            .build();

    Upsert.of(endpoint, Topics.WORKFLOWS, List.of(workflow), NOW);

    assertThat(
            select(
                "SELECT toString(created_at), toString(deleted_at) FROM workflows_rows"
                    + " WHERE account_id = 'years'"))
        .containsExactly("1900-01-01 00:00:00.000|2299-12-31 23:59:59.999|");
  }

  @Test
  void aNumberThatTheColumnCannotHoldMakesTheRowUnreadable() {
    StepMinute minute =
        StepMinute.newBuilder()
            .setAccountId("a")
            .setWorkflow("w")
            .setVersionId("")
            .setStep("s")
            .setType("step")
            .setMinute(NOW)
            .setPart(1)
            .setRevision(1)
            .setWallBuckets(List.of(new Bucket(40_000, 1L)))
            .build();

    assertThatThrownBy(() -> Upsert.of(endpoint, Topics.STEP_MINUTES, List.of(minute), NOW))
        .isInstanceOf(SerializationException.class)
        .hasMessage("wall_buckets: expected a number that an Int16 can hold, came 40000");
  }

  /** A value that only this row and field have; null now and then. */
  private static Object some(Schema.Field field, Schema schema, int row, Random random) {
    return switch (schema.getType()) {
      case UNION -> row % 3 == 0 ? null : some(field, schema.getTypes().get(1), row, random);
      case STRING -> row == 6 ? "" : field.name() + "-ü" + "x".repeat(row * 5) + row;
      case BOOLEAN -> random.nextBoolean();
      case INT -> row == 0 ? Integer.MIN_VALUE : random.nextInt();
      case LONG -> {
        if (schema.getLogicalType() == null) {
          // Of a run partitions are made, of which an insert may have a hundred.
          yield field.name().equals("run")
              ? NOW.toEpochMilli() + row
              : row == 1 ? Long.MIN_VALUE : random.nextLong();
        }
        yield field.name().equals("minute")
            ? Instant.ofEpochSecond(NOW.getEpochSecond() / 60 * 60 + 60L * row)
            : NOW.plusMillis(random.nextInt(100_000_000));
      }
      case DOUBLE -> random.nextInt(1_000) - 500 + 0.25;
      case ARRAY -> items(schema.getElementType(), row, random);
      default ->
          throw new IllegalArgumentException("expected a type of a relation, came " + schema);
    };
  }

  private static List<Object> items(Schema item, int row, Random random) {
    List<Object> items = new ArrayList<>();
    for (int i = 0; i < row * 4; i++) {
      items.add(
          item.getType() == Schema.Type.STRING
              ? "item " + row + ' ' + i
              : new Bucket(i - 1, random.nextLong()));
    }
    return items;
  }

  /** The table, with what is stored as a difference added up as the relation does. */
  private static String rows(Topic<?> topic) {
    String sums =
        switch (topic.relation()) {
          case "step_runs" ->
              ", ifNull(dateDiff('millisecond', started_at, ended_at), 0) + wall_ms_off AS wall_ms,"
                  + " ifNull(ifNull(dateDiff('millisecond', started_at, ended_at), 0) + wall_ms_off, 0)"
                  + " - ifNull(backoff_ms, 0) + attempt_ms_off AS attempt_ms";
          case "step_attempts" ->
              ", ifNull(dateDiff('millisecond', started_at, ended_at), 0) + duration_ms_off AS duration_ms";
          case "step_minutes" ->
              ", wall_ms_sum - backoff_ms_sum + attempt_ms_off AS attempt_ms_sum,"
                  + " if(attempts_as_walls, wall_buckets, other_attempt_buckets) AS attempt_buckets";
          default -> "";
        };
    return "(SELECT *" + sums + " FROM " + topic.relation() + "_rows)";
  }

  private static String column(Schema.Field field) {
    String type = field.schema().toString();
    if (type.contains("timestamp-millis")) {
      return field.name().equals("minute")
          ? "toInt64(toUnixTimestamp(minute)) * 1000"
          : "toUnixTimestamp64Milli(" + field.name() + ")";
    }
    return "toString(" + field.name() + ")";
  }

  private static String text(Schema.Field field, Object value) {
    if (value instanceof Instant time) {
      return Long.toString(time.toEpochMilli());
    }
    if (value instanceof List<?> items) {
      boolean map = field.schema().getElementType().getType() == Schema.Type.RECORD;
      return items.stream()
          .map(
              item ->
                  item instanceof Bucket bucket
                      ? bucket.getBucket() + ":" + bucket.getCount()
                      : "'" + item + "'")
          .collect(Collectors.joining(",", map ? "{" : "[", map ? "}" : "]"));
    }
    return String.valueOf(value);
  }

  private static List<String> select(String query) throws SQLException {
    try (Connection connection = endpoint.connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      List<String> rows = new ArrayList<>();
      while (result.next()) {
        StringBuilder row = new StringBuilder();
        for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) {
          row.append(result.getString(column)).append('|');
        }
        rows.add(row.toString());
      }
      return rows;
    }
  }
}
