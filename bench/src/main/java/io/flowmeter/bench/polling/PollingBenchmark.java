package io.flowmeter.bench.polling;

import io.flowmeter.bench.BenchmarkException;
import io.flowmeter.bench.Figure;
import io.flowmeter.bench.InProcessSource;
import io.flowmeter.clock.SteppedClock;
import io.flowmeter.ingest.budget.Budget;
import io.flowmeter.ingest.budget.Permit;
import io.flowmeter.ingest.budget.Priority;
import io.flowmeter.ingest.budget.QuotaPolicy;
import io.flowmeter.ingest.source.ApiFailureException;
import io.flowmeter.ingest.source.Source;
import io.flowmeter.ingest.telemetry.Telemetry;
import io.flowmeter.simulator.Simulator;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Polls simulated accounts for a day with Flowmeter's poller, and the same day with a naive one.
 *
 * @param rates instances that finish in each second; a scenario each
 * @param sleepers live instances of one more scenario; 0 for none
 * @param time of the day that is simulated
 */
public record PollingBenchmark(List<Double> rates, int sleepers, Duration time, long seed) {
  /** The limit of production, and the share of it that Flowmeter takes by itself. */
  private static final QuotaPolicy LIMIT = new QuotaPolicy("default", 1200, Duration.ofMinutes(5));

  private static final double SHARE = 0.7;
  private static final Duration LATENCY = Duration.ofMillis(120);

  /** Between words on the progress. */
  private static final Duration STRETCH = Duration.ofHours(1);

  public PollingBenchmark {
    rates = List.copyOf(rates);
  }

  /** How it is measured, to be read before the figures. */
  public String method() {
    return String.format(
        Locale.ROOT,
        """
        %.4g hours in virtual time (seed %d), on one thread, the same every time: a simulator in this
        process with production's limit (1200 requests in 5 minutes, else a block of 5 minutes) answers
        after %d ms.
        flowmeter: the poller with its usual settings and %.0f %% of the limit.
        naive: lists all, gets all that is not known to have ended, as fast as answers come, and waits
        out the blocks; same client, same day.
        All is seen from outside of the pollers:
        details_per_run: of ended runs, also of those that were re-opened and ended once more, which
        details_per_end counts as ends of their own.
        list_bound: each interval 1 page for 100 workflows, and for each whose counts moved 1 for 100 new
        and 1 for 100 live instances.
        freshness: from a run's end until that is told, by its row or its detail, of all runs that ended
        since the start; detail_freshness: until its detail is had, of those that were fetched.
        per_interval: over the interval then in force (naive: its last pass).
        budget_used: requests over those that %.0f %% of the limit grants; under_backlog: while details of
        ended runs were owed; over 1 where what idle times saved up goes at once.""",
        time.toMinutes() / 60.0,
        seed,
        LATENCY.toMillis(),
        100 * SHARE,
        100 * SHARE);
  }

  /**
   * Runs.
   *
   * @param progress is told how far it is
   */
  public List<Figure> run(Consumer<String> progress) throws InterruptedException {
    List<Scenario> scenarios = new ArrayList<>();
    rates.forEach(rate -> scenarios.add(Scenario.finishing(rate, seed)));
    if (sleepers > 0) {
      scenarios.add(Scenario.sleeping(sleepers, seed));
    }
    List<Figure> figures = new ArrayList<>();
    // Each has a simulator and a clock of its own: side by side they find the same.
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<List<Figure>>> found = new ArrayList<>();
      for (Scenario scenario : scenarios) {
        progress.accept(scenario.name() + ": " + scenario.description());
        for (String who : List.of("flowmeter", "naive")) {
          found.add(threads.submit(() -> poll(scenario, who, progress)));
        }
      }
      for (Future<List<Figure>> each : found) {
        figures.addAll(each.get());
      }
    } catch (ExecutionException e) {
      throw new BenchmarkException("a simulated day broke off: " + e.getCause(), e.getCause());
    } finally {
      threads.shutdownNow();
    }
    return figures;
  }

  private List<Figure> poll(Scenario scenario, String who, Consumer<String> progress)
      throws InterruptedException {
    boolean naive = who.equals("naive");
    SteppedClock clock = new SteppedClock(Scenario.EPOCH);
    Budget budget = naive ? Budget.unlimited(clock) : Budget.of(LIMIT, SHARE, clock);
    Telemetry telemetry = new Telemetry(clock);
    double granted = LIMIT.quota() * SHARE / LIMIT.window().toSeconds();
    Measures measures = new Measures(Scenario.EPOCH, granted);
    try (Simulator simulator = scenario.simulator(clock);
        Source source =
            new WatchedSource(
                InProcessSource.over(
                    new SimulatorTransport(simulator, clock, LATENCY), budget, telemetry, clock),
                measures,
                clock);
        PollerUnderTest poller =
            naive
                ? new NaivePoller(source, measures, clock)
                : new FlowmeterPoller(source, telemetry, measures, clock)) {
      measures.watch(poller);
      Instant end = Scenario.EPOCH.plus(time);
      simulator.endFleetAt(end);
      for (Instant until = Scenario.EPOCH; until.isBefore(end); ) {
        until = until.plus(STRETCH).isBefore(end) ? until.plus(STRETCH) : end;
        poller.runUntil(until);
        progress.accept(
            String.format(
                Locale.ROOT,
                "%s, %s: %.4g h of %.4g, %,d requests, %,d runs fetched",
                scenario.name(),
                who,
                Duration.between(Scenario.EPOCH, until).toMinutes() / 60.0,
                time.toMinutes() / 60.0,
                telemetry.totals().requests(),
                measures.fetched()));
      }
      return measures.figures(
          "polling." + scenario.name() + "." + who + ".",
          telemetry.totals(),
          ended(simulator, clock),
          time);
    } catch (IOException e) {
      throw new BenchmarkException(
          "expected to start a simulator, but: " + e.getMessage() + ". Run it again", e);
    }
  }

  /** How many instances have ended, by the simulator's own counts. */
  private static long ended(Simulator simulator, SteppedClock clock) throws InterruptedException {
    // Nothing happens any more, but whoever asked too much may still be blocked.
    clock.sleep(LIMIT.window().plusSeconds(1));
    try (Source source =
        InProcessSource.over(
            new SimulatorTransport(simulator, clock, LATENCY),
            Budget.unlimited(clock),
            new Telemetry(clock),
            clock)) {
      Permit permit = source.budget().acquire(Priority.USUAL);
      return ListBound.ended(source.workflows(permit, Optional.empty()).value().rows());
    } catch (ApiFailureException e) {
      throw new BenchmarkException("a simulator did not tell its counts: " + e.getMessage(), e);
    }
  }
}
