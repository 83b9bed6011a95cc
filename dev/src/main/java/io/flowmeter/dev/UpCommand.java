package io.flowmeter.dev;

import io.flowmeter.cli.Flowmeter;
import io.flowmeter.cli.Invocation;
import io.flowmeter.cli.Service;
import io.flowmeter.cli.SettingsOptions;
import io.flowmeter.cli.StopRequest;
import io.flowmeter.cli.Version;
import io.flowmeter.cli.console.Console;
import io.flowmeter.cli.console.Logs;
import io.flowmeter.cli.data.UpDirectory;
import io.flowmeter.cli.settings.DurationText;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.source.ChosenSource;
import io.flowmeter.clock.Clock;
import io.flowmeter.dev.up.FirstQuery;
import io.flowmeter.dev.up.Up;
import io.flowmeter.dev.up.UpProgress;
import io.flowmeter.schemas.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flowmeter up}. */
@Command(
    name = "up",
    description =
        "Run everything here in one go: Kafka, Schema Registry, ClickHouse, the pipeline.",
    footer = {
      "",
      "Without a source, and without CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID, it polls a",
      "built-in simulator. Ctrl-C stops; the next start goes on where this one stopped.",
      "",
      "  flowmeter up",
      "  flowmeter up --source http://127.0.0.1:8787        # wrangler dev",
      "  CLOUDFLARE_ACCOUNT_ID=… CLOUDFLARE_API_TOKEN=… flowmeter up --data ./production"
    },
    mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {
  /** How often is looked at what runs; oftener until the first row. */
  private static final Duration TICK = Duration.ofSeconds(1);

  private static final Duration FIRST_TICK = Duration.ofMillis(100);
  private static final Duration PROGRESS_EVERY = Duration.ofSeconds(1);
  private static final Duration DRAIN_WITHIN = Duration.ofSeconds(60);

  @Mixin private SettingsOptions options = new SettingsOptions();

  @Option(
      names = "--source",
      paramLabel = "URL",
      description = "The Workflows API to poll, such as http://127.0.0.1:8787 for wrangler dev.")
  private Optional<String> source = Optional.empty();

  @Option(
      names = "--for",
      paramLabel = "DURATION",
      description = "Stop this long after the start is complete, with all rows written: 90s, 10m.")
  private Optional<String> howLong = Optional.empty();

  private final Invocation invocation;
  private final Console console;

  UpCommand(Invocation invocation) {
    this.invocation = invocation;
    this.console = invocation.console();
  }

  @Override
  public Integer call() throws Exception {
    Settings settings = options.read(invocation, source);
    Optional<Duration> limit = howLong.map(text -> DurationText.parse("--for", text));
    Path directory = settings.get(Setting.DATA_DIR);
    Path log = directory.resolve("logs").resolve("flowmeter.log");
    console.onProgress(console.bold(Version.text()) + ", data in " + directory + ", log in " + log);
    UpDirectory.makeFor(log);
    Logs.toFile(log, console, settings.get(Setting.LOG_FORMAT), settings.secrets());

    int code = Service.run("up", (service, stop) -> run(settings, service, stop, limit));
    console.onProgress("Stopped. Start again to go on: the data is kept in " + directory);
    return code;
  }

  private int run(Settings settings, Service service, StopRequest stop, Optional<Duration> limit)
      throws InterruptedException {
    FirstSource.require(settings);
    try (Up up = Up.start(settings, console, stop::isRequested)) {
      service.started();
      printAddresses(up, settings);
      int code = watch(up, service, stop, limit.map(Clock.system().instant()::plus));
      console.endLive();
      console.onProgress("Stopping: polling, then the topology, the writer, and the servers");
      return code;
    } catch (CancellationException e) {
      return 0;
    }
  }

  private void printAddresses(Up up, Settings settings) {
    if (up.source() instanceof ChosenSource.Simulated) {
      console.onProgress("");
      console.onProgress(
          "Nothing real is polled: neither a source nor a token and an account are set, so this is"
              + " the built-in simulator.");
    }
    up.previewUrl()
        .ifPresent(
            page -> {
              console.onProgress("");
              console.onProgress("Look at the dashboards: " + console.bold(page.toString()));
            });
    console.onProgress("");
    FirstQuery first = FirstQuery.of(settings, up.clickHouseUrl());
    console.onProgress(first.introduction());
    console.onProgress("");
    console.onProgress(console.bold(first.command()));
    console.onProgress("");
    console.onProgress("or: " + FirstQuery.byFlowmeter(settings) + ". Ctrl-C stops.");
    console.onProgress("");
  }

  /** Tells the progress until it is time to stop; returns the exit code. */
  private int watch(Up up, Service service, StopRequest stop, Optional<Instant> until)
      throws InterruptedException {
    boolean firstRow = false;
    long published = System.nanoTime() - PROGRESS_EVERY.toNanos();
    while (!stop.await(firstRow ? TICK : FIRST_TICK)) {
      if (!firstRow && up.rowsWritten(Topics.STEP_RUNS) > 0) {
        firstRow = true;
        console.onProgress("First row in step_runs after " + seconds(sinceCommand()));
      }
      up.warning().ifPresent(console::warn);
      Optional<String> failure = up.failure();
      if (failure.isPresent()) {
        console.endLive();
        console.onProgress(console.red("Broken: ") + failure.get());
        service.stopping(failure.get());
        return Flowmeter.FAILED;
      }
      if (until.isPresent() && !Clock.system().instant().isBefore(until.get())) {
        service.stopping("its time is over");
        return finish(up);
      }
      if (System.nanoTime() - published >= PROGRESS_EVERY.toNanos()) {
        console.live(line(up.progress()));
        published = System.nanoTime();
      }
    }
    return 0;
  }

  private int finish(Up up) throws InterruptedException {
    console.endLive();
    console.onProgress("Time is over: polling stops, what was polled is still written");
    up.stopPolling();
    boolean all = up.drain(DRAIN_WITHIN);
    UpProgress end = up.progress();
    console.onProgress("");
    console.onProgress(
        "In %s: %s details fetched, %s rows written, %s runs stored in all"
            .formatted(
                seconds(sinceCommand()),
                number(end.detailsFetched()),
                number(end.totalRows()),
                storedRuns(up)));
    for (Map.Entry<String, Long> relation : end.rows().entrySet()) {
      console.onProgress(
          String.format(Locale.ROOT, "  %-20s %,12d", relation.getKey(), relation.getValue()));
    }
    console.onProgress(
        all
            ? "All that was polled is in ClickHouse."
            : console.yellow(
                "Not all that was polled is in ClickHouse yet (%s records wait after %s); the next start goes on."
                    .formatted(number(end.lag()), seconds(DRAIN_WITHIN))));
    return all ? 0 : Flowmeter.FAILED;
  }

  private static String storedRuns(Up up) {
    try {
      return number(up.stored().runs());
    } catch (IOException e) {
      return "an unknown number of";
    }
  }

  private String line(UpProgress now) {
    String fresh =
        now.stored()
            .flatMap(UpProgress.Stored::freshness)
            .map(
                f ->
                    "fresh within %s (p50), %s (p99)".formatted(seconds(f.p50()), seconds(f.p99())))
            .orElse("no fresh rows yet");
    return List.of(
            clock(sinceCommand()),
            now.stored()
                .map(stored -> number(stored.runs()) + " runs stored")
                .orElse("runs not counted yet"),
            number(now.detailsFetched()) + " fetched",
            number(now.totalRows()) + " rows",
            fresh,
            "lag " + number(now.lag()))
        .stream()
        .collect(Collectors.joining(" · "));
  }

  private Duration sinceCommand() {
    return Duration.between(invocation.startedAt(), Clock.system().instant());
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1_000.0);
  }

  private static String clock(Duration duration) {
    return String.format(
        Locale.ROOT,
        "%s%02d:%02d",
        duration.toHours() > 0 ? duration.toHours() + ":" : "",
        duration.toMinutesPart(),
        duration.toSecondsPart());
  }
}
