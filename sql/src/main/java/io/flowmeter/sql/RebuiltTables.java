package io.flowmeter.sql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The tables that a rebuild fills beside those in use, and that take their place at its end. Of
 * relations whose rows belong to runs, all rows of runs before the boundary are carried over as
 * they are; of rollups all minutes well before it, and what carried runs put into later minutes is
 * recounted from their facts. Where there are no minutes before, since the table was lost, those of
 * all carried runs whose facts are there are recounted.
 */
public final class RebuiltTables implements AutoCloseable {
  private static final List<String> FACTS =
      List.of("instances", "transitions", "step_runs", "step_attempts");

  /** What a column stands for where another is stored in its place. */
  private static final Map<String, String> STORED_OTHERWISE =
      Map.of("other_attempt_buckets", "if(attempts_as_walls, wall_buckets, other_attempt_buckets)");

  /** What carried runs put into minutes after the boundary is recounted from these tables. */
  public static final Set<String> RECOUNTED_FROM = Set.of("instances_rows", "step_runs_rows");

  private static final List<String> ROLLUPS = List.of("workflow_minutes", "step_minutes");

  /** Times of a run a little before its name, as clocks that disagree make them, are within. */
  private static final Duration SLACK = Duration.ofMinutes(10);

  /** The UUID of tables of database engines that have none. */
  private static final String NOBODY = "00000000-0000-0000-0000-000000000000";

  private static final long MINUTE_MS = Duration.ofMinutes(1).toMillis();

  private final Connection connection;
  private final SchemaLock lock;

  private RebuiltTables(Connection connection, SchemaLock lock) {
    this.connection = connection;
    this.lock = lock;
  }

  /**
   * What a rebuild makes other in a relation: rows by key, hidden columns and {@code inserted_at}
   * left aside.
   */
  public record Difference(String relation, long rows, long added, long changed, long gone) {}

  /**
   * Holds the schema's lock until it is closed: neither another rebuild nor a migration comes in
   * between.
   *
   * @throws MigrationException where another has it for too long
   */
  public static RebuiltTables lock(ClickHouseEndpoint endpoint, MigrationSettings settings)
      throws SQLException {
    SchemaLock lock = SchemaLock.acquire(endpoint, settings);
    try {
      return new RebuiltTables(endpoint.connect(), lock);
    } catch (SQLException e) {
      lock.close();
      throw e;
    }
  }

  /** The table in use of a relation. */
  public static String table(String relation) {
    return relation + "_rows";
  }

  /** The table that a rebuild fills. */
  public static String scratchTable(String relation) {
    return table(relation) + "_rebuild";
  }

  /** The relations whose tables are rebuilt. */
  public static List<String> relations() {
    List<String> all = new ArrayList<>(FACTS);
    all.addAll(ROLLUPS);
    return all;
  }

  /** Makes them anew, empty. */
  public void make() throws SQLException {
    drop();
    for (String relation : relations()) {
      execute("CREATE TABLE %s AS %s".formatted(scratchTable(relation), table(relation)));
    }
  }

  /** Removes them; after a swap, what was in use before. */
  public void drop() throws SQLException {
    for (String relation : relations()) {
      execute("DROP TABLE IF EXISTS " + scratchTable(relation) + " SYNC");
    }
  }

  /**
   * How many rows the rebuild told of minutes in which it cannot have had a part; anything but 0
   * says that runs lie otherwise than their names tell.
   *
   * @param boundary in epoch milliseconds
   */
  public long strayMinutes(long boundary) throws SQLException {
    long stray = 0;
    for (String relation : ROLLUPS) {
      stray +=
          number(
              "SELECT count() FROM %s WHERE minute < %s"
                  .formatted(scratchTable(relation), time(firstRecounted(boundary))));
    }
    return stray;
  }

  /**
   * Carries over what belongs to runs before the boundary.
   *
   * @param boundary in epoch milliseconds
   * @return runs that were carried over
   */
  public long carry(long boundary) throws SQLException {
    for (String relation : FACTS) {
      carryBefore(relation, "run < " + boundary, boundary);
    }
    for (String relation : ROLLUPS) {
      long from = recountedFrom(relation, boundary);
      carryBefore(relation, "minute < " + time(from), from);
      SqlScript recount = SqlScript.resource("rebuild/" + relation + ".sql");
      for (String statement :
          recount
              .with(
                  Map.of(
                      "boundary", Long.toString(boundary),
                      "from", Long.toString(from),
                      "part", "reinterpretAsInt64(sipHash64('carried', " + boundary + "))"))
              .statements()) {
        execute(statement);
      }
    }
    return number(
        "SELECT count() FROM %s FINAL WHERE run < %d"
            .formatted(scratchTable("instances"), boundary));
  }

