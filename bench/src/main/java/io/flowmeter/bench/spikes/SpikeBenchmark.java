package io.flowmeter.bench.spikes;

import io.flowmeter.bench.BenchmarkException;
import io.flowmeter.bench.Figure;
import io.flowmeter.bench.spikes.Watch.Told;
import io.flowmeter.simulator.fleet.ErrorBurst;
import io.flowmeter.simulator.fleet.Fleet;
import io.flowmeter.simulator.fleet.FleetPlan;
import io.flowmeter.simulator.fleet.LifetimeProfile;
import io.flowmeter.simulator.workflows.WorkflowCatalog;
import io.flowmeter.streams.spike.SpikeRules;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * The search for spikes over simulated fleets: how often it alarms where nothing happens, and how
 * soon where something does.
 *
 * @param rates instances created in a second; fleets take turns
 * @param weeks fleets of which each is watched for a calm week
 * @param stretches fleets of which each is watched for three eventful days
 * @param intervals between sweeps
 * @param seed of the first fleet
 */
public record SpikeBenchmark(
    List<Double> rates, int weeks, int stretches, List<Duration> intervals, long seed) {
  private static final int THREADS = 2;
  private static final Instant EPOCH = Instant.parse("2026-11-23T00:00:00Z");
  private static final Duration WEEK = Duration.ofDays(7);
  private static final Duration STRETCH = Duration.ofDays(3);

  public SpikeBenchmark {
    rates = List.copyOf(rates);
    intervals = List.copyOf(intervals);
  }

  /** How it is measured, to be read before the figures. */
  public String method() {
    int workflows = WorkflowCatalog.all().size();
    return String.format(
        Locale.ROOT,
        """
        The detector alone, on the ends of all runs of simulated fleets of %d workflows, as sweeps every
        %s s would tell them; fleets of %s new instances a second take turns, seeds %d and up.
        calm: %d weeks without events. A spike that is told is a false alarm.
        outages: %d times three eventful days. first_minute: the first from which on two minutes hold %d
        errored runs; over_floor: outages that have one. promised: told within 2 minutes and the interval
        of its begin. Outages that begin while another spike is open are left out.
        deploys: bad versions. raised: those of which %d runs or more errored, a share at least %.0f times
        the usual one and %.0f %% over it.
        other: spikes on eventful days without an outage or a bad version within the hour before.""",
        workflows,
        intervals.stream().map(each -> Long.toString(each.toSeconds())).toList(),
        rates,
        seed,
        weeks,
        stretches,
        SpikeRules.DEFAULTS.leastErrored(),
        SpikeRules.DEFAULTS.leastErrored(),
        SpikeRules.DEFAULTS.leastRatio(),
        100 * SpikeRules.DEFAULTS.leastRise());
  }

  /**
   * Runs.
   *
   * @param progress is told how far it is
   */
  public List<Figure> run(Consumer<String> progress) throws InterruptedException {
    List<Callable<List<Watched>>> tasks = new ArrayList<>();
    for (int i = 0; i < weeks + stretches; i++) {
      FleetPlan plan = plan(i);
      Duration time = plan.events() ? STRETCH : WEEK;
      int number = i + 1;
      tasks.add(
          () -> {
            List<Watched> watched = watch(plan, time);
            progress.accept("fleet " + number + " of " + (weeks + stretches));
            return watched;
          });
    }
    List<Watched> all = new ArrayList<>();
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    try {
      for (Future<List<Watched>> each : pool.invokeAll(tasks)) {
        all.addAll(each.get());
      }
    } catch (ExecutionException e) {
      throw new BenchmarkException("a simulated fleet broke off: " + e.getCause(), e.getCause());
    } finally {
      pool.shutdownNow();
    }
    List<Figure> figures = new ArrayList<>();
    for (Duration interval : intervals) {
      List<Watched> watched =
          all.stream().filter(each -> each.interval().equals(interval)).toList();
      String prefix = "spikes.every_" + interval.toSeconds() + "s.";
      calm(prefix, watched.stream().filter(each -> !each.eventful()).toList(), figures);
      new ErrorBursts(interval, watched.stream().filter(Watched::eventful).toList())
          .report(prefix, figures);
    }
    return figures;
  }

  private FleetPlan plan(int number) {
    return FleetPlan.of(seed + number, EPOCH)
        .withRate(rates.get(number % rates.size()))
        .withEvents(number >= weeks);
  }

  /**
   * What was told of one workflow.
   *
   * @param runs its ends
   */
  record Watched(
      Duration interval,
      boolean eventful,
      String workflow,
      Duration time,
      List<EndedRun> runs,
      List<ErrorBurst> storms,
      List<Told> told) {}

  private List<Watched> watch(FleetPlan plan, Duration time) {
    Fleet fleet = new Fleet(plan, WorkflowCatalog.of(LifetimeProfile.MIXED));
    Instant until = EPOCH.plus(time);
    List<Watched> watched = new ArrayList<>();
    for (int workflow = 0; workflow < fleet.models().size(); workflow++) {
      List<EndedRun> runs = EndedRun.of(fleet, workflow, until);
      for (Duration interval : intervals) {
        List<Told> told = Watch.over(runs, EPOCH, until, interval, SpikeRules.DEFAULTS);
        watched.add(
            new Watched(
                interval,
                plan.events(),
                fleet.models().get(workflow).name(),
                time,
                plan.events() ? runs : List.of(),
                plan.events() ? fleet.errorBursts(workflow, until) : List.of(),
                told));
      }
    }
    return watched;
  }

  private static void calm(String prefix, List<Watched> watched, List<Figure> figures) {
    if (watched.isEmpty()) {
      return;
    }
    double weeks = watched.stream().mapToDouble(each -> each.time().toHours() / 168.0).sum();
    long alarms = watched.stream().mapToLong(each -> each.told().size()).sum();
    figures.add(new Figure(prefix + "calm.watched", weeks, "weeks"));
    figures.add(new Figure(prefix + "calm.false_alarms", alarms, "spikes"));
    figures.add(
        new Figure(
            prefix + "calm.false_alarms_of_100_workflows", 100 * alarms / weeks, "alarms/week"));
  }
}
