package io.flowmeter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.cli.console.ProgressListener;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.dev.verify.DayPlan;
import io.flowmeter.dev.verify.Report;
import io.flowmeter.dev.verify.SimulatedDay;
import io.flowmeter.simulator.fault.FaultPlan;
import io.flowmeter.verify.Comparison;
import io.flowmeter.verify.Verification;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code flowmeter verify --faults all}: whole days on which every kind of fault is injected. */
@Tag("nightly")
class FaultyDayIT {
  private static final Path DIRECTORY =
      Path.of(System.getProperty("flowmeter.home"), "e2e", "target", "faulty");

  /** About as many as {@code flowmeter verify} creates by itself. */
  private static final int INSTANCES = 3_000;

  private static final double SPEED = 720;

  @ParameterizedTest
  @ValueSource(longs = {5, 71, 182})
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void relationsEqualTheLedgerUnderEveryFault(long seed) throws Exception {
    Path directory = DIRECTORY.resolve("seed-" + seed);
    FreshDirectory.at(directory);
    DayPlan plan = new DayPlan(INSTANCES, seed, FaultPlan.all(seed), SPEED);
    Settings settings = Settings.read(Map.of("ingest.interval", "60s"), Map.of(), Optional.empty());
    try (SimulatedDay day =
        SimulatedDay.start(
            plan, settings, directory.resolve("data"), ProgressListener.SILENT, () -> false)) {
      day.live();
      Verification verification = day.verification();
      Comparison comparison = verification.compare(day.reader(), day.now());
      Report.lines(comparison, verification.coverage(), day.simulator().ledger().unseen(day.end()))
          .forEach(System.out::println);

      assertThat(comparison.differences()).isEmpty();
    }
  }
}
