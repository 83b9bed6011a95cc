package io.flowmeter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.cli.console.ProgressListener;
import io.flowmeter.dev.torture.Torture;
import io.flowmeter.dev.torture.TorturePlan;
import io.flowmeter.dev.verify.Report;
import io.flowmeter.simulator.fault.FaultPlan;
import io.flowmeter.verify.Comparison;
import io.flowmeter.verify.Verification;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The short part of the torture suite; {@code flowmeter torture} is the long one. */
class TortureIT {

  private static final Path DIRECTORY =
      Path.of(System.getProperty("flowmeter.home"), "e2e", "target", "torture");

  private static final TorturePlan PLAN =
      new TorturePlan(
          1, Duration.ofSeconds(10), 4, 0, 1.0 / 8, 3_000, 60, false, 0, FaultPlan.NONE, 1);

  @BeforeAll
  static void beginWithoutAnything() throws IOException {
    FreshDirectory.at(DIRECTORY);
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void whateverIsKilledEveryFactIsThereOnce() throws Exception {
    try (Torture torture = Torture.start(PLAN, DIRECTORY, ProgressListener.SILENT, () -> false)) {
      torture.live();
      torture.injected().lines().forEach(System.out::println);
      Verification verification = torture.verification();
      Comparison comparison = torture.compare(verification);
      Report.lines(comparison, verification.coverage(), torture.unseen())
          .forEach(System.out::println);

      assertThat(comparison.differences()).isEmpty();
    }
  }
}
