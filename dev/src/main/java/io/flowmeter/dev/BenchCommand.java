package io.flowmeter.dev;

import io.flowmeter.bench.Figure;
import io.flowmeter.bench.parse.ParseBenchmark;
import io.flowmeter.bench.polling.PollingBenchmark;
import io.flowmeter.bench.spikes.SpikeBenchmark;
import io.flowmeter.bench.tables.QueriesBenchmark;
import io.flowmeter.bench.tables.StorageBenchmark;
import io.flowmeter.bench.topology.DeliveryBenchmark;
import io.flowmeter.bench.topology.RestoreBenchmark;
import io.flowmeter.bench.topology.TopologyBenchmark;
import io.flowmeter.bench.writer.WriterBenchmark;
import io.flowmeter.cli.Invocation;
import io.flowmeter.cli.console.Console;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.dev.bench.RestBenchmark;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code flowmeter bench}. */
@Command(
    name = "bench",
    description = "Benchmarks, side by side; each ends with rows of `name value unit`.",
    mixinStandardHelpOptions = true)
final class BenchCommand implements Runnable {
  private final Invocation invocation;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  BenchCommand(Invocation invocation) {
    this.invocation = invocation;
  }

  /** Without a name: the list of benchmarks. */
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  @Command(
      name = "parse",
      description = "Speed and heap of reading a long detail, beside a Jackson tree.",
      mixinStandardHelpOptions = true)
  int parse(
      @Option(
              names = "--steps",
              defaultValue = "25000",
              description = "Steps of the detail (default: ${DEFAULT-VALUE}).")
          int steps,
      @Option(
              names = "--output",
              defaultValue = "4",
              description = "KiB of each step's output (default: ${DEFAULT-VALUE}).")
          int outputKib,
      @Option(
              names = "--rounds",
              defaultValue = "9",
              description = "Rounds that count (default: ${DEFAULT-VALUE}).")
          int rounds)
      throws InterruptedException {
    atLeast("--steps", steps, 1);
    atLeast("--output", outputKib, 0);
    atLeast("--rounds", rounds, 1);
    ParseBenchmark benchmark = new ParseBenchmark(steps, outputKib, rounds);
    return print(benchmark.method(), () -> benchmark.run(invocation.console()::live));
  }

  @Command(
      name = "polling",
      description = "What the poller makes of its budget on a simulated day, beside a naive one.",
      mixinStandardHelpOptions = true)
  int polling(
      @Option(
              names = "--rate",
              split = ",",
              defaultValue = "2,20",
              description = "Instances that finish in a second (default: ${DEFAULT-VALUE}).")
          List<Double> rates,
      @Option(
              names = "--sleepers",
              defaultValue = "50000",
              description = "Live instances of one more account (default: ${DEFAULT-VALUE}).")
          int sleepers,
      @Option(
              names = "--hours",
              defaultValue = "24",
              description = "Of the day that are simulated (default: ${DEFAULT-VALUE}).")
          double hours,
      @Option(
              names = "--seed",
              defaultValue = "1",
              description = "Another seed, another day (default: ${DEFAULT-VALUE}).")
          long seed)
      throws InterruptedException {
    atLeast("--sleepers", sleepers, 0);
    if (!(hours > 0 && hours <= 24)) {
      throw new SettingsException("expected --hours over 0 and up to 24, came " + hours);
    }
    if (!rates.stream().allMatch(rate -> rate > 0 && rate <= 1000)) {
      throw new SettingsException("expected --rate over 0 and up to 1000, came " + rates);
    }
    PollingBenchmark benchmark =
        new PollingBenchmark(rates, sleepers, Duration.ofSeconds(Math.round(3600 * hours)), seed);
    return print(benchmark.method(), () -> benchmark.run(invocation.console()::onProgress));
  }

