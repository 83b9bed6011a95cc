package io.flowmeter.cli;

import io.flowmeter.cli.console.Logs;
import io.flowmeter.cli.migrate.Migration;
import io.flowmeter.cli.parts.Parts;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.cli.source.ChosenSource;
import io.flowmeter.cli.source.SourceAddress;
import io.flowmeter.ingest.Ingest;
import io.flowmeter.ingest.source.SourceNotFoundException;
import io.flowmeter.schemas.SchemaRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
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

  @Mixin private SettingsOptions options = new SettingsOptions();

  @Option(names = "--source", paramLabel = "URL", description = "The Workflows API to poll.")
  private Optional<String> source = Optional.empty();

  private final Invocation invocation;

  IngestCommand(Invocation invocation) {
    this.invocation = invocation;
  }

  @Override
  public Integer call() throws InterruptedException, SourceNotFoundException {
    Settings settings = options.read(invocation, source);
    Logs.toStandardError(settings.secrets());
    Parts parts = Parts.find(settings);
    SourceAddress from = source(settings);
    StopRequest stop = StopRequest.onSignals();
    try (SchemaRegistry registry = parts.registry()) {
      requireMigrated(parts, registry);
      return poll(parts, registry, from, stop);
    }
  }

  private static SourceAddress source(Settings settings) {
    ChosenSource chosen =
        ChosenSource.choose(settings, Optional.empty(), settings.get(Setting.DATA_DIR));
    if (chosen instanceof ChosenSource.Polled polled) {
      return SourceAddress.of(polled, settings);
    }
    throw new SettingsException(
        "expected something to poll, came none: set CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID, or name a --source");
  }

  private int poll(Parts parts, SchemaRegistry registry, SourceAddress from, StopRequest stop)
      throws InterruptedException, SourceNotFoundException {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    try (Ingest ingest =
        Ingest.start(from.ingest(parts.settings()), parts.kafka(), registry, failure::complete)) {
      invocation.console().say("Polling %s as account %s".formatted(from.url(), ingest.account()));
      while (!stop.await(TICK)) {
        if (failure.isDone()) {
          throw new CommandException(
              "polling stopped: " + failure.join().getMessage(), failure.join());
        }
      }
      return 0;
    }
  }

  /** Looks only: what is missing is made by {@code migrate}, once, and not by every process. */
  static void requireMigrated(Parts parts, SchemaRegistry registry) {
    try (Admin admin = parts.admin()) {
      MigrateCommand.require("topics", Migration.missingTopics(admin));
    }
    MigrateCommand.require("schemas", Migration.missingSchemas(registry));
  }
}
