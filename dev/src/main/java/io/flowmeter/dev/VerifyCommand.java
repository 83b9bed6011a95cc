package io.flowmeter.dev;

import io.flowmeter.cli.Flowmeter;
import io.flowmeter.cli.Invocation;
import io.flowmeter.cli.StopRequest;
import io.flowmeter.cli.Version;
import io.flowmeter.cli.console.Console;
import io.flowmeter.cli.console.Logs;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.dev.verify.DayPlan;
import io.flowmeter.dev.verify.Report;
import io.flowmeter.dev.verify.SimulatedDay;
import io.flowmeter.simulator.fault.FaultPlan;
import io.flowmeter.simulator.fault.FaultWords;
import io.flowmeter.verify.Comparison;
import io.flowmeter.verify.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code flowmeter verify}. */
@Command(
    name = "verify",
    description =
        "Run the whole pipeline on a simulated day, and hold every relation against what was"
            + " served.",
    footer = {
      "",
      "Kafka, Schema Registry and ClickHouse are started for it, in a directory of their own that is",
      "removed when all is well and kept when it is not. The last line says what came of it:",
      "",
      "  verified 61234 facts: missing 0, double 0, wrong 0"
    },
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  /** Settings that matter here; all others are the day's own. */
  private static final String OWN = "ingest\\.|stream\\.|topics\\.";

  @Option(
      names = "--instances",
      paramLabel = "N",
      description = "Created in the day, about (default: ${DEFAULT-VALUE}).")
  private int instances = 3_000;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Another seed, another day (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--speed",
      paramLabel = "X",
      description = "Virtual seconds for a real one (default: ${DEFAULT-VALUE}).")
  private double speed = 720;

  @Option(
      names = "--faults",
      paramLabel = "FAULTS",
      description =
          "What goes wrong by itself: 'all', or shares of requests such as 429=0.001,5xx=0.01,reset=0.01,truncated=0.01,slow=0.01,content-type=0.01,skew=10m.")
  private String faults = "";

  @Option(
      names = "--stay",
      description = "Stay until Ctrl-C when it is done, with the day in ClickHouse and on a page.")
  private boolean stay;

  private final Invocation invocation;
  private final Console console;

  VerifyCommand(Invocation invocation) {
    this.invocation = invocation;
    this.console = invocation.console();
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    DayPlan plan = plan();
    Path directory = Files.createTempDirectory("flowmeter-verify-");
    Settings settings = Settings.read(flags(), Map.of(), Optional.empty());
    Logs.toFile(
        directory.resolve("flowmeter.log"),
        console,
        settings.get(Setting.LOG_FORMAT),
        settings.secrets());
    StopRequest stop = StopRequest.onSignals();
    console.onProgress(
        "%s, a day of %d instances, in %s".formatted(Version.text(), instances, directory));
    boolean clean = false;
    try (SimulatedDay day =
        SimulatedDay.start(plan, settings, directory.resolve("data"), console, stop::isRequested)) {
      day.live();
      console.endLive();
      Verification verification = day.verification();
      Comparison comparison = verification.compare(day.reader(), day.now());
      long rejected = day.simulator().rejected();
      clean = comparison.isClean() && (rejected == 0 || !faults.isEmpty());
      List<String> report =
          Report.lines(
              comparison, verification.coverage(), day.simulator().ledger().unseen(day.end()));
      report.subList(0, report.size() - 1).forEach(console::onProgress);
      console.onProgress("requests over the limit " + rejected);
      console.onProgress(report.get(report.size() - 1));
      if (stay) {
        console.onProgress("");
        day.up()
            .previewUrl()
            .ifPresent(
                page -> console.onProgress("The day as a page: " + page.resolve(lookingAt(day))));
        console.onProgress(
            "In SQL: flowmeter sql --data %s \"SELECT …\""
                .formatted(day.settings().get(Setting.DATA_DIR)));
        console.onProgress("Ctrl-C stops all of it.");
        while (!stop.await(Duration.ofHours(1))) {
          continue;
        }
      }
    } finally {
      console.endLive();
      if (clean) {
        Directories.remove(directory);
      } else {
        System.err.println("flowmeter: all of it is kept in " + directory);
      }
    }
    return clean ? 0 : Flowmeter.FAILED;
  }

  /** The day alone, of which the last hours passed while the pipeline caught up. */
  private static String lookingAt(SimulatedDay day) {
    Instant end = day.end().plus(Duration.ofMinutes(30));
    return "/d/flowmeter-overview?from=%d&to=%d"
        .formatted(end.minus(DayPlan.LENGTH).toEpochMilli(), end.toEpochMilli());
  }

  private DayPlan plan() {
    try {
      FaultPlan plan = faults.isEmpty() ? FaultPlan.NONE : FaultWords.parse(faults, seed);
      return new DayPlan(instances, seed, plan, speed);
    } catch (IllegalArgumentException e) {
      throw new SettingsException(e.getMessage(), e);
    }
  }

  /** Polling every minute of the day, unless told otherwise, leaves the machine some rest. */
  private Map<String, String> flags() {
    Map<String, String> flags = new LinkedHashMap<>(Map.of("ingest.interval", "60s"));
    invocation
        .settingFlags()
        .forEach(
            (name, value) -> {
              if (!name.matches("(" + OWN + ").*")) {
                throw new SettingsException(
                    "expected a setting of ingest, stream or topics, came --%s: a simulated day has its own"
                        .formatted(name));
              }
              flags.put(name, value);
            });
    return flags;
  }
}
