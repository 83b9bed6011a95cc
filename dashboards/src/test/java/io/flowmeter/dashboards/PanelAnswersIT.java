package io.flowmeter.dashboards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.flowmeter.sql.ReadyQuery;
import io.flowmeter.testkit.ClickHouseServer;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What some panels answer, where it can be counted by hand: of a small account beside the fleet.
 */
class PanelAnswersIT {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  private static final Instant NOW = Instant.now();
  private static final TimeRange DAY =
      new TimeRange(NOW.minus(Duration.ofDays(1)), NOW.plusSeconds(60));
  private static final long RUN = NOW.minus(Duration.ofHours(1)).toEpochMilli();
  private static final Selection ACCOUNT = Selection.one("account", "small");
  private static final Selection ALL = Selection.all("workflow", List.of("one", "two", "gone"));

  /**
   * Three runs that ended or not, two workflows with drifts of either sign, and one that was
   * deleted two days ago, when its counts differed.
   */
  @BeforeAll
  static void aSmallAccount() throws SQLException {
    server.startWithSampleFleet();
    server.execute(
        """
        INSERT INTO instances_rows
            (account_id, workflow, instance_id, run, is_newest, status, queued_at, ended_at, end_kind, total_ms, weight,
             observed_at, revision)
        SELECT 'small', 'one', i.1, toUnixTimestamp64Milli(queued), true, 'complete', fromUnixTimestamp64Milli(%d, 'UTC') AS queued,
               if(i.2 = 'api', addMilliseconds(queued, 5000), NULL), i.2, i.3, 0, now64(3), 1
        FROM (SELECT arrayJoin([('fetched', 'api', 4321), ('known', 'api', NULL), ('live', '', NULL)]) AS i)
        """
            .formatted(RUN));
    server.execute(
        """
        INSERT INTO status_counts_rows (account_id, workflow, status, minute, count, drift, revision)
        SELECT 'small', s.1, s.2, toStartOfHour(now('UTC')) - INTERVAL 2 HOUR + toIntervalMinute(s.3), 9, s.4, 1
        FROM (SELECT arrayJoin([('one', 'running', 1, 3), ('two', 'running', 1, -3), ('two', 'running', 9, 0),
                                ('one', 'queued', 5, -2)]) AS s)
        """);
    server.execute(
        """
        INSERT INTO status_counts_now_rows
            (account_id, workflow, status, count, drift, drift_sweeps, as_of, revision)
        SELECT 'small', s.1, 'running', 9, s.2, s.3, now64(3) - toIntervalSecond(s.4), 1
        FROM (SELECT arrayJoin([('one', 2, 1, 20), ('two', -1, 1, 30), ('gone', 5, 7, 172800)]) AS s)
        """);
    server.execute(
        """
        INSERT INTO workflows_rows (account_id, workflow, deleted_at, observed_at, revision)
        SELECT 'small', w, if(w = 'gone', now64(3) - INTERVAL 2 DAY, NULL), now64(3), 1
        FROM (SELECT arrayJoin(['one', 'two', 'gone']) AS w)
        """);
    server.execute(
        """
        INSERT INTO collector_minutes_rows
            (account_id, minute, process, requests, failed, known, fetched, lost_vanished, late_ignored, observed_at, revision)
        SELECT 'small', toStartOfMinute(now('UTC')) - toIntervalMinute(c.1), c.2, c.3, c.4, c.5, c.6, c.7, c.8, now64(3), 1
        FROM (SELECT arrayJoin([(10, 'ingest', 60, 0, 8, 6, 1, 0), (1, 'ingest', 6, 5, 0, 0, 0, 0),
                                (0, 'stream', 0, 0, 0, 0, 0, 3)]) AS c)
        """);
  }

  @Test
  void anEndedRunThatWasNotFetchedTookUntilItsEndAndALiveOneUntilNow() throws Exception {
    assertThat(tookMs("fetched")).isEqualTo(4321);
    assertThat(tookMs("known")).isEqualTo(5000);
    assertThat(tookMs("live")).isGreaterThanOrEqualTo(3_600_000);
  }

  private static long tookMs(String instance) throws SQLException, IOException {
    return number(
        answer(
            "flowmeter-instance",
            "Total duration",
            ACCOUNT,
            Selection.one("workflow", "one"),
            Selection.one("instance", instance),
            Selection.one("run", Long.toString(RUN))));
  }

  @Test
  void aDeletedWorkflowIsNotWaitedFor() throws Exception {
    assertThat(number(answer("flowmeter-health", "Sweep age", ACCOUNT, ALL)))
        .isBetween(30L, 3_000L);
    assertThat(number(answer("flowmeter-health", "Status count drift", ACCOUNT, ALL))).isEqualTo(3);
    assertThat(answer("flowmeter-health", "Sweep status by workflow", ACCOUNT, ALL))
        .extracting(row -> row.get("workflow"))
        .containsExactlyInAnyOrder("one", "two");
  }

  @Test
  void driftsOfEitherSignDoNotCancelNorHideBehindALaterOne() throws Exception {
    assertThat(answer("flowmeter-health", "Drift by status", Duration.ofHours(1), ACCOUNT, ALL))
        .extracting(row -> entry(row.get("status"), ((Number) row.get("drift")).longValue()))
        .containsExactly(entry("queued", 2L), entry("running", 6L));
  }