  /** Whole months are taken over as files, without a copy; the boundary's own month row by row. */
  private void carryBefore(String relation, String condition, long untilMs) throws SQLException {
    YearMonth last = YearMonth.from(Instant.ofEpochMilli(untilMs).atOffset(ZoneOffset.UTC));
    String partition = "%d%02d".formatted(last.getYear(), last.getMonthValue());
    for (String month :
        strings(
            ("SELECT DISTINCT partition_id FROM system.parts WHERE database = currentDatabase()"
                    + " AND table = '%s' AND active AND toUInt32OrZero(partition_id) < %s")
                .formatted(table(relation), partition))) {
      execute(
          "ALTER TABLE %s ATTACH PARTITION ID '%s' FROM %s"
              .formatted(scratchTable(relation), month, table(relation)));
    }
    execute(
        "INSERT INTO %s SELECT * FROM %s WHERE %s AND _partition_id = '%s'"
            .formatted(scratchTable(relation), table(relation), condition, partition));
  }

  /** Runs that were derived anew. */
  public long derived(Optional<Long> boundary) throws SQLException {
    return number(
        "SELECT count() FROM %s FINAL WHERE run >= %d"
            .formatted(scratchTable("instances"), boundary.orElse(Long.MIN_VALUE)));
  }

  /** What is other than in the tables in use, relation by relation. */
  public List<Difference> differences(Optional<Long> boundary) throws SQLException {
    List<Difference> differences = new ArrayList<>();
    for (String relation : FACTS) {
      String key = key(relation);
      String hash =
          columns(relation).keySet().stream()
              .filter(name -> !List.of("revision", "deleted", "inserted_at").contains(name))
              .collect(Collectors.joining(", ", "sipHash64(toString(tuple(", ")))"));
      String rows =
          "SELECT %s, %%d AS side, %s AS hash FROM %%s FINAL WHERE run >= %d"
              .formatted(key, hash, boundary.orElse(Long.MIN_VALUE));
      differences.add(difference(relation, key, rows));
    }
    for (String relation : ROLLUPS) {
      String key = key(relation).replace(", part", "");
      Map<String, String> sums = sums(relation);
      String rows =
          "SELECT %s, %%d AS side, sipHash64(toString(tuple(%s))) AS hash FROM %%s FINAL WHERE minute >= %s GROUP BY %s HAVING %s"
              .formatted(
                  key,
                  String.join(", ", sums.values()),
                  time(boundary.isEmpty() ? 0 : recountedFrom(relation, boundary.get())),
                  key,
                  sums.values().stream()
                      .filter(sum -> sum.startsWith("sum("))
                      .map(sum -> sum + " != 0")
                      .collect(Collectors.joining(" OR ")));
      differences.add(difference(relation, key, rows));
    }
    return differences;
  }

