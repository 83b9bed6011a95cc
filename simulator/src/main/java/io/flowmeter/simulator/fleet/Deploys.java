package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.model.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The deploys of one workflow: one every four hours, counted from the epoch. Every fifth makes
 * things worse, some step fails more often and another takes longer, and is rolled back by a
 * further version after an hour or two. Some workflow has its bad deploy a few minutes after the
 * epoch. On calm days no deploy is bad.
 */
final class Deploys {
  private static final long PERIOD_MS = Duration.ofHours(4).toMillis();
  private static final int BAD_EVERY = 5;

  private final FleetPlan plan;
  private final int workflow;
  private final long firstPeriod;
  // Asked for with every life, and few.
  private final Map<Long, List<Version>> known = new ConcurrentHashMap<>();

  Deploys(FleetPlan plan, int workflow) {
    this.plan = plan;
    this.workflow = workflow;
    // Three versions are older than the first instance.
    this.firstPeriod = -Math.floorDiv(plan.historySpan().toMillis(), PERIOD_MS) - 4;
  }

  /** The version that is deployed at this moment. */
  Version at(Instant moment) {
    for (long period = periodAt(moment); period > firstPeriod; period--) {
      List<Version> versions = in(period);
      for (int i = versions.size() - 1; i >= 0; i--) {
        if (!versions.get(i).createdOn().isAfter(moment)) {
          return versions.get(i);
        }
      }
    }
    return in(firstPeriod).get(0);
  }

  /** All versions deployed until this moment, newest first. */
  List<Version> until(Instant moment) {
    List<Version> versions = new ArrayList<>();
    for (long period = periodAt(moment); period >= firstPeriod; period--) {
      List<Version> deployed = in(period);
      for (int i = deployed.size() - 1; i >= 0; i--) {
        if (!deployed.get(i).createdOn().isAfter(moment)) {
          versions.add(deployed.get(i));
        }
      }
    }
    return versions;
  }

  /** The times in which a bad version was deployed, begun until this moment. */
  List<ErrorBurst> bad(Instant until) {
    List<Version> deployed = until(until.plusMillis(PERIOD_MS));
    List<ErrorBurst> bad = new ArrayList<>();
    for (int i = deployed.size() - 1; i > 0; i--) {
      Version version = deployed.get(i);
      if (version.degraded() && !version.createdOn().isAfter(until)) {
        bad.add(
            new ErrorBurst(
                ErrorBurst.Kind.BAD_DEPLOY, version.createdOn(), deployed.get(i - 1).createdOn()));
      }
    }
    return bad;
  }

  private long periodAt(Instant moment) {
    return Math.floorDiv(moment.toEpochMilli() - plan.epoch().toEpochMilli(), PERIOD_MS);
  }

  private List<Version> in(long period) {
    return known.computeIfAbsent(period, this::deployedIn);
  }

  private List<Version> deployedIn(long period) {
    SeededRandom random = SeededRandom.of(plan.seed(), workflow, period, 10);
    long shift = SeededRandom.of(plan.seed(), 11).between(0, BAD_EVERY - 1);
    boolean bad = plan.events() && Math.floorMod(workflow + period + shift, BAD_EVERY) == 0;
    long late = period == 0 && bad ? minutes(random, 4, 9) : minutes(random, 4, 110);
    Instant at = plan.epoch().plusMillis(period * PERIOD_MS + late);
    Version version = new Version(random.uuid(), at, bad);
    return bad
        ? List.of(
            version, new Version(random.uuid(), at.plusMillis(minutes(random, 60, 120)), false))
        : List.of(version);
  }

  private static long minutes(SeededRandom random, long least, long most) {
    return random.between(least * 60_000, most * 60_000);
  }

  /** When the workflow was made: some weeks before its first version that is still told. */
  Instant workflowCreatedOn() {
    long days = SeededRandom.of(plan.seed(), workflow, 13).between(20, 200);
    return in(firstPeriod).get(0).createdOn().minus(Duration.ofDays(days));
  }
}
