package io.flowmeter.cli;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.console.Logs;
import io.flowmeter.cli.health.FailingThreads;
import io.flowmeter.cli.health.StreamHealth;
import io.flowmeter.cli.metrics.MetricsServer;
import io.flowmeter.cli.metrics.StreamMetrics;
import io.flowmeter.cli.migrate.BackendMigration;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.start.Start;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.ClickHouseFailure;
import io.flowmeter.streams.StreamProcessing;
import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.health.StreamMinutes;
import io.flowmeter.streams.rebuild.UnknownState;
import io.flowmeter.streams.writer.ClickHouseWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.streams.errors.StreamsException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flowmeter stream}. */
@Command(
    name = "stream",
    description = "Derive facts and rollups, and write them into ClickHouse, until it is stopped.",
    footer = {
      "",
      "Any number of machines share the work, as many as there are partitions.",
      "Topics, schemas and tables must be there: flowmeter migrate makes them."
    },
    mixinStandardHelpOptions = true)
final class StreamCommand implements Callable<Integer> {
  private static final Duration TICK = Duration.ofMillis(500);

  /** A server that is slow to come does not keep the topology from its work. */
  private static final Map<String, String> SOON =
      Map.of("connection_timeout", "3000", "socket_timeout", "5000");

  /** Kafka Streams' own words for a directory that another process has. */
  private static final String IN_USE = "multiple instances of Kafka Streams";

  @Mixin private SettingsOptions options = new SettingsOptions();

  private final Invocation invocation;

  StreamCommand(Invocation invocation) {
    this.invocation = invocation;
  }

  @Override
  public Integer call() throws Exception {
    Settings settings = options.read(invocation);
    Logs.toStandardError(settings.get(Setting.LOG_FORMAT), settings.secrets());
    Backends backends = Backends.find(settings);
    return Service.run(
        "stream",
        (service, stop) -> {
          Start start = new Start(invocation.console(), stop::await);
          try (SchemaRegistry registry = backends.registry();
              MetricsServer metrics = MetricsServer.start(settings, start)) {
            metrics.url().ifPresent(url -> invocation.console().onProgress("Metrics at " + url));
            start.through(() -> IngestCommand.requireMigrated(backends, registry));
            requireTables(backends.writer());
            StreamSettings streams = start.through(() -> streams(backends));
            return run(backends, streams, registry, metrics, service, stop);
          }
        });
  }

  private StreamSettings streams(Backends backends) {
    StreamSettings streams = backends.streamSettings(backends.kafka());
    UnknownState.of(streams).ifPresent(invocation.console()::warn);
    return streams;
  }

  /**
   * Resources close in reverse: the topology stops before the writer, which takes its last rows.
   */
  private int run(
      Backends backends,
      StreamSettings streams,
      SchemaRegistry registry,
      MetricsServer metrics,
      Service service,
      StopRequest stop)
      throws InterruptedException {
    try (ClickHouseWriter writer =
            ClickHouseWriter.start(
                backends.writerSettings(backends.kafka()), registry, backends.writer());
        StreamProcessing topology = topology(streams, registry);
        StreamMinutes minutes =
            StreamMinutes.start(
                topology,
                writer,
                backends.kafka(),
                registry,
                backends.settings().get(Setting.CLOCK));
        metrics) {
      metrics.serve(new StreamHealth(topology, writer), new StreamMetrics(topology, writer));
      invocation.console().onProgress("Streaming into " + backends.writer());
      service.started();
      FailingThreads failing = new FailingThreads(System::nanoTime);
      while (!stop.await(TICK)) {
        failing.newFailure(topology).ifPresent(invocation.console()::warn);
        StreamHealth.broken(topology, writer)
            .ifPresent(
                failure -> {
                  throw new CommandException(failure);
                });
      }
      return 0;
    }
  }

  private static StreamProcessing topology(StreamSettings streams, SchemaRegistry registry) {
    try {
      return StreamProcessing.start(streams, registry);
    } catch (StreamsException e) {
      if (String.valueOf(e.getMessage()).contains(IN_USE)) {
        throw new CommandException(
            "the stores in %s are in use by another flowmeter stream or up. Stop that one, or give this one a directory of its own: --data DIR"
                .formatted(streams.stateDir()),
            e);
      }
      throw e;
    }
  }

  /**
   * Where ClickHouse is away, facts are derived all the same and wait in Kafka until the writer,
   * which tells what it waits for, gets through.
   */
  private void requireTables(ClickHouseEndpoint clickHouse) {
    try (Connection connection = clickHouse.withOptions(SOON).connect()) {
      MigrateCommand.require("tables", BackendMigration.missingRelations(connection));
    } catch (SQLException e) {
      if (ClickHouseFailure.needsManualFix(e)) {
        throw new CommandException(
            "%s could not be asked for its tables: %s. Check clickhouse.url, user and password; without the database, run flowmeter migrate"
                .formatted(clickHouse, e.getMessage()),
            e);
      }
      invocation
          .console()
          .warn(
              "%s is not to be reached: %s. Rows wait in Kafka until it is. Should that last, see whether it runs, and whether clickhouse.url is right: flowmeter doctor"
                  .formatted(clickHouse, e.getMessage()));
    }
  }
}
