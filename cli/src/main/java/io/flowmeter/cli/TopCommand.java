package io.flowmeter.cli;

import io.flowmeter.cli.console.Console;
import io.flowmeter.cli.query.QueryServer;
import io.flowmeter.cli.settings.DurationText;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.cli.top.FigureQueries;
import io.flowmeter.cli.top.Order;
import io.flowmeter.cli.top.Top;
import io.flowmeter.cli.top.View;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flowmeter top}. */
@Command(
    name = "top",
    description =
        "Show every workflow, the worst steps and the newest errors, as they change; on a terminal until q or Ctrl-C.",
    footer = {
      "",
      "Elsewhere than on a terminal it shows them once. NO_COLOR=1 leaves colours out.",
      "SUCCESS: completed of 100 that ended. RETRIES: of 100 attempts. LOST: failed attempts and the",
      "waits after them. RUNNING, QUEUED, …: now; all else: of the range."
    },
    mixinStandardHelpOptions = true)
final class TopCommand implements Callable<Integer> {
  /** Where no terminal limits it. */
  private static final int PAGE_COLUMNS = 160;

  @Mixin private SettingsOptions options = new SettingsOptions();

  @Option(
      names = "--range",
      paramLabel = "TIME",
      description = "How far back from now, such as 15m, 1h or 7d (default: ${DEFAULT-VALUE}).")
  private String range = "1h";

  @Option(
      names = "--sort",
      paramLabel = "BY",
      description =
          "Which workflows come first: those with most trouble, name, queued, running, throughput, success, retries, p95 or lost"
              + " (default: ${DEFAULT-VALUE}).")
  private String sort = "trouble";

  @Option(names = "--reverse", description = "Turn the order round.")
  private boolean reverse;

  @Option(
      names = "--every",
      paramLabel = "TIME",
      description = "How often it is asked for anew (default: ${DEFAULT-VALUE}).")
  private String every = "3s";

  @Option(names = "--once", description = "Show it once, on a terminal as well.")
  private boolean once;

  private final Invocation invocation;

  TopCommand(Invocation invocation) {
    this.invocation = invocation;
  }

  @Override
  public Integer call() throws InterruptedException {
    Duration back = atLeastASecond("--range", range);
    Duration again = atLeastASecond("--every", every);
    View view = View.all(Order.named(sort), reverse);
    Console console = invocation.console();
    try (QueryServer server = QueryServer.open(options.read(invocation))) {
      FigureQueries queries = new FigureQueries(server.endpoint(), back);
      Top top = new Top(queries, range, view, console.colours());
      if (once || !console.rewrites()) {
        top.page(console.rewrites() ? console.columns() : PAGE_COLUMNS)
            .forEach(console::onProgress);
      } else {
        top.live(again, console.columns(), StopRequest.onSignals());
      }
      return 0;
    } catch (IOException e) {
      throw new CommandException("ClickHouse could not be asked: " + e, e);
    }
  }

  private static Duration atLeastASecond(String name, String text) {
    Duration duration = DurationText.parse(name, text);
    if (duration.toSeconds() < 1) {
      throw new SettingsException("%s: expected 1s or more, came \"%s\"".formatted(name, text));
    }
    return duration;
  }
}
