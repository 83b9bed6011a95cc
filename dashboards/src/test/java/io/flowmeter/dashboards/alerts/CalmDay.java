package io.flowmeter.dashboards.alerts;

import io.flowmeter.sql.SqlScript;
import io.flowmeter.testkit.ClickHouseServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/**
 * The day that calm.sql tells, and what may be put into it. What is put in for the same key again
 * takes the place of what was there.
 */
final class CalmDay {
  private static final List<String> TABLES =
      List.of(
          "workflow_minutes",
          "workflow_hours",
          "workflow_days",
          "step_minutes",
          "step_hours",
          "step_days",
          "instances",
          "workflows",
          "versions",
          "status_counts_now",
          "collector_minutes",
          "error_spikes");

  private final ClickHouseServer server;
  private final long now = Instant.now().getEpochSecond();
  private long revision = 1;

  CalmDay(ClickHouseServer server) {
    this.server = server;
  }

  /** Only this day is there. */
  void begin() throws SQLException {
    forget();
    for (String statement : calmDay().statements()) {
      server.execute(statement);
    }
  }

  /** Nothing is there. */
  void forget() throws SQLException {
    for (String table : TABLES) {
      server.execute("TRUNCATE TABLE " + table + "_rows");
    }
  }

  private static SqlScript calmDay() {
    try (InputStream in = CalmDay.class.getResourceAsStream("calm.sql")) {
      return new SqlScript(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A spike that is open. */
  void spike(String workflow, int minutesAgo, double share) throws SQLException {
    insert(
        "error_spikes",
        "account_id, workflow, opened_at, errored, finished, observed_share, baseline_share, score",
        "'acme', '%s', %s, 45, 60, %s, 0.02, 40",
        workflow,
        ago(60L * minutesAgo),
        share);
  }

  /** Runs that ended in that minute. */
  void ended(String workflow, int minutesAgo, int completed, int errored) throws SQLException {
    ended(workflow, "v2", minutesAgo, completed, errored);
  }

  void ended(String workflow, String version, int minutesAgo, int completed, int errored)
      throws SQLException {
    insert(
        "workflow_minutes",
        "account_id, workflow, version_id, minute, part, completed, errored",
        "'acme', '%s', '%s', %s, 1, %d, %d",
        workflow,
        version,
        ago(60L * minutesAgo),
        completed,
        errored);
  }

  /** Runs that came and began, a minute ago. */
  void arrivals(String workflow, int came, int began) throws SQLException {
    arrivals(workflow, 1, came, began);
  }

  void arrivals(String workflow, int minutesAgo, int came, int began) throws SQLException {
    insert(
        "workflow_minutes",
        "account_id, workflow, version_id, minute, part, queued, started",
        "'acme', '%s', 'v2', %s, 2, %d, %d",
        workflow,
        ago(60L * minutesAgo),
        came,
        began);
  }

  /** Runs of a step, of two seconds each, and how many of them used up their retries. */
  void stepRuns(String workflow, int runs, int exhausted) throws SQLException {
    stepRuns(workflow, "step", 2000, runs, exhausted);
  }

  void stepRuns(String workflow, String type, int wallMs, int runs, int exhausted)
      throws SQLException {
    insert(
        "step_minutes",
        "account_id, workflow, version_id, step, type, minute, part, runs, exhausted, sampled, wall_buckets",
        "'acme', '%s', 'v2', 'charge card', '%s', %s, 1, %d, %d, %4$d, flowmeter_buckets(%6$d, %4$d)",
        workflow,
        type,
        ago(60),
        runs,
        exhausted,
        wallMs);
  }

  /** A live run, looked at so long after its step began. */
  void live(String workflow, String id, String type, int inItMs) throws SQLException {
    insert(
        "instances",
        "account_id, workflow, instance_id, run, status, current_step, current_type, current_since, detail_at,"
            + " observed_at",
        "'acme', '%s', '%s', %d000, 'running', 'charge card', '%s', %s, addMilliseconds(%5$s, %d), now64(3)",
        workflow,
        id,
        now - 7200,
        type,
        ago(7200),
        inItMs);
  }

  /** Runs that errored in a way of their own, and ended so many hours ago. */
  void errored(String workflow, String version, int runs, int hoursAgo) throws SQLException {
    for (int i = 0; i < runs; i++) {
      insert(
          "instances",
          "account_id, workflow, instance_id, run, version_id, status, ended_at, end_kind, failed_step, error_name,"
              + " error_group, error_pattern, weight, observed_at",
          "'acme', '%s', '%s %d', %d000, '%2$s', 'errored', %s, 'api', 'charge card', 'RangeError', 'fresh', 'fresh', 1,"
              + " now64(3)",
          workflow,
          version,
          i,
          now - 3600L * hoursAgo - 60,
          ago(3600L * hoursAgo + 59));
    }
  }

  void version(String workflow, String version, int hoursAgo) throws SQLException {
    insert(
        "versions",
        "account_id, workflow, version_id, created_at, observed_at",
        "'acme', '%s', '%s', %s, now64(3)",
        workflow,
        version,
        ago(3600L * hoursAgo));
  }

  /** The workflow was deleted just now. */
  void deleted(String workflow) throws SQLException {
    insert(
        "workflows",
        "account_id, workflow, deleted_at, observed_at",
        "'acme', '%s', now64(3), now64(3)",
        workflow);
  }

  void status(String workflow, String status, long count, int driftSweeps) throws SQLException {
    insert(
        "status_counts_now",
        "account_id, workflow, status, count, reported, drift, drift_sweeps, as_of",
        "'acme', '%s', '%s', %d, 0, 0, %d, now64(3)",
        workflow,
        status,
        count,
        driftSweeps);
  }

  /** Runs that were queued when the workflow was swept last. */
  void queued(String workflow, long count, int minutesAgo) throws SQLException {
    insert(
        "status_counts_now",
        "account_id, workflow, status, count, as_of",
        "'acme', '%s', 'queued', %d, %s",
        workflow,
        count,
        ago(60L * minutesAgo));
  }

  /** A process of a collector that asked the API so often, in a minute that began so long ago. */
  void asked(String account, String process, int requests, long secondsAgo) throws SQLException {
    insert(
        "collector_minutes",
        "account_id, minute, process, requests, observed_at",
        "'%s', %s, '%s', %d, now64(3)",
        account,
        ago(secondsAgo),
        process,
        requests);
  }

  /** The same, where so many requests failed. */
  void askedInVain(String account, int requests, int failed, long secondsAgo) throws SQLException {
    insert(
        "collector_minutes",
        "account_id, minute, process, requests, failed, observed_at",
        "'%s', %s, 'ingest 1', %d, %d, now64(3)",
        account,
        ago(secondsAgo),
        requests,
        failed);
  }

  /** The last sweep of an account's workflow that was told. */
  void swept(String account, String workflow, long secondsAgo) throws SQLException {
    insert(
        "status_counts_now",
        "account_id, workflow, status, count, as_of",
        "'%s', '%s', 'complete', 1, %s",
        account,
        workflow,
        ago(secondsAgo));
  }

  private String ago(long seconds) {
    return "toDateTime(%d, 'UTC')".formatted(now - seconds);
  }

  private void insert(String relation, String columns, String values, Object... parts)
      throws SQLException {
    revision++;
    server.execute(
        "INSERT INTO %s_rows (%s, revision) SELECT %s, %d"
            .formatted(relation, columns, values.formatted(parts), revision));
  }
}
