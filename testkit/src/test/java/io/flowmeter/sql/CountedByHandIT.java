package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.data.Percentage.withPercentage;

import io.flowmeter.testkit.ClickHouseServer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The answers of ready queries, each against what counting the rows of {@code counted_by_hand.sql}
 * gives.
 */
class CountedByHandIT {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  @BeforeAll
  static void anotherAccountBesideTheFleet() throws SQLException {
    server.startWithSampleFleet();
    for (String statement : SqlScript.resource("counted_by_hand.sql").statements()) {
      server.execute(statement);
    }
  }

  static List<ReadyQuery> all() {
    return ReadyQuery.all();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("all")
  void everyQueryAnswers(ReadyQuery query) throws SQLException {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (String workflow : List.of("trips", "imports")) {
      rows.addAll(server.query(ofThis(workflow, query.sql())));
    }
    assertThat(rows).isNotEmpty();
    assertThat(query.sql()).as("who reads by GET may set nothing").doesNotContain("SETTINGS");
  }

  @Test
  void whoIsAtASecondAttemptIsRetrying() throws SQLException {
    assertThat(server.query(ReadyQuery.named("retrying").orElseThrow().sql()))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .containsEntry("workflow", "quick")
                    .containsEntry("instance_id", "slow")
                    .containsEntry("step", "look")
                    .containsEntry("allowed", null));
  }

  @Test
  void inFlightIsWhoWasQueuedAndHadNotEndedVanishedOrBeenSuperseded() throws SQLException {
    assertThat(of("imports", "in_flight_at"))
        .as(
            "the one that still runs and the one superseded since; not the one that ended nobody"
                + " knows when")
        .singleElement()
        .satisfies(row -> assertThat(row).containsEntry("in_flight", 2L));
  }

