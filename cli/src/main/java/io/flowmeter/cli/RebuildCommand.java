package io.flowmeter.cli;

import io.flowmeter.cli.console.Console;
import io.flowmeter.cli.console.Logs;
import io.flowmeter.cli.data.UpDirectory;
import io.flowmeter.cli.rebuild.Rebuilding;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.streams.rebuild.RebuildException;
import java.nio.file.Path;
import java.time.Duration;
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
  private static final Duration TICK = Duration.ofMillis(100);

  @Mixin private SettingsOptions options = new SettingsOptions();

  @Option(
      names = "--dry-run",
      description = "Derive and compare, tell what would be other, and swap nothing.")
  private boolean dryRun;

  @Option(
      names = "--skip-unprocessable",
      description = "Leave observations out that cannot be processed, instead of refusing.")
  private boolean skipUnprocessable;

  @Option(
      names = "--without-dropped",
      description =
          "Go on though a table of facts was dropped of which observations tell only a part, instead of refusing.")
  private boolean withoutDropped;

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
    UpDirectory.makeFor(log);
    Logs.toFile(log, console, settings.get(Setting.LOG_FORMAT), settings.secrets());
    Rebuilding rebuilding =
        new Rebuilding(settings, console, !dryRun, skipUnprocessable, withoutDropped);
    StopRequest stop = StopRequest.onSignals();
    interruptOnStop(stop);
    try {
      rebuilding.run();
      return 0;
    } catch (InterruptedException | RebuildException e) {
      if (!stop.isRequested()) {
        throw e;
      }
      console.onProgress(
          "Stopped. The next rebuild begins anew; one that was swapping in, it finishes.");
      return Flowmeter.FAILED;
    } finally {
      console.endLive();
    }
  }

  private static void interruptOnStop(StopRequest stop) {
    Thread rebuilding = Thread.currentThread();
    Thread watch =
        new Thread(
            () -> {
              try {
                while (!stop.await(TICK)) {
                  // Looked at again.
                }
                rebuilding.interrupt();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "flowmeter-stop");
    watch.setDaemon(true);
    watch.start();
  }
}
