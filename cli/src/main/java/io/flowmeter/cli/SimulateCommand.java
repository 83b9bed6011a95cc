package io.flowmeter.cli;

import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code flowmeter simulate}. */
@Command(
    name = "simulate",
    description = "Serve the simulated Workflows API alone, until it is stopped.",
    mixinStandardHelpOptions = true)
final class SimulateCommand implements Callable<Integer> {
  private static final Duration TICK = Duration.ofMillis(500);

  @Option(
      names = "--port",
      description = "To listen on at 127.0.0.1; 0 for a free one (default: ${DEFAULT-VALUE}).")
  private int port = 8788;

  @Option(
      names = "--seed",
      description = "Another seed, another fleet (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--history",
      description = "Instances created before the start, about (default: ${DEFAULT-VALUE}).")
  private int history = 400;

  @Option(names = "--rate", description = "New instances per second (default: ${DEFAULT-VALUE}).")
  private double rate = 1.5;

  private final Invocation invocation;

  SimulateCommand(Invocation invocation) {
    this.invocation = invocation;
  }

  @Override
  public Integer call() throws InterruptedException {
    StopRequest stop = StopRequest.onSignals();
    SimulatorConfig config =
        SimulatorConfig.of(seed, Instant.now()).withHistory(history).withRate(rate).withPort(port);
    try (Simulator simulator = Simulator.start(config)) {
      invocation
          .console()
          .say(
              """
              A simulated Workflows API is at %s, account %s; it takes any token.
              To poll it:

                CLOUDFLARE_API_TOKEN=any CLOUDFLARE_ACCOUNT_ID=%2$s flowmeter up --data ./simulated --source %1$s
              """
                  .formatted(simulator.baseUri(), simulator.account()));
      while (!stop.await(TICK)) {
        // Until it is stopped.
      }
      return 0;
    } catch (IOException e) {
      throw new CommandException(
          "expected to listen on port %d, but: %s. Name another --port".formatted(port, e), e);
    }
  }
}
