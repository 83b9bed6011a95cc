package io.flowmeter.cli.metrics;

import io.flowmeter.ingest.Ingest;
import io.flowmeter.ingest.Progress;
import io.flowmeter.ingest.telemetry.Freshness;
import io.flowmeter.ingest.telemetry.Totals;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What pollers tell of themselves, each under the label of its account. */
public final class PollerMetrics implements MultiCollector {
  private static final String ACCOUNT = "account";

  private final List<Ingest> pollers;

  public PollerMetrics(List<Ingest> pollers) {
    this.pollers = List.copyOf(pollers);
  }

  @Override
  public MetricSnapshots collect() {
    List<Poller> now =
        pollers.stream()
            .map(each -> new Poller(each.account(), each.totals(), each.progress()))
            .toList();
    List<MetricSnapshot> all = new ArrayList<>();
    all.add(requests(now));
    all.addAll(ended(now));
    all.addAll(standing(now));
    all.addAll(planning(now));
    all.add(freshness(now));
    return new MetricSnapshots(all);
  }

  private record Poller(String account, Totals totals, Progress progress) {}

  private static MetricSnapshot requests(List<Poller> pollers) {
    Family requests =
        new Family("flowmeter_requests", "Requests to the API, by what they came to.");
    for (Poller each : pollers) {
      each.totals()
          .responses()
          .forEach(
              (call, outcomes) ->
                  outcomes.forEach(
                      (outcome, count) ->
                          requests.with(
                              count,
                              ACCOUNT,
                              each.account(),
                              "kind",
                              word(call),
                              "outcome",
                              word(outcome))));
    }
    return requests.counter();
  }

  private static List<MetricSnapshot> ended(List<Poller> pollers) {
    Family known = new Family("flowmeter_ended_runs_known", "Ended runs that became known.");
    Family fetched =
        new Family("flowmeter_ended_runs_fetched", "Ended runs told with their whole detail.");
    Family lost =
        new Family("flowmeter_ended_runs_lost", "Ended runs that are never fetched, by reason.");
    Family skipped = new Family("flowmeter_skipped_rows", "Rows that could not be used.");
    Family coverage =
        new Family(
            "flowmeter_coverage_ratio", "Ended runs fetched of those known, since the start.");
    for (Poller each : pollers) {
      Totals totals = each.totals();
      known.with(totals.known(), ACCOUNT, each.account());
      fetched.with(totals.fetched(), ACCOUNT, each.account());
      totals
          .lost()
          .forEach((loss, runs) -> lost.with(runs, ACCOUNT, each.account(), "reason", word(loss)));
      skipped.with(totals.skippedRows(), ACCOUNT, each.account());
      totals.coverage().ifPresent(ratio -> coverage.with(ratio, ACCOUNT, each.account()));
    }
    return List.of(
        known.counter(), fetched.counter(), lost.counter(), skipped.counter(), coverage.gauge());
  }

  private static List<MetricSnapshot> standing(List<Poller> pollers) {
    Family leads =
        new Family("flowmeter_leader", "1 where this process polls, 0 where it stands by.");
    Family workflows = new Family("flowmeter_workflows", "Workflows known.");
    Family instances = new Family("flowmeter_instances", "Instances known, by state.");
    Family backlog =
        new Family("flowmeter_backlog", "Details to be fetched, and records to be committed.");
    Family budget =
        new Family("flowmeter_budget_left", "Requests that might still go now within the share.");
    Family lag =
        new Family(
            "flowmeter_sweep_lag_seconds",
            "Since the last complete sweep of the workflow that waits longest.");
    for (Poller each : pollers) {
      Progress progress = each.progress();
      leads.with(progress.isLeader() ? 1 : 0, ACCOUNT, each.account());
      workflows.with(progress.workflows(), ACCOUNT, each.account());
      instances.with(progress.live(), ACCOUNT, each.account(), "state", "live");
      instances.with(progress.ended(), ACCOUNT, each.account(), "state", "ended");
      backlog.with(progress.backlog(), ACCOUNT, each.account());
      each.totals().budgetLeft().ifPresent(left -> budget.with(left, ACCOUNT, each.account()));
      each.totals().sweepLag().ifPresent(time -> lag.with(seconds(time), ACCOUNT, each.account()));
    }
    return List.of(
        leads.gauge(),
        workflows.gauge(),
        instances.gauge(),
        backlog.gauge(),
        budget.gauge(),
        lag.gauge());
  }

  private static List<MetricSnapshot> planning(List<Poller> pollers) {
    Family interval =
        new Family("flowmeter_interval_seconds", "Between lists of the workflows, in force.");
    Family sampling =
        new Family(
            "flowmeter_sampling_max_weight", "Of so many completed runs one is fetched, at worst.");
    Family lists =
        new Family("flowmeter_list_requests", "Requests for lists, without the backfill.");
    Family bound = new Family("flowmeter_list_requests_bound", "The least number of them.");
    Family known = new Family("flowmeter_backfill_known", "Ended runs that the backfill listed.");
    Family fetched = new Family("flowmeter_backfill_fetched", "Of these, fetched.");
    Family ahead =
        new Family("flowmeter_backfill_remaining", "Instances that it has not listed yet, about.");
    Family left =
        new Family("flowmeter_backfill_eta_seconds", "Until all is fetched, by the pace so far.");
    for (Poller each : pollers) {
      each.progress()
          .planning()
          .ifPresent(
              plan -> {
                interval.with(seconds(plan.interval()), ACCOUNT, each.account());
                sampling.with(plan.sampling(), ACCOUNT, each.account());
                lists.with(plan.listRequests(), ACCOUNT, each.account());
                bound.with(plan.listBound(), ACCOUNT, each.account());
                known.with(plan.backfill().known(), ACCOUNT, each.account());
                fetched.with(plan.backfill().fetched(), ACCOUNT, each.account());
                ahead.with(plan.backfill().ahead(), ACCOUNT, each.account());
                plan.backfill()
                    .left()
                    .ifPresent(time -> left.with(seconds(time), ACCOUNT, each.account()));
              });
    }
    return List.of(
        interval.gauge(),
        sampling.gauge(),
        lists.counter(),
        bound.counter(),
        known.gauge(),
        fetched.gauge(),
        ahead.gauge(),
        left.gauge());
  }

  private static MetricSnapshot freshness(List<Poller> pollers) {
    List<Double> bounds = new ArrayList<>(Freshness.BOUNDS_SECONDS);
    bounds.add(Double.POSITIVE_INFINITY);
    return new HistogramSnapshot(
        new MetricMetadata("flowmeter_freshness_seconds", "From a run's end until it was told."),
        pollers.stream()
            .map(
                each ->
                    new HistogramDataPointSnapshot(
                        ClassicHistogramBuckets.of(
                            bounds, List.<Number>copyOf(each.totals().freshness().counts())),
                        each.totals().freshness().sumSeconds(),
                        Labels.of(ACCOUNT, each.account()),
                        null,
                        0L))
            .toList());
  }

  private static double seconds(Duration time) {
    return time.toMillis() / 1_000.0;
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
