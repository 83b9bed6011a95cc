package io.flowmeter.e2e.verify;

import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.verify.relation.Relation;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Spoils one row of a base table and mends it again. Every change is a row of a higher revision, as
 * the product's own are.
 */
final class Tampering implements AutoCloseable {

  /** After it there is none, so that the next position is free. */
  private static final String LAST_STEP =
      "(run, instance_id, step_index) IN"
          + " (SELECT run, instance_id, max(step_index) FROM step_runs GROUP BY run, instance_id)";

  private static final String NO_REVISIONS = "expected rows of revisions, came sums of minutes";

  private final Connection connection;
  private final Relation relation;
  private final String table;
  private final String chosen;
  private int revisions;

  /** A way to spoil a row. */
  enum Kind {
    DELETED,
    ALTERED,
    DOUBLED
  }

  private Tampering(Connection connection, Relation relation) {
    this.connection = connection;
    this.relation = relation;
    // Error groups have no rows but those of the runs that had them.
    Relation stored = relation == Relation.ERROR_GROUPS ? Relation.INSTANCES : relation;
    this.table = stored.sqlName() + "_rows";
    this.chosen = "chosen_of_" + relation.sqlName();
  }

  /** Chooses the row. */
  static Tampering with(ClickHouseEndpoint writer, Relation relation) throws SQLException {
    Tampering tampering = new Tampering(writer.connect(), relation);
    tampering.run("DROP TABLE IF EXISTS " + tampering.chosen);
    tampering.run(
        "CREATE TABLE %s ENGINE = MergeTree ORDER BY tuple() AS SELECT * FROM %s FINAL WHERE %s LIMIT 1"
            .formatted(tampering.chosen, tampering.table, worthwhile(relation)));
    if (!tampering.hasChosen()) {
      throw new AssertionError(
          "expected a row in %s where %s, to be spoilt, found none"
              .formatted(tampering.table, worthwhile(relation)));
    }
    return tampering;
  }

  private static String worthwhile(Relation relation) {
    return switch (relation) {
      case INSTANCES -> "end_kind = 'api' AND weight = 1";
      case ERROR_GROUPS -> "end_kind = 'api' AND error_group IS NOT NULL";
      case TRANSITIONS -> "to_status = 'complete' AND at_is_exact";
      case STEP_RUNS -> "attempts > 0 AND " + LAST_STEP;
      case STEP_ATTEMPTS -> LAST_STEP;
      case STATUS_COUNTS_NOW -> "status = 'complete' AND count > 0";
      case STATUS_COUNTS ->
          "status = 'complete' AND count > 0 AND (workflow, minute) IN"
              + " (SELECT workflow, max(minute) FROM status_counts GROUP BY workflow)";
      case COLLECTOR_MINUTES -> "requests > 0";
      // A part that took back all that it had been given counts nothing, and is missed by nobody.
      case WORKFLOW_MINUTES -> "queued > 0";
      case STEP_MINUTES -> "runs > 0";
      // The one of the outage, in which all err; it may have been told as two, and a bad deploy
      // beside it.
      case ERROR_SPIKES -> "workflow = 'nightly-report' ORDER BY observed_share DESC, errored DESC";
      default -> "true";
    };
  }

  void spoil(Kind kind) throws SQLException {
    switch (kind) {
      case DELETED -> insert("true AS deleted");
      case ALTERED -> insert(altered(relation));
      case DOUBLED -> insert(doubled(relation));
    }
  }

  void mend(Kind kind) throws SQLException {
    if (kind == Kind.DOUBLED) {
      insert(doubled(relation) + ", true AS deleted");
    } else {
      insert("false AS deleted");
    }
  }

  private static String altered(Relation relation) {
    return switch (relation) {
      case INSTANCES -> "assumeNotNull(lost_ms) + 1 AS lost_ms";
      case ERROR_GROUPS -> "concat(error_group, '-2') AS error_group";
      case TRANSITIONS -> "addMilliseconds(at, 1) AS at";
      case STEP_RUNS -> "attempt_ms_off + 1 AS attempt_ms_off";
      case STEP_ATTEMPTS -> "assumeNotNull(duration_ms_off) + 1 AS duration_ms_off";
      case WORKFLOW_MINUTES -> "queued + 1 AS queued";
      case STEP_MINUTES -> "runs + 1 AS runs";
      case STATUS_COUNTS, STATUS_COUNTS_NOW -> "count + 1 AS count";
      case WORKFLOWS, VERSIONS -> "'Another' AS class_name";
      case COLLECTOR_MINUTES -> "requests + 1 AS requests";
      case ERROR_SPIKES -> "errored - 1 AS errored";
      case WORKFLOW_HOURS, STEP_HOURS -> throw new IllegalArgumentException(NO_REVISIONS);
    };
  }

  /** The same row under another key. */
  private static String doubled(Relation relation) {
    return switch (relation) {
      case INSTANCES, ERROR_GROUPS, TRANSITIONS -> "concat(instance_id, '-2') AS instance_id";
      case STEP_RUNS, STEP_ATTEMPTS -> "step_index + 1 AS step_index";
      case WORKFLOW_MINUTES, STEP_MINUTES, VERSIONS -> "concat(version_id, '-2') AS version_id";
      case ERROR_SPIKES, STATUS_COUNTS, STATUS_COUNTS_NOW, WORKFLOWS ->
          "concat(workflow, '-2') AS workflow";
      case COLLECTOR_MINUTES -> "concat(process, '-2') AS process";
      case WORKFLOW_HOURS, STEP_HOURS -> throw new IllegalArgumentException(NO_REVISIONS);
    };
  }

  private void insert(String change) throws SQLException {
    revisions++;
    run(
        "INSERT INTO %s SELECT * REPLACE (revision + %d AS revision, %s) FROM %s"
            .formatted(table, revisions, change, chosen));
  }

  private boolean hasChosen() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT 1 FROM " + chosen)) {
      return row.next();
    }
  }

  private void run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws SQLException {
    try (connection) {
      run("DROP TABLE " + chosen);
    }
  }
}
