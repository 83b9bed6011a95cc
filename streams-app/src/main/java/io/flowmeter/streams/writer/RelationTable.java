package io.flowmeter.streams.writer;

import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.rollup.Bucket;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/**
 * The storage table of a relation. A field of the topic's schema is the column of the same name;
 * there is no other mapping. Only {@code inserted_at} is the writer's own: when, by its clock, the
 * row was written.
 */
final class RelationTable {
  /**
   * As ClickHouse reads times of any precision; always UTC, whatever the server's or the driver's
   * zone.
   */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** Relations whose rows tell when they were written. */
  private static final Set<Topic<?>> STAMPED = Set.of(Topics.INSTANCES, Topics.STEP_RUNS);

  private final String insert;
  private final boolean stamped;
  private final int columns;

  /** Columns that hold a list of texts; all other lists are buckets. */
  private final Set<Integer> texts;

  RelationTable(Topic<?> topic) {
    List<String> names =
        new ArrayList<>(topic.schema().getFields().stream().map(Schema.Field::name).toList());
    columns = names.size();
    texts =
        topic.schema().getFields().stream()
            .filter(field -> field.schema().getType() == Schema.Type.ARRAY)
            .filter(field -> field.schema().getElementType().getType() == Schema.Type.STRING)
            .map(Schema.Field::pos)
            .collect(Collectors.toSet());
    stamped = STAMPED.contains(topic);
    if (stamped) {
      names.add("inserted_at");
    }
    insert =
        "INSERT INTO "
            + topic.relation()
            + "_rows ("
            + String.join(", ", names)
            + ") VALUES ("
            + names.stream().map(name -> "?").collect(Collectors.joining(", "))
            + ")";
  }

  /** Upserts the rows in one round trip. Repeating it changes nothing. */
  void upsert(Connection connection, List<? extends SpecificRecord> rows, Instant now)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      for (SpecificRecord row : rows) {
        for (int at = 0; at < columns; at++) {
          statement.setObject(
              at + 1, texts.contains(at) ? texts((List<?>) row.get(at)) : column(row.get(at)));
        }
        if (stamped) {
          statement.setObject(columns + 1, TIME.format(now));
        }
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private static Object texts(List<?> texts) {
    return texts.toArray(String[]::new);
  }

  private static Object column(Object value) {
    if (value instanceof Instant time) {
      return TIME.format(time);
    }
    if (value instanceof List<?> buckets) {
      Map<Integer, Long> map = new LinkedHashMap<>();
      for (Object bucket : buckets) {
        map.put(((Bucket) bucket).getBucket(), ((Bucket) bucket).getCount());
      }
      return map;
    }
    return value;
  }
}