  @Command(
      name = "spikes",
      description = "False alarms on calm weeks, and how soon a storm is told of.",
      mixinStandardHelpOptions = true)
  int spikes(
      @Option(
              names = "--rate",
              split = ",",
              defaultValue = "0.15,0.5,1.5",
              description =
                  "Instances created in a second; fleets take turns (default: ${DEFAULT-VALUE}).")
          List<Double> rates,
      @Option(
              names = "--weeks",
              defaultValue = "15",
              description = "Fleets that are watched for a calm week (default: ${DEFAULT-VALUE}).")
          int weeks,
      @Option(
              names = "--eventful",
              defaultValue = "15",
              description = "Fleets watched for three eventful days (default: ${DEFAULT-VALUE}).")
          int eventful,
      @Option(
              names = "--interval",
              split = ",",
              defaultValue = "10,120",
              description = "Seconds between sweeps (default: ${DEFAULT-VALUE}).")
          List<Integer> intervals,
      @Option(
              names = "--seed",
              defaultValue = "1",
              description = "Of the first fleet (default: ${DEFAULT-VALUE}).")
          long seed)
      throws InterruptedException {
    atLeast("--weeks", weeks, 0);
    atLeast("--eventful", eventful, 0);
    intervals.forEach(interval -> atLeast("--interval", interval, 1));
    if (!rates.stream().allMatch(rate -> rate > 0 && rate <= 100)) {
      throw new SettingsException("expected --rate over 0 and up to 100, came " + rates);
    }
    SpikeBenchmark benchmark =
        new SpikeBenchmark(
            rates, weeks, eventful, intervals.stream().map(Duration::ofSeconds).toList(), seed);
    return print(benchmark.method(), () -> benchmark.run(invocation.console()::onProgress));
  }

  @Command(
      name = "writer",
      description = "Rows a second into ClickHouse, by the writer and by other ways.",
      mixinStandardHelpOptions = true)
  int writer(
      @Option(
              names = "--rows",
              defaultValue = "400000",
              description =
                  "Step runs that each way writes in a round (default: ${DEFAULT-VALUE}).")
          int rows,
      @Option(
              names = "--rounds",
              defaultValue = "5",
              description = "Rounds that count (default: ${DEFAULT-VALUE}).")
          int rounds)
      throws InterruptedException {
    atLeast("--rows", rows, 1);
    atLeast("--rounds", rounds, 1);
    WriterBenchmark benchmark = new WriterBenchmark(rows, rounds);
    return print(benchmark.method(), () -> benchmark.run(invocation.console()::live));
  }

  @Command(
      name = "delivery",
      description = "How long an observation takes until queries see what follows.",
      mixinStandardHelpOptions = true)
  int delivery(
      @Option(
              names = "--probes",
              defaultValue = "100",
              description =
                  "Observations that are waited for, at each rate (default: ${DEFAULT-VALUE}).")
          int probes,
      @Option(
              names = "--threads",
              defaultValue = "1",
              description = "Of the topology, as stream.threads (default: ${DEFAULT-VALUE}).")
          int threads)
      throws InterruptedException {
    atLeast("--probes", probes, 1);
    atLeast("--threads", threads, 1);
    DeliveryBenchmark benchmark = new DeliveryBenchmark(probes, threads);
    return print(benchmark.method(), () -> benchmark.run(invocation.console()::live));
  }

  @Command(
      name = "topology",
      description =
          "Records a second through the topology, beside Kafka Streams with nothing to do.",
      mixinStandardHelpOptions = true)
  int topology(
      @Option(
              names = "--runs",
              defaultValue = "20000",
              description = "Of 20 steps, each observed twice (default: ${DEFAULT-VALUE}).")
          int runs,
      @Option(
              names = "--rounds",
              defaultValue = "5",
              description = "Rounds that count (default: ${DEFAULT-VALUE}).")
          int rounds,
      @Option(
              names = "--warm-ups",
              defaultValue = "2",
              description = "Rounds before those, which do not count (default: ${DEFAULT-VALUE}).")
          int warmUps)
      throws InterruptedException {
    atLeast("--runs", runs, 1);
    atLeast("--rounds", rounds, 1);
    atLeast("--warm-ups", warmUps, 0);
    TopologyBenchmark benchmark = new TopologyBenchmark(runs, warmUps, rounds);
    return print(benchmark.method(), () -> benchmark.run(invocation.console()::live));
  }

