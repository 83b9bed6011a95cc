package io.flowmeter.bench.tables;

import io.flowmeter.bench.BenchmarkException;
import io.flowmeter.bench.Figure;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What all tables take on disk, by step run.
 *
 * @param stepRuns how many are made
 * @param span the time over which they are spread: it decides how many share a minute
 * @param kept where they are kept once they are made, if anywhere
 */
public record StorageBenchmark(long stepRuns, Duration span, Optional<Path> kept) {
  private static final int COLUMNS_TOLD = 15;

  /** How it is measured, to be read before the figures. */
  public String method() {
    return String.format(
        Locale.ROOT,
        """
        %.1f million step runs over %d hours: 50 workflows of 20 steps, UUIDs, log-normal durations, 5 %% retried,
        2 %% failed with messages of their own, as rows of all tables of the embedded ClickHouse, minutes in a part
        for each of 4 partitions that saw facts of theirs. Made in chunks, then merged.
        Bytes on disk of all that belongs to a table, indexes and marks, too, ÷ step runs.
        The same number over less time shares minutes more: 100 million over 30 days are 3.3 million a day.""",
        stepRuns / 1e6,
        span.toHours());
  }

  /**
   * Runs.
   *
   * @param progress is told how far it is
   */
  public List<Figure> run(Consumer<String> progress) {
    try (GeneratedMonth.Made month = new GeneratedMonth(stepRuns, span).made(kept, progress);
        Connection connection = month.servers().clickHouse().connect();
        Statement statement = connection.createStatement()) {
      return figures(statement);
    } catch (IOException | SQLException e) {
      throw new BenchmarkException("the tables could not be filled: " + e.getMessage(), e);
    }
  }

  private List<Figure> figures(Statement statement) throws SQLException {
    List<Figure> figures = new ArrayList<>();
    double all = 0;
    try (ResultSet tables =
        statement.executeQuery(
            """
            SELECT table, sum(rows) AS many, sum(bytes_on_disk) AS bytes
            FROM system.parts WHERE active AND database = currentDatabase() AND endsWith(table, '_rows')
            GROUP BY table ORDER BY bytes DESC""")) {
      while (tables.next()) {
        double bytes = tables.getDouble("bytes");
        all += bytes;
        String name = "storage." + tables.getString("table");
        figures.add(new Figure(name + ".rows", tables.getDouble("many") / stepRuns, "ratio"));
        figures.add(new Figure(name, bytes / stepRuns, "B"));
      }
    }
    try (ResultSet columns =
        statement.executeQuery(
            """
            SELECT table, column, sum(column_bytes_on_disk) AS bytes
            FROM system.parts_columns WHERE active AND database = currentDatabase() AND endsWith(table, '_rows')
            GROUP BY table, column ORDER BY bytes DESC LIMIT %d"""
                .formatted(COLUMNS_TOLD))) {
      while (columns.next()) {
        figures.add(
            new Figure(
                "storage." + columns.getString("table") + "." + columns.getString("column"),
                columns.getDouble("bytes") / stepRuns,
                "B"));
      }
    }
    figures.add(new Figure("storage.bytes_per_step_run", all / stepRuns, "B"));
    return figures;
  }
}
