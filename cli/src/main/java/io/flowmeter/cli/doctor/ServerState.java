package io.flowmeter.cli.doctor;

import static io.flowmeter.cli.doctor.Finding.absent;
import static io.flowmeter.cli.doctor.Finding.fine;
import static io.flowmeter.cli.doctor.Finding.wrong;

import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Whether a ClickHouse that answers can take rows and be asked for them. */
final class ServerState {
  private static final int UNKNOWN_TABLE = 60;

  /** Below it merges, which need room for a copy of what they merge, begin to fail. */
  private static final double FREE_SHARE = 0.05;

  /** What people restart and delete by hand stays below it. */
  private static final double LOST_SHARE = 0.01;

  private static final String LOSSES =
      "SELECT sum(known), sum(lost_restarted), sum(lost_vanished), sum(late_ignored),"
          + " sum(lost_sampled_out) FROM flowmeter.collector_minutes WHERE minute > now() - INTERVAL 1 DAY";

  private static final String GIB = "formatReadableSize(free_space)";

  private final Connection connection;
  private final String user;

  ServerState(Connection connection, String user) {
    this.connection = connection;
    this.user = user;
  }

  /** All there is to find. */
  List<Finding> findings() throws SQLException {
    List<Finding> found = new ArrayList<>();
    found.addAll(relations());
    found.add(rights());
    found.addAll(disks());
    found.addAll(sums());
    found.add(losses());
    return found;
  }

  /** A relation stands on tables; one of them may have been dropped. */
  private List<Finding> relations() throws SQLException {
    List<Finding> found = new ArrayList<>();
    for (Topic<?> topic : Topics.OF_RELATIONS) {
      try {
        rows("SELECT * FROM flowmeter." + topic.relation() + " LIMIT 0");
      } catch (SQLException e) {
        found.add(
            e.getErrorCode() == UNKNOWN_TABLE
                ? wrong(
                    "relation " + topic.relation(),
                    "a table that it stands on was dropped: " + shortened(Reason.of(e)),
                    "Stop flowmeter stream, restore the table from a backup or make it anew, then run flowmeter rebuild: see operations.md")
                : wrong(
                    "relation " + topic.relation(), "cannot be read: " + shortened(Reason.of(e))));
      }
    }
    return found;
  }

  /** Whether the writer may write, on a server that lets it. */
  private Finding rights() throws SQLException {
    String readonly = one("SELECT value FROM system.settings WHERE name = 'readonly'").orElse("0");
    if (!readonly.equals("0")) {
      return wrong(
          "rights",
          "%s may only read (setting readonly = %s)".formatted(user, readonly),
          "Give it a profile that may write, or set clickhouse.user to one that does");
    }
    if (one("CHECK GRANT INSERT ON flowmeter.*").filter("0"::equals).isPresent()) {
      return wrong(
          "rights",
          user + " may not insert into flowmeter.*",
          "GRANT ALL ON flowmeter.* TO %s, as a user that may".formatted(user));
    }
    return fine("rights", user + " may write");
  }

  private List<Finding> disks() {
    List<Finding> found = new ArrayList<>();
    try {
      for (List<String> disk :
          rows(
              "SELECT name, toString(free_space / total_space), "
                  + GIB
                  + ", toString(is_read_only) FROM system.disks WHERE total_space > 0")) {
        double free = Double.parseDouble(disk.get(1));
        if (disk.get(3).equals("1")) {
          found.add(
              wrong(
                  "disk " + disk.get(0),
                  "ClickHouse has it read-only",
                  "Look why in the server's log, mend it, and restart ClickHouse; rows wait in Kafka for 7 days"));
        } else if (free < FREE_SHARE) {
          found.add(
              wrong(
                  "disk " + disk.get(0),
                  String.format(
                      Locale.ROOT, "nearly full: %.1f %% free (%s)", 100 * free, disk.get(2)),
                  "Make room, or keep less: retention.facts, retention.rollups; rows wait in Kafka for 7 days"));
        } else {
          found.add(
              fine(
                  "disk " + disk.get(0),
                  String.format(Locale.ROOT, "%.0f %% free (%s)", 100 * free, disk.get(2))));
        }
      }
    } catch (SQLException e) {
      found.add(absent("disks", "cannot be asked for: grant SELECT on system.disks to " + user));
    }
    return found;
  }

  /** Views that are computed every minute. */
  private List<Finding> sums() {
    List<Finding> found = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet view =
            statement.executeQuery(
                "SELECT view, exception, last_success_time FROM system.view_refreshes"
                    + " WHERE database = 'flowmeter' AND (exception != ''"
                    + " OR status = 'Disabled' OR last_success_time < now() - INTERVAL 10 MINUTE)")) {
      while (view.next()) {
        Optional<Instant> last =
            Optional.ofNullable(view.getTimestamp("last_success_time")).map(Timestamp::toInstant);
        String exception = view.getString("exception");
        Finding each =
            wrong(
                "sums",
                exception.isEmpty()
                    ? view.getString("view")
                        + " is not refreshed, so that dashboards of days show too little"
                    : "%s cannot be refreshed: %s"
                        .formatted(view.getString("view"), shortened(exception)),
                "Mend what it says, then: SYSTEM START VIEW flowmeter.%1$s; SYSTEM REFRESH VIEW flowmeter.%1$s"
                    .formatted(view.getString("view")));
        found.add(last.map(each::since).orElse(each));
      }
    } catch (SQLException e) {
      return List.of(
          absent("sums", "cannot be asked for: grant SELECT on system.view_refreshes to " + user));
    }
    return found.isEmpty() ? List.of(fine("sums", "hours and days are summed up")) : found;
  }

  /**
   * Ended runs of the last day that can never be fetched. That some were sampled out is told, and
   * is as it should be where they are more than the budget can fetch.
   */
  private Finding losses() {
    List<String> sums;
    try {
      sums = rows(LOSSES).get(0);
    } catch (SQLException e) {
      return absent("losses", "cannot be asked for: " + shortened(Reason.of(e)));
    }
    long known = Long.parseLong(sums.get(0));
    long restarted = Long.parseLong(sums.get(1));
    long vanished = Long.parseLong(sums.get(2));
    long late = Long.parseLong(sums.get(3));
    long sampledOut = Long.parseLong(sums.get(4));
    String told =
        String.format(
            Locale.ROOT,
            "of %,d ended runs of the last day %,d were restarted and %,d vanished before they were fetched, %,d were more than the request budget can fetch; %,d sightings came too late to count",
            known,
            restarted,
            vanished,
            sampledOut,
            late);
    return restarted + vanished > known * LOST_SHARE
        ? wrong(
            "losses",
            told,
            "They are lost for good. The API removes what it no longer retains: let ingest run without long breaks (two of them), and see in flowmeter_interval_seconds that it polls often enough")
        : fine("losses", told);
  }

  private Optional<String> one(String sql) throws SQLException {
    return rows(sql).stream().findFirst().map(row -> row.get(0));
  }

  private List<List<String>> rows(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<List<String>> rows = new ArrayList<>();
      while (result.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          row.add(String.valueOf(result.getString(i)));
        }
        rows.add(row);
      }
      return rows;
    }
  }

  /** The server quotes statements, which would fill the screen. */
  private static String shortened(String text) {
    String line = text.lines().findFirst().orElse("");
    return line.length() <= 300 ? line : line.substring(0, 300) + "…";
  }
}