  @Command(
      name = "restore",
      description = "How long the state of live instances takes to come back from Kafka.",
      mixinStandardHelpOptions = true)
  int restore(
      @Option(
              names = "--instances",
              defaultValue = "1000000",
              description = "That live (default: ${DEFAULT-VALUE}).")
          int instances,
      @Option(
              names = "--rounds",
              defaultValue = "3",
              description = "Times that it is restored (default: ${DEFAULT-VALUE}).")
          int rounds,
      @Option(
              names = "--threads",
              defaultValue = "1",
              description = "Of the topology, as stream.threads (default: ${DEFAULT-VALUE}).")
          int threads)
      throws InterruptedException {
    atLeast("--instances", instances, 1);
    atLeast("--rounds", rounds, 1);
    atLeast("--threads", threads, 1);
    RestoreBenchmark benchmark = new RestoreBenchmark(instances, rounds, threads);
    return print(benchmark.method(), () -> benchmark.run(invocation.console()::live));
  }

  @Command(
      name = "storage",
      description = "What all tables take on disk, by step run.",
      mixinStandardHelpOptions = true)
  int storage(
      @Option(
              names = "--step-runs",
              defaultValue = "100000000",
              description = "That are made (default: ${DEFAULT-VALUE}).")
          int stepRuns,
      @Option(
              names = "--hours",
              defaultValue = "720",
              description =
                  "Over which they are spread; fewer for fewer keep minutes as full"
                      + " (default: ${DEFAULT-VALUE}).")
          int hours,
      @Option(
              names = "--data",
              paramLabel = "<folder>",
              description =
                  "Where the rows are kept once they are made, and taken from if they are there;"
                      + " else they are made and thrown away.")
          Optional<Path> data)
      throws InterruptedException {
    atLeast("--step-runs", stepRuns, 20);
    atLeast("--hours", hours, 1);
    StorageBenchmark benchmark = new StorageBenchmark(stepRuns, Duration.ofHours(hours), data);
    return print(benchmark.method(), () -> benchmark.run(invocation.console()::live));
  }

  @Command(
      name = "queries",
      description = "How fast ready queries and dashboards are answered over a month.",
      mixinStandardHelpOptions = true)
  int queries(
      @Option(
              names = "--step-runs",
              defaultValue = "100000000",
              description = "Of the month (default: ${DEFAULT-VALUE}).")
          int stepRuns,
      @Option(
              names = "--rounds",
              defaultValue = "5",
              description = "After a first time (default: ${DEFAULT-VALUE}).")
          int rounds,
      @Option(
              names = "--data",
              paramLabel = "<folder>",
              description =
                  "Where the rows are kept once they are made, and taken from if they are there;"
                      + " else they are made and thrown away.")
          Optional<Path> data)
      throws InterruptedException {
    atLeast("--step-runs", stepRuns, 20);
    atLeast("--rounds", rounds, 1);
    QueriesBenchmark benchmark =
        new QueriesBenchmark(stepRuns, rounds, QueriesBenchmark.ALL_RANGES, data);
    return print(benchmark.method(), () -> benchmark.run(invocation.console()::live));
  }

  @Command(
      name = "rest",
      description = "What `up` costs at rest: processor time, rows and inserts.",
      mixinStandardHelpOptions = true)
  int rest(
      @Option(
              names = "--rate",
              defaultValue = "1.5",
              description =
                  "New instances a second, on the average of a day (default: ${DEFAULT-VALUE}, as"
                      + " of `up`).")
          double rate,
      @Option(
              names = "--warm-up",
              defaultValue = "120",
              description = "Seconds that do not count (default: ${DEFAULT-VALUE}).")
          int warmUp,
      @Option(
              names = "--seconds",
              defaultValue = "900",
              description = "Seconds that count (default: ${DEFAULT-VALUE}).")
          int seconds)
      throws InterruptedException {
    atLeast("--warm-up", warmUp, 0);
    atLeast("--seconds", seconds, 1);
    RestBenchmark benchmark =
        new RestBenchmark(rate, Duration.ofSeconds(warmUp), Duration.ofSeconds(seconds));
    return print(benchmark.method(), () -> benchmark.run(invocation.console()::live));
  }

  private static void atLeast(String option, int value, int least) {
    if (value < least) {
      throw new SettingsException(
          "expected %s of at least %d, came %d".formatted(option, least, value));
    }
  }

  private interface Run {
    List<Figure> run() throws InterruptedException;
  }

  private int print(String method, Run run) throws InterruptedException {
    invocation.requireNoSettings("a benchmark has options of its own");
    Console console = invocation.console();
    console.onProgress(method + "\n");
    List<Figure> figures = run.run();
    console.live("");
    figures.forEach(figure -> console.onProgress(figure.toString()));
    return 0;
  }
}
