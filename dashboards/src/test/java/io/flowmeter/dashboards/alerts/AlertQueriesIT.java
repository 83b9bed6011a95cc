package io.flowmeter.dashboards.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.testkit.ClickHouseServer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Every rule's query on a calm day of two workflows, and on the same day with a trouble put into it
 * at a third one: just over its threshold exactly that rule fires, just below none does.
 */
class AlertQueriesIT {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  private final CalmDay day = new CalmDay(server);

  /** A row of a rule's query whose value is over the threshold. */
  record Firing(String rule, Map<String, Object> labels, double value) {}

  @BeforeAll
  static void anEmptyDatabase() throws SQLException {
    server.startAfresh();
  }

  @BeforeEach
  void aCalmDay() throws SQLException {
    day.begin();
  }

  @Test
  void aCalmDayIsSilent() throws SQLException {
    assertThat(firing()).isEmpty();
  }

  @Test
  void aSpikeThatIsNotOverFires() throws SQLException {
    day.spike("payments", 12, 0.75);

    assertThat(firing()).containsExactly(of("error_spike", 75));
  }

  @Test
  void aSpikeOfADeletedWorkflowIsOver() throws SQLException {
    day.spike("payments", 12, 0.75);
    day.deleted("payments");

    assertThat(firing()).isEmpty();
  }

  @Test
  void aSpikeThatNobodyLooksAtAnyMoreIsNotToldForEver() throws SQLException {
    day.spike("payments", 23 * 60, 0.75);
    assertThat(rulesFiring()).containsExactly("error_spike");

    day.begin();
    day.spike("payments", 25 * 60, 0.75);
    assertThat(firing()).isEmpty();
  }

  @Test
  void aBudgetThatBurnsSlowlyFires() throws SQLException {
    day.ended("payments", 0, 940, 60);
    assertThat(firing()).as("6 times too fast").isEmpty();

    day.ended("payments", 0, 939, 61);
    assertThat(rulesFiring()).containsExactly("error_budget_burns_slow");
  }

  @Test
  void aBudgetThatBurnsFastFires() throws SQLException {
    day.ended("payments", 0, 856, 144);
    assertThat(rulesFiring()).as("14.4 times").containsExactly("error_budget_burns_slow");

    day.ended("payments", 0, 855, 145);
    assertThat(rulesFiring()).containsExactly("error_budget_burns_fast", "error_budget_burns_slow");
  }

  @Test
  void aWorkflowMayHaveAnObjectiveOfItsOwn() throws SQLException {
    day.ended("a workflow of yours", 0, 700, 300);
    assertThat(firing()).as("30 % are 6 times 5 %").isEmpty();

    day.ended("a workflow of yours", 0, 699, 301);
    assertThat(rulesFiring()).containsExactly("error_budget_burns_slow");
  }

  @Test
  void aBudgetThatBurnedIsNotToldAnyMoreOnceItDoesNot() throws SQLException {
    day.ended("payments", 7, 0, 1000);
    day.ended("payments", 1, 50, 0);
    assertThat(rulesFiring())
        .as("5 minutes have been good")
        .containsExactly("error_budget_burns_slow");

    day.ended("payments", 7, 0, 0);
    day.ended("payments", 32, 0, 1000);
    assertThat(firing()).as("half an hour has been good").isEmpty();
  }

  @Test
  void afterFewFailuresNoBudgetIsJudged() throws SQLException {
    day.ended("payments", 0, 0, 4);
    assertThat(firing()).isEmpty();

    day.ended("payments", 0, 0, 5);
    assertThat(rulesFiring()).contains("error_budget_burns_fast");
  }

  @Test
  void anInstanceThatIsLongerInAStepThanAnyFires() throws SQLException {
    day.stepRuns("payments", 50, 0);
    day.live("payments", "1", "step", 5_900);
    assertThat(firing()).as("less than 3 times the p99 of two seconds").isEmpty();

    day.live("payments", "2", "step", 6_100);
    day.live("payments", "3", "step", 3_600_000);
    assertThat(firing()).containsExactly(of("stuck_instances", 2, "step", "charge card"));
  }

