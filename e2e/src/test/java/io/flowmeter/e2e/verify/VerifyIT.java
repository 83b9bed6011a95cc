package io.flowmeter.e2e.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.cli.settings.Settings;
import io.flowmeter.dev.verify.DayPlan;
import io.flowmeter.dev.verify.Report;
import io.flowmeter.dev.verify.SimulatedDay;
import io.flowmeter.e2e.FreshDirectory;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.fault.FaultPlan;
import io.flowmeter.simulator.fleet.ErrorCanaries;
import io.flowmeter.verify.Comparison;
import io.flowmeter.verify.Comparison.Difference;
import io.flowmeter.verify.Verification;
import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The whole pipeline on a simulated day, production's dialect: what the relations say is exactly
 * what was served, a spoilt row is seen, and nothing is kept that must not be.
 */
class VerifyIT {

  private static final Path DIRECTORY =
      Path.of(System.getProperty("flowmeter.home"), "e2e", "target", "verify");

  /**
   * A day with an outage of the workflow that is scheduled, and so busy enough for a spike: of 37
   * minutes, in its tenth hour, after hours without trouble. It passes in two minutes: twice as
   * fast, a machine that halts for three seconds would be blind for more than an hour, and what is
   * told that late need not open a spike.
   */
  private static final DayPlan DAY = new DayPlan(300, 182, FaultPlan.NONE, 720);

  /**
   * A comparison takes a second, so that several relations are spoilt at once: such as are not held
   * against each other, for what is spoilt in both alike is not seen in either.
   */
  private static final List<Set<Relation>> SPOILT_TOGETHER =
      List.of(
          EnumSet.of(
              Relation.INSTANCES,
              Relation.WORKFLOWS,
              Relation.VERSIONS,
              Relation.COLLECTOR_MINUTES),
          EnumSet.of(
              Relation.TRANSITIONS,
              Relation.STEP_ATTEMPTS,
              Relation.WORKFLOW_MINUTES,
              Relation.STATUS_COUNTS),
          EnumSet.of(Relation.STEP_RUNS, Relation.STATUS_COUNTS_NOW),
          EnumSet.of(Relation.STEP_MINUTES, Relation.ERROR_GROUPS),
          EnumSet.of(Relation.ERROR_SPIKES));

  /** Stands in each kind of place that is searched, so that the search is known to see. */
  private static final String KNOWN_TO_BE_THERE = "order-fulfilment";

  @BeforeAll
  static void beginWithoutAnything() throws IOException {
    FreshDirectory.at(DIRECTORY);
  }

  @Test
  @Timeout(value = 40, unit = TimeUnit.MINUTES)
  void theRelationsSayExactlyWhatWasServed() throws Exception {
    Settings settings = Settings.read(Map.of("ingest.interval", "60s"), Map.of(), Optional.empty());
    Traces traces;
    Metrics metrics = new Metrics();
    try (SimulatedDay day =
        SimulatedDay.start(DAY, settings, DIRECTORY.resolve("data"), metrics, () -> false)) {
      traces =
          new Traces(
              KNOWN_TO_BE_THERE,
              day.token(),
              Simulator.PAYLOAD_CANARY,
              ErrorCanaries.EMAIL,
              ErrorCanaries.NUMBER,
              ErrorCanaries.TOKEN,
              ErrorCanaries.UUID);
      day.live();
      Verification verification = day.verification();
      Comparison comparison = verification.compare(day.reader(), day.now());
      List<String> report =
          Report.lines(
              comparison, verification.coverage(), day.simulator().ledger().unseen(day.end()));
      report.forEach(System.out::println);
      assertThat(comparison.differences()).isEmpty();
      assertThat(comparison.tallies().keySet()).containsExactly(Relation.values());
      boolean outageTold = isOutageTold(day);
      assertThat(comparison.tallies().entrySet())
          .allMatch(
              tally ->
                  tally.getValue().expected() > 0
                      || (tally.getKey() == Relation.ERROR_SPIKES && !outageTold));
      assertThat(day.simulator().rejected()).as("requests over the limit").isZero();

      int compared = DayOnDashboards.compare(day);
      System.out.println(compared + " values of panels were held against the ledger's facts");
      assertThat(compared)
          .as("values of panels that were held against the ledger's facts")
          .isGreaterThanOrEqualTo(60);
      compareAlertsAndQueries(day);

      traces.searchTopics(day.up().parts().bootstrapServers().orElseThrow());
      traces.searchTables(day.reader());
      traces.searchText("page of metrics", metrics.page());
      assertSpoiltRowsAreSeen(day, verification);
      assertASpoiltHourIsSeen(day, verification);
    }
    traces.searchFiles(DIRECTORY);
    assertNothingLeaked(traces);
  }

  private static void compareAlertsAndQueries(SimulatedDay day) throws IOException {
    long startNanos = System.nanoTime();
    AlertsOnADay.Outcome alerts = AlertsOnADay.compare(day);
    System.out.printf(
        "%d queries of alert rules gave the %d values that the facts lead to, in %d ms%n",
        alerts.queries(), alerts.values(), (System.nanoTime() - startNanos) / 1_000_000);
    alerts.firings().forEach(firing -> System.out.println(firing.since(day.startedAt())));
    // As above, on a busy machine there need be none; after the outage a bad version may open one.
    boolean isSpikeKnown =
        day.reader().rows(Relation.ERROR_SPIKES).stream()
            .anyMatch(
                spike ->
                    spike.number("opened_at")
                        < day.startedAt().plus(Duration.ofHours(12)).toEpochMilli());
    AlertTable.read().compare(alerts.firings(), day.startedAt(), isSpikeKnown);

    startNanos = System.nanoTime();
    int compared = new QueriesOnADay(day.reader(), day.end()).compare();
    System.out.printf(
        "%d values of ready-made queries and of top were compared, in %d ms%n",
        compared, (System.nanoTime() - startNanos) / 1_000_000);
    assertThat(compared).isGreaterThanOrEqualTo(100);
  }

