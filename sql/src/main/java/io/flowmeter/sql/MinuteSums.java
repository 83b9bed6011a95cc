package io.flowmeter.sql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Hours and days, which the server itself sums from minutes, each minute those of which one came
 * in. Until when they are whole is told in {@code sums_rows}; what is later is read from minutes.
 */
final class MinuteSums {
  /** Those first from which others are summed. */
  static final List<String> RELATIONS =
      List.of("workflow_hours", "step_hours", "workflow_days", "step_days");

  /** Tells until when they are whole. */
  private static final String TELLING = "sums_told";

  private static final String TOLD = "sums_rows";

  /** A sum that was cancelled ends at its next block of rows. */
  private static final Duration CANCELLING = Duration.ofSeconds(60);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

  private final Connection connection;

  MinuteSums(Connection connection) {
    this.connection = connection;
  }

  /** The tables that hold them, and the one that tells of them. */
  static List<String> tables() {
    return Stream.concat(RELATIONS.stream().map(RebuiltTables::table), Stream.of(TOLD)).toList();
  }

  /** The views that sum, and the one that tells of it, in the order in which they follow. */
  static List<String> views() {
    return Stream.concat(RELATIONS.stream().map(sums -> sums + "_summed"), Stream.of(TELLING))
        .toList();
  }

  /**
   * Stops the summing and forgets what was summed: from now on all is read from minutes, whichever
   * these are.
   *
   * @throws SQLException also where a sum does not end within a minute: then nothing is forgotten
   */
  void stop() throws SQLException {
    for (String view : views()) {
      execute("SYSTEM STOP VIEW " + view);
      execute("SYSTEM CANCEL VIEW " + view);
    }
    waitUntilNothingIsSummed(CANCELLING);
    execute("TRUNCATE TABLE " + TOLD);
    drop(RELATIONS);
  }

  /** Sums all minutes anew; what they were summed to before is gone. */
  void restart() throws SQLException {
    for (String sums : RELATIONS) {
      execute("TRUNCATE TABLE " + RebuiltTables.table(sums));
    }
    for (String view : views()) {
      execute("SYSTEM START VIEW " + view);
    }
  }

  /**
   * Tells that nothing is summed. A refresh that began before says nothing any more: the next one
   * sums everything.
   *
   * @param relations of which it is told; may be none
   */
  void drop(Collection<String> relations) throws SQLException {
    if (!relations.isEmpty()) {
      execute(
          relations.stream()
              .map(sums -> "('" + sums + "', 0)")
              .collect(
                  Collectors.joining(
                      ", ", "INSERT INTO " + TOLD + " (sums, whole_until) VALUES ", "")));
    }
  }

  /** A cancelled sum may still be writing; what it writes later would be of old minutes. */
  void waitUntilNothingIsSummed(Duration patience) throws SQLException {
    long deadline = System.nanoTime() + patience.toNanos();
    for (List<String> still = running(); !still.isEmpty(); still = running()) {
      if (System.nanoTime() > deadline) {
        throw new SQLException(
            "expected the cancelled refreshes of %s to end within %d s, but they are still running; nothing was swapped. Run the rebuild again"
                .formatted(String.join(", ", still), patience.toSeconds()));
      }
      try {
        Thread.sleep(LOOK_AGAIN.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SQLException("interrupted while sums of minutes were being cancelled", e);
      }
    }
  }

  private List<String> running() throws SQLException {
    String query =
        views().stream()
            .map(view -> "'" + view + "'")
            .collect(
                Collectors.joining(
                    ", ",
                    "SELECT view FROM system.view_refreshes WHERE database = currentDatabase() AND view IN (",
                    ") AND status IN ('Running', 'RunningOnAnotherReplica')"));
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      List<String> running = new ArrayList<>();
      while (rows.next()) {
        running.add(rows.getString(1));
      }
      return running;
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
