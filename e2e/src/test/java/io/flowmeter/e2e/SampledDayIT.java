package io.flowmeter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.cli.console.ProgressListener;
import io.flowmeter.cli.rebuild.Rebuilding;
import io.flowmeter.cli.rebuild.Servers;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.dev.verify.DayPlan;
import io.flowmeter.dev.verify.Report;
import io.flowmeter.dev.verify.SimulatedDay;
import io.flowmeter.simulator.fault.FaultPlan;
import io.flowmeter.verify.Comparison;
import io.flowmeter.verify.Verification;
import io.flowmeter.verify.relation.RelationReader;
import io.flowmeter.verify.relation.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A simulated day of which the request budget cannot fetch all: what the relations say is what was
 * served and what was drawn, and a rebuild mends what is spoilt.
 */
@Tag("nightly")
class SampledDayIT {

  private static final Path DIRECTORY =
      Path.of(System.getProperty("flowmeter.home"), "e2e", "target", "sampled");

  /** The budget suffices for two thirds of the details, at night for all. */
  private static final DayPlan DAY = new DayPlan(800, 7, FaultPlan.NONE, 2_880);

  private static final Map<String, String> TIGHT =
      Map.of("ingest.interval", "120s", "ingest.request.share", "0.008");

  @BeforeAll
  static void beginWithoutAnything() throws IOException {
    FreshDirectory.at(DIRECTORY);
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void whereRunsAreSampledTheRelationsSayWhatWasServedAndWhatWasLeftOut() throws Exception {
    Settings settings = Settings.read(TIGHT, Map.of(), Optional.empty());
    try (SimulatedDay day =
        SimulatedDay.start(
            DAY, settings, DIRECTORY.resolve("data"), ProgressListener.SILENT, () -> false)) {
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
    ObservationTopic.forgetBefore(servers, noon);
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
    List<String> output = new ArrayList<>();

    new Rebuilding(day.settings(), new RecordedProgress(output), true, false, false).run();

    output.forEach(System.out::println);
    assertThat(output).anyMatch(line -> line.startsWith("Boundary 2"));
    assertThat(output)
        .as("runs of both kinds")
        .anyMatch(line -> line.matches("[1-9].* derived anew, [1-9].* carried over"));
    assertThat(output).anyMatch(line -> line.startsWith("In use now"));
    try (Servers again = Servers.open(day.settings())) {
      RelationReader reader =
          new RelationReader(
              again.backends().clickHouseUrl().orElseThrow(), again.backends().reader().password());
      assertThat(verification.compare(reader, day.now()).differences()).isEmpty();
    }
  }
}
