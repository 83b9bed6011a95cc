package io.flowmeter.cli;

import io.flowmeter.cli.console.Console;
import io.flowmeter.cli.console.Logs;
import io.flowmeter.cli.migrate.Migration;
import io.flowmeter.cli.rebuild.Servers;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.sql.RebuiltTables.Difference;
import io.flowmeter.streams.rebuild.Rebuild;
import io.flowmeter.streams.rebuild.RebuildListener;
import io.flowmeter.streams.rebuild.RebuildResult;
import io.flowmeter.streams.rebuild.RebuildSettings;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flowmeter rebuild}. */
@Command(
    name = "rebuild",
    description = "Derive every run anew of which all observations are retained, and swap it in.",
    footer = {
      "",
      "Stop `stream` or `up` first; `ingest` may go on. Runs of which observations are gone are",
      "carried over. Nothing in use is touched before the swap, and a swap that was interrupted is",
      "finished by the next rebuild."
    },
    mixinStandardHelpOptions = true)
final class RebuildCommand implements Callable<Integer> {
  @Mixin private SettingsOptions options = new SettingsOptions();

  @Option(
      names = "--dry-run",
      description = "Derive and compare, tell what would be other, and swap nothing.")
  private boolean dryRun;

  @Option(
      names = "--skip-unprocessable",
      description = "Leave observations out that cannot be processed, instead of refusing.")
  private boolean skipUnprocessable;

  private final Invocation invocation;
  private final Console console;

  RebuildCommand(Invocation invocation) {
    this.invocation = invocation;
    this.console = invocation.console();
  }

  @Override
  public Integer call() throws InterruptedException {
    Settings settings = options.read(invocation);
    Path log = settings.get(Setting.DATA_DIR).resolve("logs").resolve("rebuild.log");
    Logs.toFile(log, console, settings.secrets());
    try (Servers servers = Servers.open(settings);
        SchemaRegistry registry = servers.parts().registry()) {
      Optional<RebuildResult> result =
          Rebuild.run(
              how(servers, settings), registry, servers.parts().writer(), new Progress(console));
      console.endLive();
      result.ifPresent(this::tell);
      return 0;
    } finally {
      console.endLive();
    }
  }

  private RebuildSettings how(Servers servers, Settings settings) {
    RebuildSettings how =
        RebuildSettings.of(
            servers.parts().streamSettingsOfAnyGeneration(servers.kafka()),
            Migration.schema(settings));
    how = dryRun ? how.comparing() : how;
    return skipUnprocessable ? how.skipping() : how;
  }

  private void tell(RebuildResult result) {
    console.say(
        "%s runs derived anew, %s carried over%s"
            .formatted(
                number(result.derived()),
                number(result.carried()),
                result.skipped() == 0
                    ? ""
                    : ", " + number(result.skipped()) + " observations left out"));
    console.say("");
    console.say("  %-20s %12s %10s %10s %10s".formatted("derived", "rows", "new", "other", "gone"));
    for (Difference each : result.differences()) {
      console.say(
          "  %-20s %12s %10s %10s %10s"
              .formatted(
                  each.relation(),
                  number(each.rows()),
                  number(each.added()),
                  number(each.changed()),
                  number(each.gone())));
    }
    console.say("");
    console.say(
        result.swapped()
            ? "In use now. Start flowmeter stream or up again: it goes on from there."
            : "Nothing was changed: this was a dry run.");
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Lines as they come, and what is going on in a line of its own. */
  private record Progress(Console console) implements RebuildListener {
    @Override
    public void told(String line) {
      console.say(line);
    }

    @Override
    public void working(String what, long done, long all) {
      console.live(
          all == 0 ? "  " + what : "  %s: %s of %s".formatted(what, number(done), number(all)));
    }
  }
}
