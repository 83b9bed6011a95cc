package io.flowmeter.cli;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.console.Console;
import io.flowmeter.cli.console.Logs;
import io.flowmeter.cli.health.PollerEvents;
import io.flowmeter.cli.health.PollerHealth;
import io.flowmeter.cli.metrics.MetricsServer;
import io.flowmeter.cli.metrics.PollerMetrics;
import io.flowmeter.cli.migrate.BackendMigration;
import io.flowmeter.cli.poll.PollerLine;
import io.flowmeter.cli.poll.Pollers;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.cli.source.ChosenSource;
import io.flowmeter.cli.source.SourceAddress;
import io.flowmeter.cli.start.Start;
import io.flowmeter.ingest.Ingest;
import io.flowmeter.schemas.SchemaRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flowmeter ingest}. */
@Command(
    name = "ingest",
    description = "Poll the Workflows API into Kafka, until it is stopped.",
    footer = {"", "Topics and schemas must be there: flowmeter migrate makes them."},
    mixinStandardHelpOptions = true)
final class IngestCommand implements Callable<Integer> {
  private static final Duration TICK = Duration.ofMillis(500);

  /** Where a line cannot be rewritten. */
  private static final Duration LINE_EVERY = Duration.ofMinutes(1);

  @Mixin private SettingsOptions options = new SettingsOptions();

  @Option(names = "--source", paramLabel = "URL", description = "The Workflows API to poll.")
  private Optional<String> source = Optional.empty();

  private final Invocation invocation;
  private final Console console;

  IngestCommand(Invocation invocation) {
    this.invocation = invocation;
    this.console = invocation.console();
  }

  @Override
  public Integer call() throws Exception {
    Settings settings = options.read(invocation, source);
    Logs.toStandardError(settings.get(Setting.LOG_FORMAT), settings.secrets());
    Backends backends = Backends.find(settings);
    List<SourceAddress> from = source(settings);
    return Service.run(
        "ingest",
        (service, stop) -> {
          Start start = new Start(console, stop::await);
          try (SchemaRegistry registry = backends.registry();
              MetricsServer metrics = MetricsServer.start(settings, start)) {
            metrics.url().ifPresent(url -> console.onProgress("Metrics at " + url));
            start.through(() -> requireMigrated(backends, registry));
            try (Pollers pollers = start.through(() -> Pollers.start(from, backends, registry));
                metrics) {
              return poll(pollers, from, metrics, service, stop);
            }
          }
        });
  }

  private static List<SourceAddress> source(Settings settings) {
    ChosenSource chosen =
        ChosenSource.choose(settings, Optional.empty(), settings.get(Setting.DATA_DIR));
    if (chosen instanceof ChosenSource.Polled polled) {
      return SourceAddress.all(polled, settings);
    }
    throw new SettingsException(
        "expected something to poll, came none: set CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID, or name a --source");
  }

  private int poll(
      Pollers pollers,
      List<SourceAddress> from,
      MetricsServer metrics,
      Service service,
      StopRequest stop)
      throws InterruptedException {
    try {
      metrics.serve(
          new PollerHealth(pollers.all(), pollers::failure), new PollerMetrics(pollers.all()));
      for (Ingest each : pollers.all()) {
        console.onProgress(
            "%s %s as account %s"
                .formatted(
                    each.progress().isLeader() ? "Polling" : "Standing by for",
                    from.get(0).url(),
                    each.account()));
      }
      service.started();
      watch(pollers, stop);
      return 0;
    } finally {
      console.endLive();
    }
  }

  private void watch(Pollers pollers, StopRequest stop) throws InterruptedException {
    long said = System.nanoTime();
    PollerEvents events = new PollerEvents(System::nanoTime);
    while (!stop.await(TICK)) {
      if (pollers.failure().isPresent()) {
        Throwable failure = pollers.failure().get();
        throw new CommandException("polling stopped: " + failure.getMessage(), failure);
      }
      pollers.all().forEach(each -> events.check(each.account(), each.totals()));
      List<String> lines = pollers.all().stream().map(PollerLine::of).toList();
      if (console.rewrites()) {
        console.live(String.join(" | ", lines));
      } else if (System.nanoTime() - said >= LINE_EVERY.toNanos()) {
        lines.forEach(console::onProgress);
        said = System.nanoTime();
      }
    }
  }

  /**
   * Looks only: what is missing is made by {@code migrate}, once, and not by every process. Both
   * parts must answer before it is said what is missing.
   */
  static void requireMigrated(Backends backends, SchemaRegistry registry) {
    Admin admin = backends.admin();
    try {
      List<String> topics = BackendMigration.missingTopics(admin);
      List<String> schemas = BackendMigration.missingSchemas(registry);
      MigrateCommand.require("topics", topics);
      MigrateCommand.require("schemas", schemas);
    } finally {
      // What was not answered until now would be waited for for a minute.
      admin.close(Duration.ZERO);
    }
  }
}
