package io.flowmeter.cli.doctor;

import static io.flowmeter.cli.doctor.Finding.fine;
import static io.flowmeter.cli.doctor.Finding.wrong;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.migrate.BackendMigration;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.schemas.Topics;
import io.flowmeter.sql.ClickHouseEndpoint;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What is to be said of a ClickHouse that there ought to be, of its users and relations. */
final class ClickHouseFindings {
  /**
   * Of the last week, by workflow: steps whose names are folded, and step runs of no step's name.
   */
  private static final String STEP_NAMES =
      """
      SELECT workflow, uniqExactIf(step, position(step, '{}') > 0) AS folded,
             sumIf(runs, step = '(other)') AS other
      FROM step_hours
      WHERE hour >= now('UTC') - INTERVAL 7 DAY AND (position(step, '{}') > 0 OR step = '(other)')
      GROUP BY account_id, workflow
      ORDER BY other DESC, folded DESC, workflow
      LIMIT 20""";

  private final Backends backends;

  ClickHouseFindings(Backends backends) {
    this.backends = backends;
  }

  List<Finding> all() {
    List<Finding> found = new ArrayList<>();
    ClickHouseEndpoint writer;
    ClickHouseEndpoint reader;
    try {
      writer = backends.writer();
      reader = backends.reader();
    } catch (RuntimeException e) {
      return List.of(wrong("ClickHouse", Reason.of(e), "Check the clickhouse.* settings"));
    }
    try (Connection connection = writer.connect()) {
      found.add(
          fine(
              "ClickHouse",
              "%s: version %s, as %s"
                  .formatted(writer.url(), one(connection, "SELECT version()"), writer.user())));
      found.add(
          new ClockSkewCheck(backends.settings().get(Setting.CLOCK)).ofClickHouse(connection));
      List<String> missing = BackendMigration.missingRelations(connection);
      found.add(
          missing.isEmpty()
              ? fine(
                  "relations",
                  "all %d are there; migrations: %s"
                      .formatted(
                          Topics.OF_RELATIONS.size(),
                          one(
                              connection,
                              "SELECT arrayStringConcat(arraySort(groupArray(name)), ', ') FROM schema_migrations FINAL")))
              : wrong(
                  "relations",
                  "missing: " + String.join(", ", missing) + ". Run flowmeter migrate"));
      if (missing.isEmpty()) {
        found.add(stepNames(connection));
        found.addAll(new ServerState(connection, writer.user()).findings());
      }
    } catch (SQLException e) {
      found.add(wrong("ClickHouse", refused(writer, e)));
      return found;
    }
    try (Connection connection = reader.connect()) {
      found.add(fine("reader", one(connection, "SELECT currentUser()") + " may log in"));
    } catch (SQLException e) {
      found.add(wrong("reader", refused(reader, e)));
    }
    return found;
  }

  /** Workflows of which so many steps were seen that names were folded. */
  private static Finding stepNames(Connection connection) throws SQLException {
    String subject = "step names";
    List<String> folded = new ArrayList<>();
    List<String> other = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(STEP_NAMES)) {
      while (row.next()) {
        String workflow = row.getString("workflow");
        if (row.getLong("folded") > 0) {
          folded.add("%s (%,d steps)".formatted(workflow, row.getLong("folded")));
        }
        if (row.getLong("other") > 0) {
          other.add("%s (%,d step runs)".formatted(workflow, row.getLong("other")));
        }
      }
    }
    String foldedText =
        folded.isEmpty()
            ? "none had to be folded in the last week"
            : "ids are folded to {} since there are more than 200: " + String.join(", ", folded);
    return other.isEmpty()
        ? fine(subject, foldedText)
        : wrong(
            subject,
            "more than 1,000 even without ids, so that new ones are (other): %s. Keep what differs from run to run out of the names of steps%s"
                .formatted(
                    String.join(", ", other), folded.isEmpty() ? "" : ". Also, " + foldedText));
  }

  private static String refused(ClickHouseEndpoint endpoint, SQLException e) {
    return "%s: came %s. Check clickhouse.url, the user and the password; without the database, run flowmeter migrate"
        .formatted(endpoint, Reason.of(e));
  }

  private static String one(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getString(1) : "";
    }
  }
}
