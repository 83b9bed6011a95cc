package io.flowmeter.ingest.source;

import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.budget.Priority;
import io.flowmeter.ingest.privacy.ErrorPrivacy;
import io.flowmeter.ingest.privacy.InstanceIds;
import io.flowmeter.ingest.privacy.LongText;
import io.flowmeter.ingest.telemetry.Telemetry;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Reads one detail in a process with little memory, and prints what it needed. */
final class LongDetailProcess {
  private LongDetailProcess() {}

  /** The address of an API that answers with the same detail whatever is asked. */
  public static void main(String[] args) throws Exception {
    SourceSettings settings =
        new SourceSettings(
            URI.create(args[0]),
            Optional.of("acc"),
            Optional.of(ApiToken.of("t")),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofMinutes(9),
            1200,
            1,
            1,
            ErrorPrivacy.SCRUBBED,
            InstanceIds.KEPT);
    Clock clock = Clock.system();
    try (Source source = SourceDetector.find(settings, new Telemetry(clock), clock)) {
      InstanceDetail detail =
          source.instance(source.budget().acquire(Priority.USUAL), "w", "i").value();
      System.gc();
      long held = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      System.out.println(
          detail.steps().size()
              + " steps, "
              + detail.steps().stream().mapToLong(step -> step.getAttempts().size()).sum()
              + " attempts, output of "
              + detail.outputBytes().orElse(0)
              + " bytes, message cut: "
              + detail.error().filter(e -> e.getMessage().endsWith(LongText.MARK)).isPresent()
              + ", "
              + held / (1 << 20)
              + " MiB held");
    }
  }
}
