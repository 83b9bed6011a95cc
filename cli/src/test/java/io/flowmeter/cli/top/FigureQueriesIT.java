package io.flowmeter.cli.top;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.cli.console.TerminalSanitizer;
import io.flowmeter.testkit.ClickHouseServer;
import java.time.Duration;
import java.util.Comparator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The queries on a real server, with a day of two workflows, as the read-only user asks them. */
class FigureQueriesIT {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  @BeforeAll
  static void aDayOfTwoWorkflows() throws Exception {
    server.startWithSampleFleet();
  }

  @Test
  void everyWorkflowIsToldWithItsRunsOfTheRange() throws Exception {
    Figures day = new FigureQueries(server.reader(), Duration.ofHours(25)).read();
    Figures hour = new FigureQueries(server.reader(), Duration.ofHours(1)).read();

    assertThat(day.workflows().stream().map(Figures.Workflow::name))
        .containsExactly("checkout", "nightly report");
    Figures.Workflow checkout = day.workflows().get(0);
    assertThat(checkout.account()).isEqualTo("acme");
    assertThat(checkout.running()).isEqualTo(4);
    assertThat(checkout.endedAMinute() * 60 * 25).isBetween(355.0, 360.0);
    // Of 360, each twelfth fails.
    assertThat(checkout.successShare().getAsDouble()).isBetween(0.87, 0.9);
    assertThat(checkout.p95Ms().getAsDouble()).isBetween(60_000.0, 90_000.0);
    assertThat(checkout.spikes()).isEqualTo(1);
    assertThat(checkout.openSpikes()).isZero();
    assertThat(day.workflows().get(1).openSpikes()).isEqualTo(1);
    assertThat(day.openSpikes()).isEqualTo(1);
    assertThat(hour.workflows().get(0).endedAMinute() * 60).isBetween(10.0, 15.0);
    assertThat(hour.workflows().get(0).spikes()).as("over for longer").isZero();
  }

  @Test
  void theRetryRateIsThatOfSteps() throws Exception {
    Figures day = new FigureQueries(server.reader(), Duration.ofHours(25)).read();

    double retries =
        number("SELECT sum(retries) FROM step_runs WHERE workflow = 'checkout' AND type = 'step'");
    double attempts =
        number("SELECT sum(attempts) FROM step_runs WHERE workflow = 'checkout' AND type = 'step'");
    assertThat(day.workflows().get(0).retryRate()).hasValue(retries / attempts);
  }

  @Test
  void theStepThatFailsMostComesFirst() throws Exception {
    Figures day = new FigureQueries(server.reader(), Duration.ofHours(25)).read();

    assertThat(day.steps().get(0).name()).isEqualTo("charge card");
    assertThat(day.steps().get(0).failures()).isGreaterThan(20);
    assertThat(day.steps())
        .isSortedAccordingTo(Comparator.comparing(Figures.Step::failures).reversed());
  }

  @Test
  void theNewestErrorsComeFirst() throws Exception {
    Figures day = new FigureQueries(server.reader(), Duration.ofHours(25)).read();

    assertThat(day.errors()).hasSizeBetween(40, 50);
    assertThat(day.errors())
        .isSortedAccordingTo(Comparator.comparing(Figures.Failure::at).reversed());
    assertThat(day.errors().get(0).message()).isEqualTo("account 473 is closed");
  }

  @Test
  void whatIsAskedFitsThePage() throws Exception {
    Top top =
        new Top(
            new FigureQueries(server.reader(), Duration.ofHours(25)),
            "25h",
            View.all(Order.TROUBLE, false),
            false);

    assertThat(top.page(120))
        .anyMatch(line -> line.startsWith("nightly report"))
        .anyMatch(line -> line.contains("account 473 is closed"))
        .allMatch(line -> TerminalSanitizer.width(line) <= 120);
  }

  @Test
  void anEmptyDatabaseIsNoError() throws Exception {
    try {
      server.startAfresh();

      assertThat(new FigureQueries(server.reader(), Duration.ofHours(1)).read())
          .isEqualTo(Samples.nothing());
    } finally {
      server.startWithSampleFleet();
    }
  }

  private static double number(String sql) throws Exception {
    return ((Number) server.query(sql).get(0).values().iterator().next()).doubleValue();
  }
}