  private static void assertSpoiltRowsAreSeen(SimulatedDay day, Verification verification)
      throws SQLException, InterruptedException {
    assertThat(SPOILT_TOGETHER.stream().flatMap(Set::stream))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Relation.values())
                .filter(relation -> relation.intervals().isEmpty())
                .toList());
    // Minutes that only a test has made are not to be summed: nothing takes them back.
    summing(day, "STOP");
    for (Set<Relation> relations : SPOILT_TOGETHER) {
      if (!relations.contains(Relation.ERROR_SPIKES) || isOutageTold(day)) {
        assertSpoiltRowsAreSeen(day, verification, relations);
      }
    }
    summing(day, "START");
    day.sumMinutes();
    assertThat(verification.compare(day.reader(), day.now()).differences()).as("mended").isEmpty();
  }

  private static void summing(SimulatedDay day, String what) throws SQLException {
    try (Connection connection = day.up().parts().writer().connect();
        Statement statement = connection.createStatement()) {
      for (Relation relation : Relation.values()) {
        if (relation.intervals().isPresent()) {
          statement.execute("SYSTEM " + what + " VIEW " + relation.sqlName() + "_summed");
        }
      }
    }
  }

  /**
   * An hour has no revision that a test could raise, but a later sum replaces it. ClickHouse sums
   * once a minute by itself, which would repair the hour before it is compared: not meanwhile.
   */
  private static void assertASpoiltHourIsSeen(SimulatedDay day, Verification verification)
      throws Exception {
    summing(day, "STOP");
    try (Connection connection = day.up().parts().writer().connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "INSERT INTO step_hours_rows SELECT * REPLACE (runs + 1 AS runs, stored_at + 1 AS stored_at)"
              + " FROM step_hours_rows FINAL WHERE runs > 0 ORDER BY hour LIMIT 1");
      assertThat(verification.compare(day.reader(), day.now()).differences())
          .extracting(Difference::relation)
          .containsExactly(Relation.STEP_HOURS);
    }
  }

  /**
   * The outage is the first spike; the worse version later that day may open another one. On a busy
   * machine runs can be told so late that a spike need not be there, and what went wrong before can
   * make it less improbable: then there is none to spoil, or none that is missed.
   */
  private static boolean isOutageTold(SimulatedDay day) {
    Row outage =
        day.reader()
            .query(
                """
                WITH (SELECT min(opened_at) FROM error_spikes WHERE workflow = 'nightly-report') AS begin,
                  ended_at >= begin AND ended_at < begin + INTERVAL 30 MINUTE AS within
                SELECT (SELECT count() FROM error_spikes
                        WHERE workflow = 'nightly-report' AND opened_at < begin + INTERVAL 1 HOUR) AS spikes,
                  countIf(within AND status = 'errored') AS errored,
                  countIf(within AND status = 'complete') AS others,
                  countIf(within AND observed_at > ended_at + INTERVAL 5 MINUTE) AS late,
                  countIf(ended_at < begin) AS before,
                  countIf(ended_at < begin AND status = 'errored') AS errored_before
                FROM instances
                WHERE workflow = 'nightly-report' AND end_kind = 'api'
                  AND status IN ('errored', 'complete')""")
            .get(0);
    boolean published =
        outage.number("spikes") == 1
            && outage.number("errored") >= 14
            && outage.number("others") == 0
            && outage.number("late") == 0
            && outage.number("before") >= 200
            && outage.number("errored_before") * 20 <= outage.number("before");
    if (!published) {
      System.out.println("error_spikes is not spoilt, for none of it would be missed: " + outage);
    }
    return published;
  }

  /** Spoils one row in each of the relations at once. */
  private static void assertSpoiltRowsAreSeen(
      SimulatedDay day, Verification verification, Set<Relation> relations) throws SQLException {
    List<Tampering> tamperings = new ArrayList<>();
    try {
      for (Relation relation : relations) {
        tamperings.add(Tampering.with(day.up().parts().writer(), relation));
      }
      for (Tampering.Kind kind : Tampering.Kind.values()) {
        for (Tampering tampering : tamperings) {
          tampering.spoil(kind);
        }
        assertThat(verification.compare(day.reader(), day.now()).differences())
            .as("%s in %s", kind, relations)
            .extracting(Difference::relation)
            .containsAll(relations);
        for (Tampering tampering : tamperings) {
          tampering.mend(kind);
        }
      }
    } finally {
      for (Tampering tampering : tamperings) {
        tampering.close();
      }
    }
  }

  private static void assertNothingLeaked(Traces traces) {
    assertThat(traces.found())
        .as("the search sees")
        .contains(
            "topic flowmeter.observations holds " + KNOWN_TO_BE_THERE,
            "topic flowmeter.instances holds " + KNOWN_TO_BE_THERE,
            "table step_runs holds " + KNOWN_TO_BE_THERE)
        .anyMatch(trace -> trace.matches("topic flowmeter-streams-.*-changelog holds .*"));
    assertThat(traces.found())
        .as("payloads, tokens and personal data in what is kept")
        .allMatch(trace -> trace.endsWith(KNOWN_TO_BE_THERE));
  }
}
