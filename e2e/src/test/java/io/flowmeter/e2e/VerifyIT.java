package io.flowmeter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.cli.console.Narrator;
import io.flowmeter.cli.rebuild.Rebuilding;
import io.flowmeter.cli.rebuild.Servers;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.verify.DayPlan;
import io.flowmeter.cli.verify.Report;
import io.flowmeter.cli.verify.SimulatedDay;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.fault.FaultPlan;
import io.flowmeter.simulator.fleet.ErrorCanaries;
import io.flowmeter.verify.Comparison;
import io.flowmeter.verify.Comparison.Difference;
import io.flowmeter.verify.Verification;
import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.RelationReader;
import io.flowmeter.verify.relation.Row;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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

  /** Of this one the budget suffices for two thirds of the details, at night for all. */
  private static final DayPlan BUSY_DAY = new DayPlan(800, 7, FaultPlan.NONE, 2_880);

  private static final Map<String, String> TIGHT =
      Map.of("ingest.interval", "120s", "ingest.request.share", "0.008");

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
    if (Files.exists(DIRECTORY)) {
      try (Stream<Path> files = Files.walk(DIRECTORY)) {
        files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
      }
    }
    Files.createDirectories(DIRECTORY);
  }

  @Test
  @Timeout(value = 8, unit = TimeUnit.MINUTES)
  void theRelationsSayExactlyWhatWasServed() throws Exception {
    Settings settings = Settings.read(Map.of("ingest.interval", "60s"), Map.of(), Optional.empty());
    Traces traces;
    try (SimulatedDay day =
        SimulatedDay.start(
            DAY, settings, DIRECTORY.resolve("data"), Narrator.SILENT, () -> false)) {
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

      traces.searchTopics(day.up().parts().bootstrapServers().orElseThrow());
      traces.searchTables(day.reader());
      assertSpoiltRowsAreSeen(day, verification);
      assertASpoiltHourIsSeen(day, verification);
    }
    traces.searchFiles(DIRECTORY);
    assertNothingLeaked(traces);
  }

  @Test
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void whereRunsAreSampledTheRelationsSayWhatWasServedAndWhatWasLeftOut() throws Exception {
    Settings settings = Settings.read(TIGHT, Map.of(), Optional.empty());
    try (SimulatedDay day =
        SimulatedDay.start(
            BUSY_DAY, settings, DIRECTORY.resolve("sampled"), Narrator.SILENT, () -> false)) {
      day.live();
      Verification verification = day.verification();
      Comparison comparison = verification.compare(day.reader(), day.now());
      Report.lines(comparison, verification.coverage(), day.simulator().ledger().unseen(day.end()))
          .forEach(System.out::println);
      assertThat(comparison.differences()).isEmpty();
      assertThat(day.simulator().rejected()).as("requests over the limit").isZero();
      Row compared =
          day.reader()
              .query(
                  "SELECT countIf(weight = 0 AND status = 'complete') AS left_out,"
                      + " countIf(weight > 1) AS drawn FROM instances")
              .get(0);
      assertThat(compared.number("left_out")).as("left out").isGreaterThan(50);
      assertThat(compared.number("drawn")).as("drawn, of a weight over 1").isGreaterThan(10);

      assertARebuildMendsWhatIsSpoilt(day, verification);
    }
  }

  /**
   * Half of the day's observations are gone: runs of its first half are carried over, those of its
   * second are derived anew, and many runs and minutes lie across.
   */
  private static void assertARebuildMendsWhatIsSpoilt(SimulatedDay day, Verification verification)
      throws Exception {
    Instant noon = day.end().minus(Duration.ofHours(12));
    String servers = day.up().parts().bootstrapServers().orElseThrow();
    Observed.forgetBefore(servers, noon);
    long after = noon.plus(Duration.ofHours(1)).toEpochMilli();
    String later = "run > " + after;
    try (Connection connection = day.up().parts().writer().connect();
        Statement statement = connection.createStatement()) {
      for (String spoil :
          List.of(
              "ALTER TABLE instances_rows UPDATE lost_ms = 7 WHERE " + later,
              "ALTER TABLE transitions_rows DELETE WHERE " + later,
              "ALTER TABLE step_runs_rows UPDATE attempt_ms_off = attempt_ms_off + 1 WHERE "
                  + later,
              "ALTER TABLE step_attempts_rows DELETE WHERE " + later,
              "ALTER TABLE workflow_minutes_rows UPDATE queued = queued + 1 WHERE minute > toDateTime("
                  + after / 1_000
                  + ")")) {
        statement.execute(spoil + " SETTINGS mutations_sync = 2");
      }
      statement.execute("DROP TABLE step_minutes_rows SYNC");
    }
    day.up().close();
    List<String> told = new ArrayList<>();

    new Rebuilding(day.settings(), new Heard(told), true, false).run();

    told.forEach(System.out::println);
    assertThat(told).anyMatch(line -> line.startsWith("Boundary 2"));
    assertThat(told)
        .as("runs of both kinds")
        .anyMatch(line -> line.matches("[1-9].* derived anew, [1-9].* carried over"));
    assertThat(told).anyMatch(line -> line.startsWith("In use now"));
    try (Servers again = Servers.open(day.settings())) {
      RelationReader reader =
          new RelationReader(
              again.parts().clickHouseUrl().orElseThrow(), again.parts().reader().password());
      assertThat(verification.compare(reader, day.now()).differences()).isEmpty();
    }
  }

  /** Keeps what is said. */
  private record Heard(List<String> lines) implements Narrator {
    @Override
    public void say(String line) {
      lines.add(line);
    }

    @Override
    public void warn(String line) {
      lines.add(line);
    }
  }

  private static void assertSpoiltRowsAreSeen(SimulatedDay day, Verification verification)
      throws SQLException, InterruptedException {
    assertThat(SPOILT_TOGETHER.stream().flatMap(Set::stream))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Relation.values())
                .filter(relation -> relation.stretches().isEmpty())
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
        if (relation.stretches().isPresent()) {
          statement.execute("SYSTEM " + what + " VIEW " + relation.sqlName() + "_summed");
        }
      }
    }
  }

  /** Sums have neither revisions nor deletions: they are summed anew. */
  private static void assertASpoiltHourIsSeen(SimulatedDay day, Verification verification)
      throws Exception {
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
   * On a busy machine runs can be told so late that a spike need not be there, and what went wrong
   * before can make it less improbable: then there is none to spoil, or none that is missed.
   */
  private static boolean isOutageTold(SimulatedDay day) {
    Row outage =
        day.reader()
            .query(
                """
                WITH (SELECT min(opened_at) FROM error_spikes WHERE workflow = 'nightly-report') AS begin,
                  ended_at >= begin AND ended_at < begin + INTERVAL 30 MINUTE AS within
                SELECT (SELECT count() FROM error_spikes WHERE workflow = 'nightly-report') AS spikes,
                  countIf(within AND status = 'errored') AS errored,
                  countIf(within AND status = 'complete') AS others,
                  countIf(within AND observed_at > ended_at + INTERVAL 5 MINUTE) AS late,
                  countIf(ended_at < begin) AS before,
                  countIf(ended_at < begin AND status = 'errored') AS errored_before
                FROM instances
                WHERE workflow = 'nightly-report' AND end_kind = 'api'
                  AND status IN ('errored', 'complete')""")
            .get(0);
    boolean told =
        outage.number("spikes") == 1
            && outage.number("errored") >= 14
            && outage.number("others") == 0
            && outage.number("late") == 0
            && outage.number("before") >= 200
            && outage.number("errored_before") * 20 <= outage.number("before");
    if (!told) {
      System.out.println("error_spikes is not spoilt, for none of it would be missed: " + outage);
    }
    return told;
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
            "table step_runs holds " + KNOWN_TO_BE_THERE);
    assertThat(traces.found())
        .as("payloads, tokens and personal data in what is kept")
        .allMatch(trace -> trace.endsWith(KNOWN_TO_BE_THERE));
  }
}
