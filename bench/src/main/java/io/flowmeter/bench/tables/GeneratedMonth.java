package io.flowmeter.bench.tables;

import io.flowmeter.bench.BenchmarkException;
import io.flowmeter.bench.RealServers;
import io.flowmeter.clock.Clock;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.SqlScript;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;

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

  /** To write a part, and to merge parts, is the work of one thread. */
  private static final int LANES = 2;

  /** What grows with the runs; what takes longest to merge comes first. */
  static final List<String> TABLES =
      List.of(
          "step_runs_rows",
          "step_attempts_rows",
          "step_minutes_rows",
          "transitions_rows",
          "instances_rows",
          "workflow_minutes_rows",
          "workflow_hours_rows",
          "step_hours_rows",
          "workflow_days_rows",
          "step_days_rows",
          "status_counts_rows",
          "status_counts_now_rows",
          "collector_minutes_rows",
          "workflows_rows",
          "versions_rows");

  private static final List<String> SUMS =
      List.of(
          "workflow_hours_summed",
          "step_hours_summed",
          "workflow_days_summed",
          "step_days_summed",
          "sums_told");

  /**
   * A ClickHouse with such a month in it.
   *
   * @param servers to be closed by whoever asked for it
   * @param end when the month ended: what is asked of it is asked as of then
   */
  record Made(RealServers servers, Instant end) implements AutoCloseable {
    @Override
    public void close() {
      servers.close();
    }
  }

  /**
   * Makes it, or takes it as it was made before.
   *
   * @param kept where it is kept; else it goes with the server
   * @param progress is told how far it is
   * @throws BenchmarkException where another month is kept there, or one that was not finished
   */
  Made made(Optional<Path> kept, Consumer<String> progress) throws IOException, SQLException {
    RealServers servers =
        kept.isPresent() ? RealServers.clickHouseIn(kept.get()) : RealServers.clickHouseAlone();
    try {
      Optional<Instant> before = madeBefore(servers.clickHouse());
      return new Made(
          servers,
          before.isPresent()
              ? before.get()
              : fill(servers.clickHouse(), Clock.system().instant(), progress));
    } catch (SQLException | RuntimeException e) {
      servers.close();
      throw e;
    }
  }

  /**
   * When the month ended that is there, if one is; each is told when it is begun and when it is
   * whole.
   */
  private Optional<Instant> madeBefore(ClickHouseEndpoint endpoint) throws SQLException {
    try (Connection connection = endpoint.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE IF NOT EXISTS bench_months (step_runs Int64, hours Int64, ended_ms Int64, whole Bool)"
              + " ENGINE = ReplacingMergeTree(whole) ORDER BY ended_ms");
      try (ResultSet month =
          statement.executeQuery(
              "SELECT step_runs, hours, ended_ms, whole FROM bench_months FINAL")) {
        if (!month.next()) {
          return Optional.empty();
        }
        if (!month.getBoolean("whole")) {
          throw new BenchmarkException(
              "expected a whole month or none in the data folder, came one that was not finished: delete the folder");
        }
        if (month.getLong("step_runs") != stepRuns || month.getLong("hours") != span.toHours()) {
          throw new BenchmarkException(
              "expected %d step runs over %d hours in the data folder, came %d over %d: choose another folder, or ask for these"
                  .formatted(
                      stepRuns,
                      span.toHours(),
                      month.getLong("step_runs"),
                      month.getLong("hours")));
        }
        return Optional.of(Instant.ofEpochMilli(month.getLong("ended_ms")));
      }
    }
  }

  /** Fills empty tables, and merges what a server at leisure would have merged. */
  private Instant fill(ClickHouseEndpoint endpoint, Instant end, Consumer<String> progress)
      throws SQLException {
    long to = end.toEpochMilli();
    long from = to - span.toMillis();
    try (Connection connection = endpoint.connect();
        Statement statement = connection.createStatement()) {
      report(statement, to, false);
      // All is summed and merged at the end, once.
      for (String sums : SUMS) {
        statement.execute("SYSTEM STOP VIEW " + sums);
      }
      for (String table : TABLES) {
        statement.execute("SYSTEM STOP MERGES " + table);
      }
      run(statement, "begin.sql", Map.of("from", from, "to", to));
      AtomicLong next = new AtomicLong();
      atOnce(
          IntStream.range(0, LANES)
              .<Callable<Void>>mapToObj(
                  lane -> () -> chunks(endpoint, lane, next, from, to, progress))
              .toList());
      run(statement, "end.sql", Map.of("from", from, "to", to));
      merge(endpoint, progress);
      progress.accept("summing hours and days");
      for (String sums : SUMS) {
        statement.execute("SYSTEM START VIEW " + sums);
        statement.execute("SYSTEM REFRESH VIEW " + sums);
        statement.execute("SYSTEM WAIT VIEW " + sums);
      }
      merge(endpoint, progress);
      report(statement, to, true);
      return end;
    }
  }

  /** Makes one after another, until there are no more. */
  private Void chunks(
      ClickHouseEndpoint endpoint,
      int lane,
      AtomicLong next,
      long from,
      long to,
      Consumer<String> progress)
      throws SQLException {
    long runs = stepRuns / STEPS;
    try (Connection connection = endpoint.connect();
        Statement statement = connection.createStatement()) {
      for (long first = next.getAndAdd(RUNS_AT_ONCE);
          first < runs;
          first = next.getAndAdd(RUNS_AT_ONCE)) {
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
                "lane",
                (long) lane,
                "first",
                first,
                "runs",
                many,
                "from",
                from + (to - from) * first / runs,
                "to",
                from + (to - from) * (first + many) / runs));
      }
    }
    return null;
  }

  private void report(Statement statement, long endedMs, boolean whole) throws SQLException {
    statement.execute(
        "INSERT INTO bench_months VALUES (%d, %d, %d, %b)"
            .formatted(stepRuns, span.toHours(), endedMs, whole));
  }

  /** What is one part already stays as it is. */
  private static void merge(ClickHouseEndpoint endpoint, Consumer<String> progress)
      throws SQLException {
    atOnce(
        TABLES.stream()
            .<Callable<Void>>map(
                table ->
                    () -> {
                      progress.accept("merging " + table);
                      try (Connection connection = endpoint.connect();
                          Statement statement = connection.createStatement()) {
                        statement.execute("SYSTEM START MERGES " + table);
                        statement.execute(
                            "OPTIMIZE TABLE "
                                + table
                                + " FINAL SETTINGS optimize_skip_merged_partitions = 1");
                      }
                      return null;
                    })
            .toList());
  }

  private static void atOnce(List<Callable<Void>> works) throws SQLException {
    ExecutorService threads = Executors.newFixedThreadPool(LANES);
    try {
      for (Future<Void> done : threads.invokeAll(works)) {
        done.get();
      }
    } catch (ExecutionException e) {
      throw new SQLException("the month could not be made: " + e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("the month was not made, since that was interrupted", e);
    } finally {
      threads.shutdownNow();
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
