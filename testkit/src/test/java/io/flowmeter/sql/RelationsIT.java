package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.testkit.ClickHouseServer;
import java.sql.SQLException;
import java.time.Instant;
import java.time.Period;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What the relations promise to those who query them, whatever is written how often and in which
 * order.
 */
class RelationsIT {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  /**
   * Those that are asked for a range, and their columns: those of hours, at the time of the row.
   */
  private static final Map<String, String> BETWEEN =
      Map.of(
          "runs_between", RelationColumns.CONTRACT.get("workflow_hours").replace(" hour,", " at,"),
          "steps_between", RelationColumns.CONTRACT.get("step_hours").replace(" hour,", " at,"),
          "version_regressions",
              "account_id, workflow, step, type, old_version, new_version, old_times, new_times, old_failed_pct,"
                  + " new_failed_pct, p_fails, old_p95_ms, new_p95_ms, p_slower, verdict");

  private static final List<String> KEYS =
      List.of(
          "account_id",
          "workflow",
          "version_id",
          "instance_id",
          "run",
          "trigger_source",
          "status",
          "step_index",
          "attempt",
          "seq",
          "step",
          "type",
          "minute",
          "opened_at");

  @BeforeAll
  static void migrate() throws SQLException {
    server.startAfresh();
  }

  @BeforeEach
  void withoutARow() throws SQLException {
    for (String relation :
        List.of(
            "instances",
            "step_runs",
            "step_minutes",
            "workflow_minutes",
            "collector_minutes",
            "step_hours",
            "workflow_hours",
            "step_days",
            "workflow_days")) {
      server.execute("TRUNCATE TABLE " + relation + "_rows");
    }
  }