  @Test
  void coverageIsOfTheRunsThatBecameKnownAndSomeVanished() throws Exception {
    Map<String, Object> row = answer("flowmeter-overview", "Detail coverage", ACCOUNT, ALL).get(0);

    assertThat(row).containsEntry("coverage", 0.75);
  }

  @Test
  void aCollectorThatAsksNothingOrInVainDoesNotLiveThoughTheStreamTells() throws Exception {
    assertThat(number(answer("flowmeter-health", "Collector heartbeat", ACCOUNT)))
        .isGreaterThanOrEqualTo(600);
  }

  @Test
  void whereNoStepEndedNoneIsTheLongest() throws Exception {
    assertThat(
            answer(
                "flowmeter-step",
                "Max duration",
                ACCOUNT,
                Selection.one("workflow", "one"),
                Selection.all("version", List.of("v1")),
                Selection.all("step", List.of("pay"))))
        .singleElement()
        .satisfies(row -> assertThat(row).containsEntry("wall_ms_max", null));
  }

  @Test
  void whoLooksAtOneVersionSeesWhatSucceededOfThatOne() throws Exception {
    for (String version : List.of("v1", "v2")) {
      Object counted =
          server
              .query(
                  """
                  SELECT countIf(status = 'complete') / count() AS share FROM instances
                  WHERE account_id = 'acme' AND workflow = 'checkout' AND version_id = '%s' AND end_kind = 'api'
                  """
                      .formatted(version))
              .get(0)
              .get("share");

      assertThat(
              answer(
                  "flowmeter-workflow",
                  "Success rate",
                  new TimeRange(NOW.minus(Duration.ofDays(2)), NOW.plusSeconds(60)),
                  Duration.ofMinutes(1),
                  Selection.one("account", "acme"),
                  Selection.one("workflow", "checkout"),
                  Selection.some("version", version)))
          .containsExactly(Map.of("success_share", counted));
    }
  }

  @Test
  void aServerOfAnotherTimeZoneAnswersTheSame() throws Exception {
    String panel = "Run totals";
    String zone = " SETTINGS session_timezone = 'America/Los_Angeles'";
    Selection[] acme = {Selection.one("account", "acme"), Selection.all("workflow", List.of())};

    assertThat(
            server.query(
                query("flowmeter-overview", panel, DAY, Duration.ofMinutes(1), acme) + zone))
        .isEqualTo(answer("flowmeter-overview", panel, acme));
  }

  /** Both look at the last day, which moves on between two questions. */
  @Test
  void theFunnelIsThatOfTheReadyQuery() throws Exception {
    List<List<Object>> before;
    List<List<Object>> shown;
    List<List<Object>> after;
    do {
      before = funnelOfTheReadyQuery();
      shown = shownFunnel();
      after = funnelOfTheReadyQuery();
    } while (!before.equals(after));

    assertThat(shown).hasSizeGreaterThan(2).isEqualTo(before);
  }

  private static List<List<Object>> funnelOfTheReadyQuery() throws Exception {
    return server.query(ReadyQuery.named("funnel").orElseThrow().sql()).stream()
        .filter(row -> row.get("workflow").equals("checkout"))
        .map(row -> List.of(row.get("step"), row.get("got_past_it"), row.get("did_not")))
        .toList();
  }

  private static List<List<Object>> shownFunnel() throws Exception {
    // As the server's now(), which is of whole seconds.
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    return answer(
            "flowmeter-workflow",
            "Step funnel",
            new TimeRange(now.minus(Duration.ofDays(1)), now),
            Duration.ofMinutes(1),
            Selection.one("account", "acme"),
            Selection.one("workflow", "checkout"),
            Selection.all("version", List.of("v1", "v2")))
        .stream()
        .map(row -> List.of(row.get("name"), row.get("passed"), row.get("did not pass")))
        .toList();
  }

  private static long number(List<Map<String, Object>> rows) {
    assertThat(rows).hasSize(1);
    return ((Number) rows.get(0).values().iterator().next()).longValue();
  }

  private static List<Map<String, Object>> answer(String uid, String title, Selection... selections)
      throws SQLException, IOException {
    return answer(uid, title, Duration.ofMinutes(1), selections);
  }

  private static List<Map<String, Object>> answer(
      String uid, String title, Duration interval, Selection... selections)
      throws SQLException, IOException {
    return answer(uid, title, DAY, interval, selections);
  }

  private static List<Map<String, Object>> answer(
      String uid, String title, TimeRange range, Duration interval, Selection... selections)
      throws SQLException, IOException {
    return server.query(query(uid, title, range, interval, selections));
  }

  private static String query(
      String uid, String title, TimeRange range, Duration interval, Selection... selections)
      throws IOException {
    Dashboard.Panel panel =
        Selected.dashboards().stream()
            .filter(dashboard -> dashboard.uid().equals(uid))
            .flatMap(dashboard -> dashboard.panels().stream())
            .filter(each -> each.title().equals(title))
            .findFirst()
            .orElseThrow();
    return new MacroExpander(range, interval, List.of(selections))
        .expand(panel.targets().get(0).rawSql());
  }
}