  @Test
  void withinFiveSecondsNothingIsStuckHoweverQuickItsStep() throws SQLException {
    day.stepRuns("payments", "step", 50, 50, 0);
    day.live("payments", "1", "step", 4_900);
    assertThat(firing()).isEmpty();

    day.live("payments", "2", "step", 5_100);
    assertThat(firing()).containsExactly(of("stuck_instances", 1, "step", "charge card"));
  }

  @Test
  void inAStepThatIsHardlyKnownNothingIsStuck() throws SQLException {
    day.stepRuns("payments", 49, 0);
    day.live("payments", "1", "step", 3_600_000);

    assertThat(firing()).isEmpty();
  }

  @Test
  void aSleepIsNotStuckHoweverLongItIs() throws SQLException {
    day.stepRuns("payments", "sleep", 2000, 50, 0);
    day.live("payments", "1", "sleep", 3_600_000);
    assertThat(firing()).isEmpty();

    day.stepRuns("payments", "waitForEvent", 2000, 50, 0);
    day.live("payments", "2", "waitForEvent", 3_600_000);
    assertThat(rulesFiring()).containsExactly("stuck_instances");
  }

  @Test
  void aQueueThatGrowsFires() throws SQLException {
    day.status("payments", "queued", 10, 0);
    day.arrivals("payments", 20, 10);
    assertThat(firing()).as("the last one waits for a quarter of an hour").isEmpty();

    day.arrivals("payments", 20, 9);
    assertThat(firing()).containsExactly(of("backlog_not_draining", 10));
  }

  @Test
  void aQueueThatDrainsOrIsShortIsSilent() throws SQLException {
    day.status("payments", "queued", 1000, 0);
    day.arrivals("payments", 8, 9);
    assertThat(firing()).as("drains").isEmpty();

    day.status("payments", "queued", 9, 0);
    day.arrivals("payments", 9, 0);
    assertThat(firing()).as("short").isEmpty();
  }

  @Test
  void aQueueFromWhichNothingBeginsFires() throws SQLException {
    day.status("payments", "queued", 10, 0);

    assertThat(rulesFiring()).containsExactly("backlog_not_draining");
  }

  @Test
  void whatBeganSinceTheLastSweepIsNotKnownAndNotMissed() throws SQLException {
    day.queued("payments", 30, 20);
    day.arrivals("payments", 25, 10, 20);
    assertThat(firing()).as("drained when it was swept").isEmpty();

    day.arrivals("payments", 25, 20, 20);
    assertThat(firing()).containsExactly(of("backlog_not_draining", 30));
  }

  @Test
  void aStepThatUsesUpItsRetriesFires() throws SQLException {
    day.stepRuns("payments", 50, 5);
    assertThat(firing()).as("10 of 100").isEmpty();

    day.stepRuns("payments", 49, 5);
    assertThat(rulesFiring()).containsExactly("exhausted_retries");

    day.stepRuns("payments", 10, 4);
    assertThat(firing()).as("few").isEmpty();
  }

  @Test
  void anErrorThatOnlyTheNewVersionHasFires() throws SQLException {
    day.version("payments", "v1", 72);
    day.version("payments", "v2", 1);
    day.ended("payments", "v1", 2, 1, 0);
    day.ended("payments", "v2", 1, 1, 0);
    day.errored("payments", "v2", 2, 0);
    assertThat(firing()).isEmpty();

    day.errored("payments", "v2", 3, 0);
    assertThat(firing())
        .containsExactly(of("new_error_group", 3, "version_id", "v2", "step", "charge card"));
  }

  @Test
  void noErrorIsNewWhereNoRunOfAnotherVersionIsKnown() throws SQLException {
    day.version("payments", "v1", 72);
    day.version("payments", "v2", 1);
    day.ended("payments", "v2", 1, 1, 0);
    day.errored("payments", "v2", 3, 0);
    assertThat(firing()).isEmpty();

    day.ended("payments", "v1", 2, 1, 0);
    assertThat(rulesFiring()).containsExactly("new_error_group");
  }

  @Test
  void anErrorThatThereWasBeforeIsNotNew() throws SQLException {
    day.version("payments", "v1", 72);
    day.version("payments", "v2", 1);
    day.ended("payments", "v1", 2, 1, 0);
    day.ended("payments", "v2", 1, 1, 0);
    day.errored("payments", "v2", 3, 0);
    day.errored("payments", "v1", 1, 40 * 24);

    assertThat(firing()).isEmpty();
  }

