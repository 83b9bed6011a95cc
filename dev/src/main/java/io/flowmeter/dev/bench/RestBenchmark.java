package io.flowmeter.dev.bench;

import io.flowmeter.bench.BenchmarkException;
import io.flowmeter.bench.Figure;
import io.flowmeter.bench.RealServers;
import io.flowmeter.cli.console.ProgressListener;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.clock.Clock;
import io.flowmeter.dev.up.Up;
import io.flowmeter.dev.up.UpProgress;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.RebuiltTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What {@code up} costs when it has nothing to catch up with: processor time, rows and inserts.
 *
 * @param rate new instances per second in the simulator, on the average of a day; those created by
 *     a schedule come on top
 * @param warmUp before processor time counts, for starting and compiling
 * @param length over which processor time is averaged
 */
public record RestBenchmark(double rate, Duration warmUp, Duration length) {
  private static final long SEED = 1;
  private static final String TOKEN = "rest-0123456789";
  private static final Duration STEP = Duration.ofSeconds(1);

  /** The number of a partition's latest block is that of its inserts. */
  private static final String INSERTS =
      """
      SELECT sum(latest) FROM
        (SELECT max(max_block_number) AS latest FROM system.parts
         WHERE database = currentDatabase() AND table = '%s' GROUP BY partition_id)
      """;

  /** How it is measured, to be read before the figures. */
  public String method() {
    return String.format(
        Locale.ROOT,
        """
        `up` and a simulator with %s new instances a second, at the shipped settings, in a folder of its own.
        cores: processor time of this process and of its children (the registry and ClickHouse) over %d s, after %d s
        that do not count, by what the system says of each process. rows: all that were written since the start; kept:
        those with different keys at the end; inserts: into the table, since the start.""",
        rate,
        length.toSeconds(),
        warmUp.toSeconds());
  }

  /**
   * Runs.
   *
   * @param progress is told how far it is
   */
  public List<Figure> run(Consumer<String> progress) throws InterruptedException {
    try {
      Path data = Files.createTempDirectory("flowmeter-bench");
      try (Simulator simulator = Simulator.start(fleet());
          Up up = Up.start(settings(data, simulator), ProgressListener.SILENT)) {
        return measure(up, progress);
      } finally {
        RealServers.delete(data);
      }
    } catch (IOException | SQLException e) {
      throw new BenchmarkException("the rows could not be counted: " + e.getMessage(), e);
    }
  }

  private SimulatorConfig fleet() {
    return SimulatorConfig.of(SEED, Clock.system().instant()).withRate(rate).withToken(TOKEN);
  }

  private static Settings settings(Path data, Simulator simulator) {
    Map<String, String> flags = new HashMap<>();
    flags.put(Setting.DATA_DIR.name(), data.toString());
    flags.put(Setting.SOURCE_URL.name(), simulator.baseUri().toString());
    flags.put(Setting.ACCOUNT_ID.name(), simulator.account());
    // As with the built-in simulator: an address on loopback would be polled faster.
    flags.put(Setting.INGEST_INTERVAL.name(), "10s");
    List.of(
            Setting.EMBEDDED_KAFKA_PORT,
            Setting.EMBEDDED_REGISTRY_PORT,
            Setting.EMBEDDED_CLICKHOUSE_PORT,
            Setting.METRICS_PORT,
            Setting.PREVIEW_PORT)
        .forEach(port -> flags.put(port.name(), "0"));
    return Settings.read(flags, Map.of("FLOWMETER_API_TOKEN", TOKEN), Optional.empty());
  }

  private List<Figure> measure(Up up, Consumer<String> progress)
      throws InterruptedException, SQLException {
    long start = System.nanoTime();
    pass(warmUp, up, left -> progress.accept("warms up: " + left.toSeconds() + " s left"));
    UpProgress before = up.progress();
    long own = ownNanos();
    long children = childrenNanos();
    long from = System.nanoTime();
    pass(length, up, left -> progress.accept(left.toSeconds() + " s left"));
    double nanos = System.nanoTime() - from;
    double ownCores = (ownNanos() - own) / nanos;
    double childrenCores = (childrenNanos() - children) / nanos;
    UpProgress after = up.progress();

    List<Figure> figures = new ArrayList<>();
    figures.add(new Figure("rest.cores", ownCores + childrenCores, "cores"));
    figures.add(new Figure("rest.cores.process", ownCores, "cores"));
    figures.add(new Figure("rest.cores.children", childrenCores, "cores"));
    long instances = after.instancesKnown() - before.instancesKnown();
    figures.add(new Figure("rest.instances", instances * 1e9 / nanos, "1/s"));
    addRows(figures, up.parts().writer(), after.rows(), (System.nanoTime() - start) / 1e9);
    return figures;
  }

  /** Waits, as long as all goes well. */
  private static void pass(Duration time, Up up, Consumer<Duration> left)
      throws InterruptedException {
    long until = System.nanoTime() + time.toNanos();
    for (long nanos = time.toNanos(); nanos > 0; nanos = until - System.nanoTime()) {
      up.failure()
          .ifPresent(
              failure -> {
                throw new BenchmarkException(failure, null);
              });
      left.accept(Duration.ofNanos(nanos));
      TimeUnit.NANOSECONDS.sleep(Math.min(nanos, STEP.toNanos()));
    }
  }

  private static void addRows(
      List<Figure> figures, ClickHouseEndpoint server, Map<String, Long> written, double seconds)
      throws SQLException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      for (Map.Entry<String, Long> relation : written.entrySet()) {
        String name = "rest." + relation.getKey();
        String table = RebuiltTables.table(relation.getKey());
        long kept = number(statement, "SELECT count() FROM " + table + " FINAL");
        long inserts = number(statement, INSERTS.formatted(table));
        figures.add(new Figure(name + ".rows", relation.getValue(), "rows"));
        figures.add(new Figure(name + ".kept", kept, "rows"));
        figures.add(
            new Figure(name + ".rows_per_kept", (double) relation.getValue() / kept, "ratio"));
        figures.add(new Figure(name + ".inserts", inserts / seconds, "1/s"));
      }
    }
  }

  private static long number(Statement statement, String sql) throws SQLException {
    try (ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    }
  }

  private static long ownNanos() {
    return nanos(ProcessHandle.current());
  }

  private static long childrenNanos() {
    return ProcessHandle.current().descendants().mapToLong(RestBenchmark::nanos).sum();
  }

  private static long nanos(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
  }
}
