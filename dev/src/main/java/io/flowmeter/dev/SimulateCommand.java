package io.flowmeter.dev;

import io.flowmeter.cli.CommandException;
import io.flowmeter.cli.Invocation;
import io.flowmeter.cli.StopRequest;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.clock.Clock;
import io.flowmeter.clock.FastClock;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.simulator.api.RateLimit;
import io.flowmeter.simulator.fault.FaultPlan;
import io.flowmeter.simulator.fault.FaultWords;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code flowmeter simulate}. */
@Command(
    name = "simulate",
    description = "Serve the simulated Workflows API alone, until it is stopped.",
    mixinStandardHelpOptions = true)
final class SimulateCommand implements Callable<Integer> {
  private static final Duration TICK = Duration.ofMillis(500);
  private static final Duration DAY = Duration.ofDays(1);
  private static final int LAST_PORT = 65_535;

  @Option(
      names = "--port",
      description = "To listen on at 127.0.0.1; 0 for a free one (default: ${DEFAULT-VALUE}).")
  private int port = 8788;

  @Option(
      names = "--seed",
      description = "Another seed, another fleet (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--instances",
      description = "Instances created before the start, about (default: ${DEFAULT-VALUE}).")
  private int instances = 400;

  @Option(names = "--rate", description = "New instances per second (default: ${DEFAULT-VALUE}).")
  private double rate = 1.5;

  @Option(
      names = "--speed",
      description =
          "Begin a day ago and go so many times as fast as the clock, until the present (default:"
              + " ${DEFAULT-VALUE}).")
  private double speed = 1;

  @Option(
      names = "--limit",
      description =
          "Requests admitted in 5 minutes, as in production; 0 for any number (default:"
              + " ${DEFAULT-VALUE}).")
  private int limit = RateLimit.PRODUCTION.requests();

  @Option(
      names = "--faults",
      description =
          "What goes wrong by itself: 'all', or shares of requests such as"
              + " 429=0.001,5xx=0.01,reset=0.01,truncated=0.01,slow=0.01,content-type=0.01,skew=10m.")
  private String faults = "";

  private final Invocation invocation;

  SimulateCommand(Invocation invocation) {
    this.invocation = invocation;
  }

  @Override
  public Integer call() throws InterruptedException {
    invocation.requireNoSettings("the simulated API has options of its own");
    SimulatorConfig config = config();
    StopRequest stop = StopRequest.onSignals();
    try (Simulator simulator = Simulator.start(config)) {
      invocation.console().onProgress(served(config, simulator));
      while (!stop.await(TICK)) {
        // Until it is stopped.
      }
      return 0;
    } catch (IOException e) {
      throw new CommandException(
          "expected to listen on port %d, but: %s. Name another --port".formatted(port, e), e);
    }
  }

  private SimulatorConfig config() {
    if (port < 0 || port > LAST_PORT) {
      throw new SettingsException(
          "expected --port from 0 to %d, came %d".formatted(LAST_PORT, port));
    }
    try {
      Instant now = Clock.system().instant();
      Clock clock = speed == 1 ? Clock.system() : FastClock.from(now.minus(DAY), speed);
      return SimulatorConfig.of(seed, clock.instant())
          .withHistory(instances)
          .withRate(rate)
          .withPort(port)
          .withClock(clock)
          .withFaults(faults.isEmpty() ? FaultPlan.NONE : FaultWords.parse(faults, seed))
          .withRateLimit(
              limit == 0
                  ? Optional.empty()
                  : Optional.of(RateLimit.PRODUCTION.withRequests(limit)));
    } catch (IllegalArgumentException e) {
      throw new SettingsException(e.getMessage(), e);
    }
  }

  private String served(SimulatorConfig config, Simulator simulator) {
    return """
        A simulated Workflows API is at %1$s, account %2$s; it takes any token.
        Fleet: seed %3$d, about %4$d instances so far, %5$s new ones a second%6$s.
        Limit: %7$s.
        Faults: %8$s.

        To ask it:

          curl -H 'Authorization: Bearer any' %1$s/accounts/%2$s/workflows

        To poll it:

          CLOUDFLARE_API_TOKEN=any CLOUDFLARE_ACCOUNT_ID=%2$s flowmeter up --data ./simulated --source %1$s
        """
        .formatted(
            simulator.baseUri(),
            simulator.account(),
            seed,
            instances,
            rate,
            speed == 1 ? "" : ", from a day ago on at %s times the speed".formatted(speed),
            limit(config),
            faults(config.faults()));
  }

  private static String limit(SimulatorConfig config) {
    return config
        .rateLimit()
        .map(
            limit ->
                "%d requests in any %d s; one more blocks all for %d s"
                    .formatted(
                        limit.requests(), limit.window().toSeconds(), limit.block().toSeconds()))
        .orElse("none");
  }

  private static String faults(FaultPlan plan) {
    String shares =
        plan.shares().entrySet().stream()
            .map(share -> share.getKey().word() + "=" + share.getValue())
            .collect(Collectors.joining(", "));
    String skew =
        plan.skew().isZero() ? "" : "a clock wrong by %d s".formatted(plan.skew().toSeconds());
    String both = shares + (shares.isEmpty() || skew.isEmpty() ? "" : ", ") + skew;
    return both.isEmpty() ? "none" : both;
  }
}