  @Test
  void noErrorIsNewInAFirstVersionOrADayAfterTheDeploy() throws SQLException {
    day.ended("payments", "v1", 2, 1, 0);
    day.ended("payments", "v2", 1, 1, 0);
    day.version("payments", "v1", 1);
    day.errored("payments", "v1", 3, 0);
    assertThat(firing()).isEmpty();

    day.version("payments", "v2", 25);
    day.version("payments", "v1", 72);
    day.errored("payments", "v2", 3, 0);
    assertThat(firing()).isEmpty();
  }

  @Test
  void anAccountNearItsLimitFires() throws SQLException {
    day.status("payments", "running", 40_000 - 6, 0);
    assertThat(firing()).as("80 % with the 6 of the others").isEmpty();

    day.status("payments", "running", 40_000 - 5, 0);
    assertThat(firing())
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.rule()).isEqualTo("near_limit");
              assertThat(one.labels()).isEqualTo(Map.of("account_id", "acme"));
            });
  }

  @Test
  void aDriftInThreeSweepsRunningFires() throws SQLException {
    day.status("payments", "running", 7, 2);
    assertThat(firing()).isEmpty();

    day.status("payments", "running", 7, 3);
    assertThat(firing()).containsExactly(of("drift", 3, "status", "running"));
  }

  @Test
  void aCollectorThatTellsNothingFires() throws SQLException {
    day.asked("other", "ingest 1", 60, 290);
    assertThat(firing()).as("less than 5 minutes ago").isEmpty();

    day.asked("another", "ingest 1", 60, 320);
    day.asked("another", "stream 1", 0, 0);
    assertThat(firing())
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.rule()).isEqualTo("collector_silent");
              assertThat(one.labels()).isEqualTo(Map.of("account_id", "another"));
            });
  }

  /** As with a token that ended: it asks, and is refused; its last request waits for its answer. */
  @Test
  void aCollectorThatAsksInVainFires() throws SQLException {
    for (int minute = 0; minute < 12; minute++) {
      day.askedInVain("half", 6, 3, 30 + 60 * minute);
    }
    assertThat(firing()).as("every other request was answered").isEmpty();

    for (int minute = 0; minute < 12; minute++) {
      day.askedInVain("refused", 6, minute == 0 ? 5 : 6, 30 + 60 * minute);
    }
    assertThat(firing())
        .containsExactly(new Firing("collector_silent", Map.of("account_id", "refused"), 10));
  }

  @Test
  void whatIsToldLongAfterItWasSeenFires() throws SQLException {
    day.asked("other", "ingest 1", 60, 60);
    day.swept("other", "quiet", 7_000);
    day.swept("other", "payments", 650);
    assertThat(firing()).as("the newest sweep is 590 s older").isEmpty();

    day.swept("other", "payments", 720);
    assertThat(firing())
        .containsExactly(new Firing("pipeline_delayed", Map.of("account_id", "other"), 11));

    day.asked("other", "ingest 1", 0, 60);
    assertThat(firing()).as("nothing was seen").isEmpty();
  }

  @Test
  void ofAnAccountWhoseWorkflowsAreAllDeletedNothingIsLate() throws SQLException {
    day.swept("acme", "payments", 100_000);
    day.deleted("payments");
    day.deleted("checkout");
    day.deleted("nightly report");
    assertThat(firing()).isEmpty();
  }

  private static List<String> rulesFiring() throws SQLException {
    return firing().stream().map(Firing::rule).toList();
  }

  private static List<Firing> firing() throws SQLException {
    List<Firing> all = new ArrayList<>();
    for (AlertRule rule : AlertRules.ALL) {
      for (Map<String, Object> row : server.query(rule.sql())) {
        double value = (Double) row.remove("value");
        if (value > rule.above()) {
          all.add(new Firing(rule.name(), row, value));
        }
      }
    }
    return all;
  }

  /** What fires of the workflow {@code payments}, with the labels it has besides. */
  private static Firing of(String rule, double value, String... otherLabels) {
    Map<String, Object> labels = new LinkedHashMap<>();
    labels.put("account_id", "acme");
    labels.put("workflow", "payments");
    for (int i = 0; i < otherLabels.length; i += 2) {
      labels.put(otherLabels[i], otherLabels[i + 1]);
    }
    return new Firing(rule, labels, value);
  }
}
