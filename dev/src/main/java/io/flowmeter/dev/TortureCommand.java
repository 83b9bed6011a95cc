package io.flowmeter.dev;

import io.flowmeter.cli.Flowmeter;
import io.flowmeter.cli.Invocation;
import io.flowmeter.cli.StopRequest;
import io.flowmeter.cli.Version;
import io.flowmeter.cli.console.Console;
import io.flowmeter.cli.console.LogFormat;
import io.flowmeter.cli.console.Logs;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.dev.torture.Torture;
import io.flowmeter.dev.torture.TorturePlan;
import io.flowmeter.dev.verify.Report;
import io.flowmeter.simulator.fault.FaultPlan;
import io.flowmeter.simulator.fault.FaultWords;
import io.flowmeter.verify.Comparison;
import io.flowmeter.verify.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code flowmeter torture}. */
@Command(
    name = "torture",
    description =
        "Kill every process of the pipeline at every side effect, over and over, and hold every"
            + " relation against what was served.",
    footer = {
      "",
      "Everything is started for it, in a directory of its own that is removed when all is well and",
      "kept when it is not. The last line says what came of it:",
      "",
      "  verified 61234 facts: missing 0, double 0, wrong 0"
    },
    mixinStandardHelpOptions = true)
final class TortureCommand implements Callable<Integer> {

  private static final double IN_HASTE = 1.0 / 8;

  /**
   * As in {@code all}, but for fewer blocks: each of 5 minutes is seconds in which nobody polls,
   * and who polls lives for seconds only.
   */
  private static final String FAULTS =
      "429=0.0001,5xx=0.01,reset=0.005,truncated=0.005,slow=0.002,content-type=0.005,empty=0.002,skew=10m";

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Another seed, other instances and other faults (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--minutes",
      paramLabel = "M",
      description = "For so long processes are killed (default: ${DEFAULT-VALUE}).")
  private double minutes = 5;

  @Option(
      names = "--each",
      paramLabel = "N",
      description =
          "And for as long as it takes to end processes so often at every failpoint of polling and"
              + " streaming (default: ${DEFAULT-VALUE}).")
  private int each = 1;

  @Option(
      names = "--ease",
      paramLabel = "X",
      description =
          "How many times as long as usual processes live, about; where much is to be worked"
              + " through, they need it (default: ${DEFAULT-VALUE}).")
  private double ease = 1;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description =
          "So often a migration and a rebuild are ended at every failpoint of theirs, which takes"
              + " minutes; 0 leaves them alone (default: ${DEFAULT-VALUE}).")
  private int rounds = 1;

  @Option(
      names = "--instances",
      paramLabel = "N",
      description = "Created in a day of virtual time, about (default: ${DEFAULT-VALUE}).")
  private int instances = 5_000;

  @Option(
      names = "--speed",
      paramLabel = "X",
      description = "Virtual seconds for a real one (default: ${DEFAULT-VALUE}).")
  private double speed = 60;

  @Option(
      names = "--brokers",
      paramLabel = "N",
      description = "Of Kafka; 3 and more are killed, too (default: ${DEFAULT-VALUE}).")
  private int brokers = 1;

  @Option(
      names = "--faults",
      paramLabel = "FAULTS",
      description =
          "What the API does wrong by itself: 'all', 'none', or shares of requests (default: ${DEFAULT-VALUE}).")
  private String faults = FAULTS;

  @Option(
      names = "--brief",
      description =
          "Leave migrations, rebuilds, ClickHouse and the API alone, and pause no process: what is"
              + " left is short.")
  private boolean brief;

  private final Invocation invocation;
  private final Console console;

  TortureCommand(Invocation invocation) {
    this.invocation = invocation;
    this.console = invocation.console();
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    invocation.requireNoSettings("what is tortured has its own");
    TorturePlan plan = plan();
    Path directory = Files.createTempDirectory("flowmeter-torture-");
    Logs.toFile(directory.resolve("flowmeter.log"), console, LogFormat.TEXT, List.of());
    StopRequest stop = StopRequest.onSignals();
    console.onProgress("%s, torture by seed %d, in %s".formatted(Version.text(), seed, directory));
    boolean clean = false;
    try (Torture torture =
        Torture.start(plan, directory.resolve("data"), console, stop::isRequested)) {
      try {
        torture.live();
      } finally {
        torture.injected().lines().forEach(console::onProgress);
      }
      Verification verification = torture.verification();
      Comparison comparison = torture.compare(verification);
      clean = comparison.isClean();
      Report.lines(comparison, verification.coverage(), torture.unseen())
          .forEach(console::onProgress);
    } finally {
      console.endLive();
      if (clean) {
        Directories.remove(directory);
      } else {
        System.err.println(
            "flowmeter: all of it is kept in " + directory + ", the seed was " + seed);
      }
    }
    return clean ? 0 : Flowmeter.FAILED;
  }

  private TorturePlan plan() {
    try {
      return new TorturePlan(
          seed,
          Duration.ofMillis((long) (minutes * 60_000)),
          0,
          each,
          brief ? IN_HASTE : ease,
          instances,
          speed,
          !brief,
          brief ? 0 : rounds,
          brief || faults.equals("none") ? FaultPlan.NONE : FaultWords.parse(faults, seed),
          brokers);
    } catch (IllegalArgumentException e) {
      throw new SettingsException(e.getMessage(), e);
    }
  }
}