  @Test
  void anOutageLastsFromTheFirstErroredRunToTheNextCompletedOne() throws SQLException {
    assertThat(of("imports", "mttr"))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .contains(
                        entry("outages_mended", 2L),
                        entry("mttr_minutes", 20.0),
                        entry("median_minutes", 20.0),
                        entry("longest_minutes", 30.0))
                    .hasEntrySatisfying("still_out_since", since -> assertThat(since).isNotNull()));
  }

  @Test
  void onlyStepsOnTheCriticalPathHaveAShareOfTheTime() throws SQLException {
    List<Map<String, Object>> rows = of("trips", "critical_path_share");

    assertThat(rows.stream().map(row -> entry(row.get("step"), row.get("share"))))
        .as("of 10 + 2 × 10 + 5 s; while the hotel took longer, the flight is none of it")
        .containsExactly(
            entry("book hotel", 0.4571),
            entry("book flight", 0.2857),
            entry("plan", 0.1429),
            entry("send ticket", 0.1),
            entry("(between steps)", 0.0143));
  }

  @Test
  void aFunnelCountsRunsByWeightAtEachStepInOrder() throws SQLException {
    List<Map<String, Object>> rows = of("trips", "funnel");

    assertThat(rows.stream().map(row -> row.get("step")))
        .containsExactly("plan", "book hotel", "book flight", "send ticket");
    assertThat(rows).allSatisfy(row -> assertThat(row).containsEntry("ended_runs", 4L));
    assertThat(rows.stream().map(row -> row.get("reached_it"))).containsExactly(4L, 4L, 4L, 3L);
    assertThat(rows.stream().map(row -> row.get("got_past_it"))).containsExactly(4L, 4L, 3L, 1L);
    assertThat(rows.get(3)).contains(entry("reached_share", 0.75), entry("did_not", 2L));
  }

  @Test
  void anAverageRunIsWeighted() throws SQLException {
    assertThat(of("trips", "where_time_goes"))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .contains(
                        entry("runs", 4L),
                        entry("queue_s", 1.0),
                        entry("run_s", 8.75),
                        entry("active_s", 8.5)));
  }

  @Test
  void anOutlierIsFarAboveWhatItsOwnStepUsuallyTakes() throws SQLException {
    assertThat(server.query(sql("duration_outliers")))
        .as("2 s for a plan are no outlier, and flights are too few to tell")
        .filteredOn(row -> row.get("workflow").equals("trips"))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .contains(
                        entry("step", "book hotel"),
                        entry("instance_id", "B"),
                        entry("wall_ms", 8000L),
                        entry("times_usual", 8.1)));
  }

  @Test
  void stuckIsWhoWasInAStepForThriceItsOwnP99WhenLookedAt() throws SQLException {
    assertThat(of("trips", "stuck"))
        .as("F is 3 s in, and of flights only 40 are known")
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .contains(
                        entry("instance_id", "D"), entry("in_it_s", 10.0), entry("p99_s", 1.3)));
  }

  @Test
  void theOldestInAStatusIsCountedFromItsLastChange() throws SQLException {
    assertThat(of("trips", "oldest_per_status").stream().map(row -> row.get("oldest")))
        .as("D went on after a pause, before G began")
        .containsExactly("D", "F");
    assertThat((Long) of("trips", "oldest_per_status").get(0).get("oldest_s"))
        .isBetween(1800L, 1900L);
    assertThat(of("imports", "oldest_per_status"))
        .singleElement()
        .satisfies(row -> assertThat(row).containsEntry("oldest", "i9"));
  }

  @Test
  void aQueueDrainsAtThePaceOfTheLastQuarterOfAnHourOrNotAtAll() throws SQLException {
    assertThat(of("payments", "drain_time"))
        .singleElement()
        .satisfies(
            row -> assertThat(row).contains(entry("backlog", 60L), entry("drain_minutes", 30.0)));
    assertThat(of("refunds", "drain_time"))
        .singleElement()
        .satisfies(row -> assertThat(row).containsEntry("drain_minutes", null));
  }

  @Test
  void aBudgetBurnsFastOrSlowlyByTwoWindowsEach() throws SQLException {
    assertThat(of("payments", "slo_burn").get(0))
        .contains(
            entry("burn_5m", 20.0),
            entry("burn_30m", 20.0),
            entry("burn_1h", 15.0),
            entry("burn_6h", 4.0),
            entry("burning", "fast"));
    assertThat(of("refunds", "slo_burn").get(0))
        .contains(
            entry("burn_5m", 5.0),
            entry("burn_30m", 7.5),
            entry("burn_6h", 6.25),
            entry("burning", "slowly"));
    assertThat(of("calm", "slo_burn").get(0)).containsEntry("burning", "no");
  }

  @Test
  void headroomIsOfStepsWithALimitOnly() throws SQLException {
    assertThat(of("trips", "retry_headroom"))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .contains(
                        entry("step", "book flight"),
                        entry("mean_headroom", 0.625),
                        entry("least_headroom", 0.0),
                        entry("had_none_left", 1L),
                        entry("share_without", 0.25)));
  }

  @Test
  void theDayIsHeldAgainstTheWeekBeforeIt() throws SQLException {
    assertThat(of("trips", "first_attempt_success").get(0))
        .contains(
            entry("step", "book hotel"),
            entry("last_day", 0.8),
            entry("week_before", 0.95),
            entry("change", -0.15));
  }

  @Test
  void fewStepsMakeMostErrors() throws SQLException {
    List<Map<String, Object>> rows =
        server.query(sql("failing_step_pareto")).stream()
            .filter(row -> !row.get("workflow").equals("checkout"))
            .toList();

    assertThat(rows.stream().map(row -> row.get("step")))
        .containsExactly("fetch", "parse", "book flight");
    assertThat(rows.stream().map(row -> row.get("share_up_to_here")))
        .containsExactly(0.6, 0.8, 1.0);
  }

  @Test
  void timeIsLostByDay() throws SQLException {
    assertThat(
            of("payments", "lost_time").stream()
                .mapToDouble(row -> (Double) row.get("lost_minutes"))
                .sum())
        .isEqualTo(4.2);
  }

  @Test
  void aPauseCountsWhenItIsOver() throws SQLException {
    assertThat(of("trips", "paused_time"))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .contains(
                        entry("runs", 2L),
                        entry("pauses", 3L),
                        entry("paused_minutes", 3.0),
                        entry("longest_minutes", 1.5),
                        entry("longest_paused", "B")));
  }

  @Test
  void whoTimesOutComesFirstThenWhoComesNearest() throws SQLException {
    List<Map<String, Object>> rows = of("trips", "timeouts");

    assertThat(rows.get(0))
        .contains(entry("step", "send ticket"), entry("timed_out_share", 0.6667));
    assertThat(rows.get(1)).contains(entry("step", "book hotel"), entry("nearest", 0.8));
  }

  @Test
  void aDeployDividesTheHoursAroundIt() throws SQLException {
    assertThat(of("refunds", "deploy_impact"))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .contains(
                        entry("version_id", "r2"),
                        entry("ended_before", 200L),
                        entry("ended_after", 200L),
                        entry("success_pct_before", 95.0),
                        entry("success_pct_after", 92.5)));
  }

  @Test
  void everyBegunRunIsOfOneVersion() throws SQLException {
    List<Map<String, Object>> rows = of("refunds", "throughput_by_version");

    assertThat(sum(rows, "r1")).isEqualTo(1_000);
    assertThat(sum(rows, "r2")).isEqualTo(110);
  }

  private static long sum(List<Map<String, Object>> rows, String version) {
    return rows.stream()
        .filter(row -> row.get("version_id").equals(version))
        .mapToLong(row -> (Long) row.get("began"))
        .sum();
  }

  @Test
  void whatRoseAndFellBetweenTwoHoursIsTheMostInAWeek() throws SQLException {
    assertThat(server.query(sql("saturation")))
        .filteredOn(row -> row.get("account_id").equals("night shift"))
        .as("800 for three minutes beside 60, which were told 40 days ago and never again")
        .singleElement()
        .satisfies(
            row -> assertThat(row).contains(entry("running", 160L), entry("most_in_a_week", 860L)));
  }

  @Test
  void aCountHoldsHoweverLongAgoItWasTold() throws SQLException {
    assertThat(of("archive", "status_history"))
        .hasSize(24)
        .allSatisfy(
            row -> assertThat(row).contains(entry("status", "running"), entry("instances", 60L)));
  }

  @Test
  void aWaterfallIsOfOneWorkflowsInstanceThoughAnotherHasOneOfThatId() throws SQLException {
    assertThat(server.query(sql("waterfall")).stream().map(row -> row.get("what")))
        .doesNotContain("step of another workflow");
  }

  @Test
  void aStepOfNoMillisecondsHasNoOutlierUnderTwentyOfThem() throws SQLException {
    assertThat(of("quick", "duration_outliers").stream().map(row -> row.get("wall_ms")))
        .containsExactly(21L);
  }

  @Test
  void withinFiveSecondsNothingIsStuckHoweverQuickItsStep() throws SQLException {
    assertThat(of("quick", "stuck").stream().map(row -> row.get("instance_id")))
        .containsExactly("slow");
  }

  @Test
  void onlyRunningInstancesSaturateAPlan() throws SQLException {
    assertThat(server.query(sql("saturation")).get(0))
        .contains(
            entry("account_id", "corner shop"),
            entry("running", 15_000L),
            entry("saturation", 0.3),
            entry("most_in_a_week", 35_000L),
            entry("highest_saturation", 0.7));
  }

  @Test
  void aShareIsAsPreciseAsWhatWasLookedAtMakesIt() throws SQLException {
    assertThat(
            of("orders", "rate_precision").stream()
                .filter(row -> row.get("step").equals("audit"))
                .findFirst()
                .orElseThrow())
        .as("Wilson's interval of 3 % of 20, not of 2,000")
        .contains(
            entry("looked_at", 20L),
            entry("failed_share", 0.03),
            entry("at_least", 0.0036),
            entry("at_most", 0.2078));
  }

  @Test
  void aPlantedRegressionIsFoundAndNoneElsewhere() throws SQLException {
    List<Map<String, Object>> rows = of("orders", "version_regressions");

    assertThat(rows.stream().map(row -> entry(row.get("step"), row.get("verdict"))))
        .containsExactlyInAnyOrder(
            entry("(run)", "fails more"),
            entry("charge", "fails more"),
            entry("pack", "is slower"),
            entry("label", "not shown to be worse"),
            entry("audit", "not shown to be worse"));
    assertThat(rows).allSatisfy(row -> assertThat(row).containsEntry("new_version", "o2"));
    assertThat(rows.stream().filter(row -> row.get("step").equals("charge")))
        .singleElement()
        .satisfies(
            row ->
                assertThat((Double) row.get("p_fails"))
                    .as("12 of 200 beside 10 of 1,000, times 10 tests")
                    .isCloseTo(10 * 4.633596e-5, withPercentage(0.001)));
    for (String workflow : List.of("calm", "checkout", "nightly report")) {
      assertThat(of(workflow, "version_regressions"))
          .as(workflow)
          .isNotEmpty()
          .allSatisfy(row -> assertThat(row).containsEntry("verdict", "not shown to be worse"));
    }
  }

  private static List<Map<String, Object>> of(String workflow, String query) throws SQLException {
    return server.query(ofThis(workflow, sql(query))).stream()
        .filter(row -> row.get("workflow").equals(workflow))
        .toList();
  }

  private static String sql(String query) {
    return ReadyQuery.named(query).orElseThrow().sql();
  }

  /** The query of one workflow, if that is its first parameter. */
  static String ofThis(String workflow, String sql) {
    return sql.replace("WITH '' AS chosen_workflow", "WITH '" + workflow + "' AS chosen_workflow");
  }
}
