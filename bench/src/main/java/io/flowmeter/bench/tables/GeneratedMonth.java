package io.flowmeter.bench.tables;

import io.flowmeter.bench.BenchmarkException;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.SqlScript;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Rows of all tables as the pipeline tells them of a month: 50 workflows of 20 steps, UUIDs,
 * log-normal durations, 5 % of steps retried, 2 % failed, each with a message of its own.
 * ClickHouse makes them itself, from numbers.
 *
 * @param stepRuns how many steps ended, a multiple of 20
 * @param span how long ago the first of them was
 */
record GeneratedMonth(long stepRuns, Duration span) {
  static final int STEPS = 20;

  private static final String ACCOUNT = "0123456789abcdef0123456789abcdef";

  /** As many as fit into memory while they become rows. */
  private static final long RUNS_AT_ONCE = 50_000;

  /** What grows with the runs. */
  static final List<String> TABLES =
      List.of(
          "instances_rows",
          "transitions_rows",
          "step_runs_rows",
          "step_attempts_rows",
          "workflow_minutes_rows",
          "step_minutes_rows",
          "workflow_hours_rows",
          "step_hours_rows",
          "status_counts_rows",
          "status_counts_now_rows",
          "collector_minutes_rows",
          "workflows_rows",
          "versions_rows");

  /** Fills empty tables, up to now, and merges what a server at leisure would have merged. */
  void fill(ClickHouseEndpoint endpoint, Instant now, Consumer<String> progress)
      throws SQLException {
    long to = now.toEpochMilli();
    long from = to - span.toMillis();
    long runs = stepRuns / STEPS;
    try (Connection connection = endpoint.connect();
        Statement statement = connection.createStatement()) {
      run(statement, "begin.sql", Map.of("from", from, "to", to));
      for (long first = 0; first < runs; first += RUNS_AT_ONCE) {
        long many = Math.min(RUNS_AT_ONCE, runs - first);
        progress.accept(
            String.format(
                Locale.ROOT,
                "made %.1f of %.1f million step runs",
                STEPS * first / 1e6,
                stepRuns / 1e6));
        run(
            statement,
            "chunk.sql",
            Map.of(
                "first",
                first,
                "runs",
                many,
                "from",
                from + (to - from) * first / runs,
                "to",
                from + (to - from) * (first + many) / runs));
      }
      run(statement, "end.sql", Map.of("from", from, "to", to));
      progress.accept("summing hours");
      for (String hours : List.of("workflow_hours_summed", "step_hours_summed")) {
        statement.execute("SYSTEM REFRESH VIEW " + hours);
        statement.execute("SYSTEM WAIT VIEW " + hours);
      }
      for (String table : TABLES) {
        progress.accept("merging " + table);
        statement.execute("OPTIMIZE TABLE " + table + " FINAL");
      }
    }
  }

  private static void run(Statement statement, String script, Map<String, Long> numbers)
      throws SQLException {
    Map<String, String> values = new HashMap<>(Map.of("account", ACCOUNT));
    numbers.forEach((name, value) -> values.put(name, Long.toString(value)));
    for (String sql : read(script).with(values).statements()) {
      statement.execute(sql);
    }
  }

  static SqlScript read(String name) {
    try (InputStream in = GeneratedMonth.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + name + " is missing from this build");
      }
      return new SqlScript(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new BenchmarkException("the resource " + name + " cannot be read", e);
    }
  }
}
