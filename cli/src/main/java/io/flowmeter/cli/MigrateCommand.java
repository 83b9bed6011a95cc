package io.flowmeter.cli;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.migrate.BackendMigration;
import io.flowmeter.cli.start.Start;
import io.flowmeter.schemas.SchemaRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flowmeter migrate}. */
@Command(
    name = "migrate",
    description = "Create what is missing: topics, schemas and their compatibility, tables.",
    footer = {"", "Safe to repeat. `up` does it by itself; run it before `ingest` and `stream`."},
    mixinStandardHelpOptions = true)
final class MigrateCommand implements Callable<Integer> {
  @Mixin private SettingsOptions options = new SettingsOptions();

  private final Invocation invocation;

  MigrateCommand(Invocation invocation) {
    this.invocation = invocation;
  }

  @Override
  public Integer call() throws Exception {
    Backends backends = Backends.find(options.read(invocation));
    Start start = new Start(invocation.console(), MigrateCommand::pause);
    try (SchemaRegistry registry = backends.registry()) {
      print(
          "Topics and schemas",
          start.through(() -> BackendMigration.topicsAndSchemas(backends, registry)));
    }
    print("Tables", start.through(() -> BackendMigration.tables(backends)));
    return 0;
  }

  /** What is asked to stop while it waits just stops. */
  private static boolean pause(Duration patience) throws InterruptedException {
    Thread.sleep(patience.toMillis());
    return false;
  }

  private void print(String what, List<String> done) {
    if (done.isEmpty()) {
      invocation.console().onProgress(what + ": nothing to do");
    } else {
      invocation.console().onProgress(what + ":");
      done.forEach(line -> invocation.console().onProgress("  " + line));
    }
  }

  /**
   * @throws CommandException where something is missing
   */
  static void require(String what, List<String> missing) {
    if (!missing.isEmpty()) {
      throw new CommandException(
          "%s are missing: %s. Run flowmeter migrate first"
              .formatted(what, String.join(", ", missing)));
    }
  }
}