  private Difference difference(String relation, String key, String rows) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                """
                SELECT countIf(now > 0), countIf(before = 0), countIf(before > 0 AND now > 0 AND hash_before != hash_now),
                       countIf(now = 0)
                FROM (SELECT countIf(side = 0) AS before, countIf(side = 1) AS now,
                             anyIf(hash, side = 0) AS hash_before, anyIf(hash, side = 1) AS hash_now
                      FROM (%s UNION ALL %s) GROUP BY %s)
                SETTINGS max_bytes_before_external_group_by = 1000000000
                """
                    .formatted(
                        rows.formatted(0, table(relation)),
                        rows.formatted(1, scratchTable(relation)),
                        key))) {
      result.next();
      return new Difference(
          relation, result.getLong(1), result.getLong(2), result.getLong(3), result.getLong(4));
    }
  }

  /** What adds up in a rollup, by column. */
  private Map<String, String> sums(String relation) throws SQLException {
    Map<String, String> sums = new TreeMap<>();
    columns(relation)
        .forEach(
            (name, type) -> {
              if (type.startsWith("Map")) {
                sums.put(
                    name,
                    "mapFilter((bucket, n) -> n != 0, sumMap(%s))"
                        .formatted(STORED_OTHERWISE.getOrDefault(name, name)));
              } else if (type.equals("Int64") && !List.of("part", "revision").contains(name)) {
                sums.put(name, "sum(" + name + ")");
              }
            });
    return sums;
  }

  /** The identity of each table that is to come into use, by relation. */
  public Map<String, String> identities() throws SQLException {
    Map<String, String> all = uuids();
    Map<String, String> identities = new HashMap<>();
    for (String relation : relations()) {
      String identity = all.get(scratchTable(relation));
      if (identity == null || identity.equals(NOBODY)) {
        throw new SQLException(
            "expected a UUID of the table %s, came %s: tables can be exchanged in a database of the engine Atomic only"
                .formatted(scratchTable(relation), identity));
      }
      identities.put(relation, identity);
    }
    return identities;
  }

  /**
   * Brings tables into use in the place of others. Where that was begun before, it is ended: who
   * each table is tells whether it is done.
   *
   * @param identities as {@link #identities} told them
   */
  public void swap(Map<String, String> identities) throws SQLException {
    Map<String, String> now = uuids();
    List<String> exchanges = new ArrayList<>();
    for (String relation : relations()) {
      String wanted = identities.get(relation);
      if (wanted.equals(now.get(table(relation)))) {
        continue;
      }
      if (!wanted.equals(now.get(scratchTable(relation)))) {
        throw new SQLException(
            "expected the rebuilt table of %s as %s with UUID %s, came %s: it was removed or made anew by hand. Put it back, or drop %s and run the rebuild again"
                .formatted(
                    relation,
                    scratchTable(relation),
                    wanted,
                    now.get(scratchTable(relation)),
                    table(relation)));
      }
      exchanges.add(table(relation) + " AND " + scratchTable(relation));
    }
    lock.requireHeld();
    MinuteSums sums = new MinuteSums(connection);
    sums.stop();
    if (!exchanges.isEmpty()) {
      // One statement: whoever asks meanwhile sees all of it or, for a moment, a part, never none.
      execute("EXCHANGE TABLES " + String.join(", ", exchanges));
    }
    sums.restart();
  }

  /**
   * Tables in use that are not there: those of these relations, and those of the sums of minutes.
   */
  public static List<String> missing(ClickHouseEndpoint endpoint, List<String> relations)
      throws SQLException {
    try (Connection connection = endpoint.connect()) {
      Map<String, String> there = uuids(connection);
      return Stream.concat(
              relations.stream().map(RebuiltTables::table), MinuteSums.tables().stream())
          .filter(table -> !there.containsKey(table))
          .toList();
    }
  }

  private Map<String, String> uuids() throws SQLException {
    return uuids(connection);
  }

  private static Map<String, String> uuids(Connection connection) throws SQLException {
    Map<String, String> uuids = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT name, toString(uuid) FROM system.tables WHERE database = currentDatabase()")) {
      while (rows.next()) {
        uuids.put(rows.getString(1), rows.getString(2));
      }
    }
    return uuids;
  }

  private String key(String relation) throws SQLException {
    return strings(
            "SELECT sorting_key FROM system.tables WHERE database = currentDatabase() AND name = '%s'"
                .formatted(table(relation)))
        .get(0);
  }

  private Map<String, String> columns(String relation) throws SQLException {
    Map<String, String> columns = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = '%s' AND default_kind != 'EPHEMERAL'"
                    .formatted(table(relation)))) {
      while (rows.next()) {
        columns.put(rows.getString(1), rows.getString(2));
      }
    }
    return columns;
  }

  /** The first minute that a run after the boundary can have a part in, in epoch milliseconds. */
  private static long firstRecounted(long boundary) {
    return Math.floorDiv(boundary - SLACK.toMillis(), MINUTE_MS) * MINUTE_MS;
  }

  private long recountedFrom(String relation, long boundary) throws SQLException {
    long first = firstRecounted(boundary);
    boolean hasEarlier =
        number(
                "SELECT count() FROM (SELECT 1 FROM %s WHERE minute < %s LIMIT 1)"
                    .formatted(table(relation), time(first)))
            > 0;
    return hasEarlier ? first : 0;
  }

  private static String time(long minuteMs) {
    return "toDateTime(%d, 'UTC')".formatted(minuteMs / 1_000);
  }

  private long number(String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private List<String> strings(String query) throws SQLException {
    List<String> strings = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        strings.add(rows.getString(1));
      }
    }
    return strings;
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws SQLException {
    try (lock) {
      connection.close();
    }
  }
}
