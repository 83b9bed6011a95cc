package io.flowmeter.bench.polling;

import io.flowmeter.bench.Figure;
import io.flowmeter.ingest.source.InstanceDetail;
import io.flowmeter.ingest.source.ListedWorkflow;
import io.flowmeter.ingest.source.ResponsePage;
import io.flowmeter.ingest.telemetry.RequestKind;
import io.flowmeter.ingest.telemetry.Totals;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a contender's requests brought, seen from outside of it. */
final class Measures {
  private final Instant startedAt;
  private final double grantedPerSecond;
  private final ListBound bound = new ListBound();
  private final List<ListedWorkflow> workflows = new ArrayList<>();
  private final Set<String> instances = new HashSet<>();
  private final Set<String> runs = new HashSet<>();
  private final Set<String> ends = new HashSet<>();
  private final Set<String> published = new HashSet<>();
  private final Age freshness = new Age();
  private final Age detailFreshness = new Age();
  private final Sample intervals = new Sample();
  private long endedDetails;
  private long liveDetails;
  private PollerUnderTest poller;
  private long lastAsked = -1;
  private boolean lastBacklog;
  private long backlogNanos;
  private long backlogRequests;

  /**
   * @param startedAt what ended before is not asked for its freshness
   * @param grantedPerSecond requests that the budget grants
   */
  Measures(Instant startedAt, double grantedPerSecond) {
    this.startedAt = startedAt;
    this.grantedPerSecond = grantedPerSecond;
  }

  void watch(PollerUnderTest each) {
    poller = each;
  }

  /** A request came to something at this moment of the clock. */
  void requested(long nanos) {
    if (lastAsked >= 0 && lastBacklog) {
      backlogNanos += nanos - lastAsked;
      backlogRequests++;
    }
    lastAsked = nanos;
    lastBacklog = poller.hasBacklog();
  }

  /** A page of the list of workflows; the first one begins an interval. */
  void workflows(ResponsePage<ListedWorkflow> page, boolean first) {
    if (first) {
      workflows.clear();
      intervals.add(seconds(poller.interval()));
    }
    workflows.addAll(page.rows());
    if (page.next().isEmpty()) {
      bound.interval(workflows);
    }
  }

  void detail(String workflow, String id, InstanceDetail detail, Instant at) {
    if (detail.end().isEmpty()) {
      liveDetails++;
      return;
    }
    endedDetails++;
    Instant end = detail.end().get();
    String instance = workflow + '/' + id;
    String run = instance + '@' + detail.queued().map(Instant::toEpochMilli).orElse(0L);
    instances.add(instance);
    runs.add(run);
    if (ends.add(run + '-' + end.toEpochMilli()) && !end.isBefore(startedAt)) {
      detailFreshness.add(end, at);
    }
  }

  /**
   * The end of a run was told, by its row or by its detail.
   *
   * @param run names it
   */
  void published(String run, Instant end, Instant at) {
    if (published.add(run) && !end.isBefore(startedAt)) {
      freshness.add(end, at);
    }
  }

  /** How old ends were, in seconds, and over the interval in force. */
  private final class Age {
    private final Sample seconds = new Sample();
    private final Sample perInterval = new Sample();

    void add(Instant end, Instant at) {
      double age = seconds(Duration.between(end, at));
      seconds.add(age);
      perInterval.add(age / seconds(poller.interval()));
    }

    List<Figure> figures(String name) {
      return List.of(
          new Figure(name + "_p50", seconds.quantile(0.5), "s"),
          new Figure(name + "_p99", seconds.quantile(0.99), "s"),
          new Figure(name + "_p50_per_interval", perInterval.quantile(0.5), "ratio"),
          new Figure(name + "_p99_per_interval", perInterval.quantile(0.99), "ratio"));
    }
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  long fetched() {
    return runs.size();
  }

  /**
   * All of them.
   *
   * @param prefix of their names
   * @param ended instances that were ended when the time was over
   * @param lasted the time measured
   */
  List<Figure> figures(String prefix, Totals totals, long ended, Duration lasted) {
    Map<RequestKind, Long> requested = totals.requested();
    long lists =
        requested.getOrDefault(RequestKind.WORKFLOWS, 0L)
            + requested.getOrDefault(RequestKind.WORKFLOW, 0L)
            + requested.getOrDefault(RequestKind.INSTANCES, 0L);
    double requests = totals.requests();
    List<Figure> figures = new ArrayList<>();
    figures.add(new Figure(prefix + "requests", requests, "requests"));
    figures.add(new Figure(prefix + "rejected_429", totals.rateLimited(), "requests"));
    figures.add(new Figure(prefix + "ended", ended, "instances"));
    figures.add(new Figure(prefix + "told", published.size(), "runs"));
    figures.add(new Figure(prefix + "fetched", runs.size(), "runs"));
    figures.add(new Figure(prefix + "coverage", ratio(instances.size(), ended), "ratio"));
    figures.add(new Figure(prefix + "details_per_run", ratio(endedDetails, runs.size()), "ratio"));
    figures.add(new Figure(prefix + "details_per_end", ratio(endedDetails, ends.size()), "ratio"));
    figures.add(
        new Figure(
            prefix + "live_details_of_budget",
            liveDetails / (grantedPerSecond * seconds(lasted)),
            "ratio"));
    figures.add(new Figure(prefix + "list_requests", lists, "requests"));
    figures.add(new Figure(prefix + "list_bound", bound.requests(), "requests"));
    figures.add(new Figure(prefix + "lists_per_bound", ratio(lists, bound.requests()), "ratio"));
    figures.add(
        new Figure(
            prefix + "budget_used", requests / (grantedPerSecond * seconds(lasted)), "ratio"));
    figures.add(
        new Figure(
            prefix + "budget_used_under_backlog",
            backlogRequests / (grantedPerSecond * backlogNanos / 1e9),
            "ratio"));
    figures.add(new Figure(prefix + "under_backlog", backlogNanos / 1e9, "s"));
    figures.add(new Figure(prefix + "interval_mean", intervals.mean(), "s"));
    figures.addAll(freshness.figures(prefix + "freshness"));
    figures.addAll(detailFreshness.figures(prefix + "detail_freshness"));
    return figures;
  }

  private static double ratio(long part, long whole) {
    return (double) part / whole;
  }
}