  @Test
  void everyRelationHasItsColumnsAndNoHiddenOnes() throws SQLException {
    for (Map.Entry<String, String> relation : RelationColumns.CONTRACT.entrySet()) {
      List<String> columns = columns(relation.getKey(), "true");
      assertThat(columns).as(relation.getKey()).contains(relation.getValue().split(", "));
      assertThat(columns)
          .as(relation.getKey())
          .doesNotContain("revision", "deleted", "part", "process");
    }
    assertThat(
            server.texts(
                "SELECT name FROM system.tables WHERE database = 'flowmeter' AND engine = 'View'"))
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(RelationColumns.CONTRACT.keySet().stream(), BETWEEN.keySet().stream())
                .toList());
    for (Map.Entry<String, String> sums : BETWEEN.entrySet()) {
      assertThat(
              server.texts(
                  "DESCRIBE (SELECT * FROM %s(since = now() - INTERVAL 1 DAY, until = now(), every = 0))"
                      .formatted(sums.getKey())))
          .as(sums.getKey())
          .containsExactlyInAnyOrder(sums.getValue().split(", "));
    }
  }

  @Test
  void noKeyIsNullableAndTimesAndDurationsHaveTheirTypes() throws SQLException {
    for (String relation : RelationColumns.CONTRACT.keySet()) {
      assertThat(columns(relation, "type LIKE '%Nullable%'"))
          .as(relation)
          .doesNotContainAnyElementsOf(KEYS);
      assertThat(
              columns(
                  relation,
                  "match(name, '(_at|_since|_seen|^at|^not_before|^as_of)$')"
                      + " AND type NOT IN ('DateTime64(3, \\'UTC\\')', 'Nullable(DateTime64(3, \\'UTC\\'))')"))
          .as(relation)
          .isEmpty();
      assertThat(columns(relation, "name = 'minute' AND type != 'DateTime(\\'UTC\\')'")).isEmpty();
      assertThat(columns(relation, "name LIKE '%_ms' AND type NOT IN ('Int64', 'Nullable(Int64)')"))
          .as(relation)
          .isEmpty();
      assertThat(columns(relation, "name LIKE '%_buckets' AND type != 'Map(Int16, Int64)'"))
          .as(relation)
          .isEmpty();
    }
  }

  @Test
  void timesAndIdsOfFactsAreCompressedAsFitsThem() throws SQLException {
    assertThat(
            server.texts(
                "SELECT table || '.' || name FROM system.columns WHERE database = 'flowmeter'"
                    + " AND table IN ('step_runs_rows', 'step_attempts_rows', 'instances_rows', 'transitions_rows')"
                    + " AND match(name, '^(run|instance_id|at|started_at|ended_at)$') AND compression_codec = ''"))
        .isEmpty();
  }

  @Test
  void theHighestRevisionOfAKeyIsTheRowWhateverTheOrderOfWriting() throws SQLException {
    step(0, 3, "wall_ms", "300", false);
    step(0, 1, "wall_ms", "100", false);
    step(0, 2, "wall_ms", "200", false);

    assertThat(server.query("SELECT wall_ms FROM step_runs"))
        .containsExactly(Map.of("wall_ms", 300L));
  }

  @Test
  void aRepeatedRowChangesNothing() throws SQLException {
    for (int i = 0; i < 3; i++) {
      step(0, 1, "wall_ms", "100", false);
      part(7, 1, 5, "map(10, 5)", false);
    }
    server.execute("OPTIMIZE TABLE step_runs_rows FINAL");

    assertThat(server.query("SELECT wall_ms FROM step_runs"))
        .containsExactly(Map.of("wall_ms", 100L));
    assertThat(server.query("SELECT runs FROM step_minutes")).containsExactly(Map.of("runs", 5L));
  }

  @Test
  void aFactTakenBackIsGoneAndNoLateRepeatBringsItBackBeforeOrAfterAMerge() throws SQLException {
    step(0, 1, "wall_ms", "100", false);
    step(0, 2, "wall_ms", "100", true);
    assertThat(server.query("SELECT * FROM step_runs")).isEmpty();

    step(0, 1, "wall_ms", "100", false);
    assertThat(server.query("SELECT * FROM step_runs")).isEmpty();

    server.execute("OPTIMIZE TABLE step_runs_rows FINAL");
    step(0, 1, "wall_ms", "100", false);
    assertThat(server.query("SELECT * FROM step_runs")).isEmpty();

    step(0, 3, "wall_ms", "120", false);
    assertThat(server.query("SELECT wall_ms FROM step_runs"))
        .as("a step that is there again")
        .containsExactly(Map.of("wall_ms", 120L));
  }

  /** A sweep that changed nothing writes its time into one of the rows. */
  @Test
  void allStatusesOfAWorkflowAreAsOfItsLatestSweep() throws SQLException {
    server.execute(
        "INSERT INTO status_counts_now_rows (account_id, workflow, status, count, as_of, revision) VALUES"
            + " ('swept', 'one', 'queued', 1, '2026-01-01 00:00:10', 1),"
            + " ('swept', 'one', 'running', 2, '2026-01-01 00:00:00', 1),"
            + " ('swept', 'other', 'running', 3, '2026-01-01 00:00:05', 1)");

    assertThat(
            server.texts(
                "SELECT workflow || ' ' || status || ' ' || formatDateTime(as_of, '%S')"
                    + " FROM status_counts_now WHERE account_id = 'swept' ORDER BY workflow, status"))
        .containsExactly("one queued 10", "one running 10", "other running 05");
    assertThat(
            server.texts(
                "SELECT formatDateTime(as_of, '%S') FROM status_counts_now"
                    + " WHERE account_id = 'swept' AND workflow = 'one' AND status = 'running'"))
        .as("whatever is asked for")
        .containsExactly("10");
  }

  @Test
  void aMinuteIsTheSumOfItsPartsWithoutEmptyBuckets() throws SQLException {
    part(1, 1, 3, "map(10, 2, 300, 1)", false);
    part(2, 1, -1, "map(300, -1)", false);
    part(3, 1, 2, "map(-1, 2)", false);
    part(4, 1, 9, "map(500, 9)", false);
    part(4, 2, 9, "map(500, 9)", true);

    assertThat(server.query("SELECT runs, wall_buckets, wall_ms_max FROM step_minutes"))
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.get("runs")).isEqualTo(4L);
              assertThat(row.get("wall_buckets").toString()).isEqualTo("{-1=2, 10=2}");
              assertThat(row.get("wall_ms_max")).as("⌊1.02¹⁰⌋ ms").isEqualTo(1L);
            });
  }

  @Test
  void thePartsOfMinutesAddUpToThem() throws SQLException {
    part(1, 1, 3, "map(10, 2, 300, 1)", false);
    part(2, 1, -1, "map(300, -1)", false);
    part(3, 1, 9, "map(500, 9)", false);
    part(3, 2, 9, "map(500, 9)", true);
    String sums =
        "SELECT sum(runs) AS times, flowmeter_quantile(sumMap(wall_buckets), 0.99) AS p99 FROM ";

    assertThat(server.query(sums + "step_minute_parts"))
        .isEqualTo(server.query(sums + "step_minutes"))
        .singleElement()
        .satisfies(row -> assertThat(row).containsEntry("times", 2L));
  }

  @Test
  void whatIsStoredAsADifferenceIsToldWholeWhateverItWas() throws SQLException {
    server.execute(
        "INSERT INTO step_runs_rows (account_id, workflow, instance_id, run, step_index, started_at, ended_at, wall_ms,"
            + " attempt_ms, backoff_ms, revision) SELECT 'a', 'w', 'i', toUnixTimestamp64Milli(now64(3)), * FROM"
            + " VALUES('n Int32, b Nullable(DateTime64(3)), e Nullable(DateTime64(3)), w Nullable(Int64), t Int64,"
            + " o Nullable(Int64), r Int64',"
            + " (0, '2026-11-01 00:00:00', '2026-11-01 00:00:01.5', 1500, 1400, 100, 1),"
            + " (1, NULL, '2026-11-01 00:00:00', NULL, 7, NULL, 1),"
            + " (2, '2026-11-01 00:00:00', '2026-11-01 00:00:01', NULL, 5, 3, 1),"
            + " (3, NULL, NULL, 42, -1, 2, 1))");
    String told = "SELECT step_index, wall_ms, attempt_ms FROM step_runs ORDER BY step_index";
    List<Map<String, Object>> rows = server.query(told);
    assertThat(rows)
        .extracting(row -> row.get("wall_ms") + " " + row.get("attempt_ms"))
        .containsExactly("1500 1400", "null 7", "null 5", "42 -1");

    server.execute(
        "INSERT INTO step_runs_rows SELECT * REPLACE (revision + 1 AS revision) FROM step_runs_rows");

    assertThat(server.query(told)).as("rows that were copied").isEqualTo(rows);
  }

  @Test
  void hoursAndDaysAddUpToTheirMinutesWhateverComesLate() throws SQLException {
    part(1, 1, 3, "map(10, 2, 300, 1)", false);
    sumUp();
    part(2, 1, -1, "map(300, -1)", false);
    part(3, 1, 9, "map(500, 9)", false);
    sumUp();
    part(3, 2, 9, "map(500, 9)", true);
    for (String relation : List.of("step_hours", ALL_SUMS)) {
      assertThat(server.query(SUMS + relation))
          .as("what was taken back after it was summed, by " + relation)
          .singleElement()
          .satisfies(row -> assertThat(row).containsEntry("times", 11L));
    }

    sumUp();

    for (String relation : List.of("step_hours", ALL_SUMS)) {
      assertThat(server.query(SUMS + relation))
          .as(relation)
          .isEqualTo(server.query(SUMS + "step_minutes"))
          .singleElement()
          .satisfies(row -> assertThat(row).containsEntry("times", 2L));
    }
    assertThat(server.query("SELECT hour FROM step_hours")).hasSize(1);
    assertThat(server.query("SELECT at FROM " + ALL_SUMS)).hasSize(1);
  }

  private static final String SUMS =
      "SELECT sum(runs) AS times, flowmeter_quantile(sumMap(wall_buckets), 0.99) AS p99,"
          + " flowmeter_quantile(sumMap(attempt_buckets), 0.99) AS attempt_p99, sum(attempt_ms_sum) AS tried FROM ";

  private static final String ALL_SUMS =
      "steps_between(since = now() - INTERVAL 40 DAY, until = now(), every = 0)";

  /** As happens every minute. */
  private static void sumUp() throws SQLException {
    for (String view :
        List.of(
            "step_hours_summed",
            "workflow_hours_summed",
            "step_days_summed",
            "workflow_days_summed",
            "sums_told")) {
      server.execute("SYSTEM REFRESH VIEW " + view);
      server.execute("SYSTEM WAIT VIEW " + view);
    }
  }

  /** Between any two moments, for a chart of any interval. */
  @Test
  void aRangeHasTheSumsOfItsMinutesFromWhicheverRowsTheyAreRead() throws SQLException {
    server.execute(
        """
        INSERT INTO step_minutes_rows
            (account_id, workflow, version_id, step, type, minute, part, runs, sampled, attempts, wall_ms_sum, attempt_ms_sum,
             wall_buckets, attempt_buckets, revision)
        SELECT 'a', concat('w', toString(number % 2)), 'v', 's', 'step', toStartOfMinute(now('UTC')) - toIntervalMinute(11 * number),
               number % 3, 1 + number % 5, 1, 1, 100, 60, map(toInt16(number % 400), 1 + number % 5),
               map(toInt16(number % 390), 1 + number % 5), 1
        FROM numbers(1200)
        """);
    server.execute(
        """
        INSERT INTO workflow_minutes_rows
            (account_id, workflow, version_id, trigger_source, minute, part, queued, sampled, run_buckets, revision)
        SELECT 'a', concat('w', toString(number % 2)), 'v', 'api', toStartOfMinute(now('UTC')) - toIntervalMinute(11 * number),
               number % 3, 1 + number % 5, 1, map(toInt16(number % 400), 1 + number % 5), 1
        FROM numbers(1200)
        """);
    sumUp();
    Instant now = Instant.parse(server.texts("SELECT formatDateTime(now('UTC'), '%FT%TZ')").get(0));
    for (int startedAgo : List.of(7, 100, 1_500, 12_000)) {
      for (int endedAgo : List.of(-3, 59, 1_440)) {
        for (int every : List.of(0, 60, 10_800, 86_400)) {
          String since = moment(now, startedAgo);
          String until = moment(now, endedAgo);
          String between = "(since = %s, until = %s, every = %d)".formatted(since, until, every);
          String minutes = " WHERE minute >= %s AND minute < %s".formatted(since, until);
          assertThat(server.query(SUMS + "steps_between" + between))
              .as(between)
              .isEqualTo(server.query(SUMS + "step_minutes" + minutes));
          String sums = "SELECT sum(queued), toString(sumMap(run_buckets)) FROM ";
          assertThat(server.query(sums + "runs_between" + between))
              .as(between)
              .isEqualTo(server.query(sums + "workflow_minutes" + minutes));
          assertThat(points("at", "steps_between" + between, every))
              .as(between)
              .isEqualTo(points("minute", "step_minutes" + minutes, every));
        }
      }
    }
    assertThat(server.query("SELECT at FROM " + ALL_SUMS)).as("few rows").hasSizeLessThan(90);
  }

  private static String moment(Instant now, int minutesAgo) {
    return "toDateTime(%d, 'UTC')".formatted(now.getEpochSecond() - 60 * minutesAgo);
  }

  private static List<Map<String, Object>> points(String time, String from, int every)
      throws SQLException {
    return server.query(
        "SELECT toStartOfInterval(%s, INTERVAL %d SECOND) AS point, sum(runs) AS times FROM %s GROUP BY point ORDER BY point"
            .formatted(time, every == 0 ? 31_536_000 : every, from));
  }

  @Test
  void aMinuteThatWasTakenBackAltogetherIsNoRow() throws SQLException {
    part(1, 1, 3, "map(10, 3)", false);
    part(2, 1, -3, "map(10, -3)", false);
    server.execute(
        "INSERT INTO workflow_minutes_rows (account_id, workflow, minute, part, queued, revision)"
            + " VALUES ('a', 'w', toStartOfMinute(now()), 1, 2, 1), ('a', 'w', toStartOfMinute(now()), 2, -2, 1)");

    assertThat(server.query("SELECT * FROM step_minutes")).isEmpty();
    assertThat(server.query("SELECT * FROM workflow_minutes")).isEmpty();
  }

  @Test
  void anErrorGroupIsWhatItsEndedRunsHaveInCommon() throws SQLException {
    errored("i-1", 10, 1, "v2", "errored", "'g'", false);
    errored("i-2", 30, 1, "v1", "errored", "'g'", false);
    errored("i-2", 30, 1, "v1", "errored", "'g'", false);
    errored("i-3", 20, 0, "v2", "running", "'g'", false);
    errored("i-4", 40, 1, "v3", "errored", "'other'", false);
    errored("i-5", 50, 1, "v3", "complete", "NULL", false);
    errored("i-6", 60, 1, "v3", "errored", "'g'", true);
    server.execute(
        "INSERT INTO instances_rows (account_id, workflow, instance_id, run, end_kind, error_group, revision)"
            + " SELECT 'a', 'w', 'alive', toUnixTimestamp64Milli(now64(3)), '', 'g', 1");

    assertThat(
            server.query(
                "SELECT step, error_name, message_pattern, runs, toString(versions) AS versions,"
                    + " dateDiff('second', first_seen, last_seen) AS seconds, sample_instance_id,"
                    + " toInt64(sample_run IN (SELECT run FROM instances WHERE instance_id = 'i-2')) AS its_run"
                    + " FROM error_groups WHERE error_group = 'g'"))
        .containsExactly(
            Map.of(
                "step", "pay",
                "error_name", "E",
                "message_pattern", "order {} is gone",
                "runs", 3L,
                "versions", "['v1','v2']",
                "seconds", 20L,
                "sample_instance_id", "i-2",
                "its_run", 1L));
    assertThat(server.texts("SELECT error_group FROM error_groups ORDER BY error_group"))
        .containsExactly("g", "other");
    assertThat(
            columns(
                "error_groups", "name IN ('error_group', 'workflow') AND type LIKE '%Nullable%'"))
        .isEmpty();
  }

  /** Writes a run that ended so many seconds after midnight. */
  private static void errored(
      String instance,
      int second,
      long weight,
      String version,
      String status,
      String group,
      boolean deleted)
      throws SQLException {
    server.execute(
        ("INSERT INTO instances_rows (account_id, workflow, instance_id, run, version_id, status, ended_at,"
                + " end_kind, failed_step, error_name, error_group, error_pattern, weight, observed_at, revision, deleted)"
                + " SELECT 'a', 'w', '%s', toUnixTimestamp(toStartOfDay(now('UTC'))) * 1000, '%s', '%s',"
                + " toStartOfDay(now('UTC')) + %d, 'api', 'pay', 'E', %s, 'order {} is gone', %d, now64(3), 1, %s")
            .formatted(instance, version, status, second, group, weight, deleted));
  }

  @Test
  void aSpikeIsOverWithItsWorkflow() throws SQLException {
    server.execute(
        "INSERT INTO workflows_rows (account_id, workflow, deleted_at, observed_at, revision) SELECT 'a', w.1, w.2, now64(3), 1"
            + " FROM (SELECT toDateTime64(toStartOfDay(now('UTC')), 3, 'UTC') AS day,"
            + " arrayJoin([('deleted', toNullable(day + 29420)), ('there', NULL)]) AS w)");
    server.execute(
        "INSERT INTO error_spikes_rows (account_id, workflow, opened_at, closed_at, revision) SELECT 'a', s.1, s.2, s.3, 1"
            + " FROM (SELECT toDateTime64(toStartOfDay(now('UTC')), 3, 'UTC') AS day,"
            + " arrayJoin([('deleted', day + 25200, toNullable(day + 27000)), ('deleted', day + 28800, NULL),"
            + " ('deleted', day + 32400, NULL), ('there', day + 28800, NULL)]) AS s)");

    assertThat(
            server.query(
                "SELECT concat(workflow, ' ', formatDateTime(opened_at, '%T'), ' to ',"
                    + " ifNull(formatDateTime(closed_at, '%T'), 'now')) AS told FROM error_spikes ORDER BY workflow, opened_at"))
        .extracting(row -> row.get("told"))
        .as("closed by a sweep, closed with the workflow, looked at after it was gone, open")
        .containsExactly(
            "deleted 07:00:00 to 07:30:00",
            "deleted 08:00:00 to 08:11:00",
            "deleted 09:00:00 to 09:01:00",
            "there 08:00:00 to now");
  }

  @Test
  void processesOfAMinuteAreSummedAndTheLastThatKnewItTellsTheBudget() throws SQLException {
    collected("ingest 1", 1, 5, "700", 10);
    collected("ingest 1", 2, 9, "650", 20);
    collected("ingest 2", 1, 3, "660", 50);
    collected("stream", 1, 0, "NULL", 55);
    collected("ingest 1", 2, 9, "650", 20);

    assertThat(server.query("SELECT requests, budget_left FROM collector_minutes"))
        .containsExactly(Map.of("requests", 12L, "budget_left", 660L));
  }

  @Test
  void aMinuteInWhichNobodyAskedHasNoBudget() throws SQLException {
    collected("stream", 1, 0, "NULL", 55);

    assertThat(server.query("SELECT isNull(budget_left) AS unknown FROM collector_minutes"))
        .singleElement()
        .satisfies(row -> assertThat(row.get("unknown").toString()).isEqualTo("1"));
  }

  private static void collected(
      String process, long revision, long requests, String budgetLeft, int second)
      throws SQLException {
    server.execute(
        ("INSERT INTO collector_minutes_rows"
                + " (account_id, minute, process, requests, budget_left, observed_at, revision)"
                + " SELECT 'a', toStartOfDay(now('UTC')) AS minute, '%s', %d, %s, minute + %d, %d")
            .formatted(process, requests, budgetLeft, second, revision));
  }

  @Test
  void aRowIsGoneWhenItsRetentionEndsAndItsSpaceIsFreedByAMerge() throws SQLException {
    server.execute("SYSTEM STOP TTL MERGES step_runs_rows");
    step(0, 1, "wall_ms", "100", false);
    step(40L * 24 * 3600 * 1000, 1, "wall_ms", "100", false);
    assertThat(server.query("SELECT toInt64(count()) AS n FROM step_runs"))
        .containsExactly(Map.of("n", 2L));

    Migrator.apply(
        server.writer(),
        MigrationSettings.defaults().withRetention(Period.ofDays(30), Period.ofYears(3)));

    assertThat(server.query("SELECT toInt64(count()) AS n FROM step_runs"))
        .containsExactly(Map.of("n", 1L));

    server.execute("SYSTEM START TTL MERGES step_runs_rows");
    server.execute("OPTIMIZE TABLE step_runs_rows FINAL");
    assertThat(server.texts("SELECT count() FROM step_runs_rows")).containsExactly("1");
    Migrator.apply(server.writer(), MigrationSettings.defaults());
  }

  /**
   * Writes a step of a run that began {@code agoMs} before now, to the hour so that repeats share
   * its key.
   */
  private static void step(long agoMs, long revision, String column, String value, boolean deleted)
      throws SQLException {
    server.execute(
        ("INSERT INTO step_runs_rows (account_id, workflow, instance_id, run, step_index, %s, revision, deleted)"
                + " SELECT 'a', 'w', 'i', toUnixTimestamp(toStartOfDay(now('UTC'))) * 1000 - %d, 0, %s, %d, %s")
            .formatted(column, agoMs, value, revision, deleted));
  }

  private static void part(long part, long revision, long runs, String buckets, boolean deleted)
      throws SQLException {
    server.execute(
        ("INSERT INTO step_minutes_rows"
                + " (account_id, workflow, step, type, minute, part, runs, wall_buckets, revision, deleted)"
                + " SELECT 'a', 'w', 's', 'step', toStartOfDay(now('UTC') - INTERVAL 1 DAY), %d, %d, %s, %d, %s")
            .formatted(part, runs, buckets, revision, deleted));
  }

  private static List<String> columns(String relation, String condition) throws SQLException {
    return server.texts(
        "SELECT name FROM system.columns WHERE database = 'flowmeter' AND table = '%s' AND (%s)"
            .formatted(relation, condition));
  }
}
