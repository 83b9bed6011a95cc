package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.life.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The deploys of one workflow: about every half to whole hour, counted from the epoch. Every fourth
 * makes a step worse, the first after the epoch among them; the next one repairs it.
 */
final class Deploys {
  private final long seed;
  private final int workflow;
  private final long epochMs;
  private final long periodMs;
  private final long firstNumber;

  Deploys(FleetPlan plan, int workflow) {
    this.seed = plan.seed();
    this.workflow = workflow;
    this.epochMs = plan.epoch().toEpochMilli();
    this.periodMs = Chance.of(seed, workflow, 10).between(30, 55) * 60_000;
    // Two versions are older than the first instance.
    this.firstNumber = -Math.floorDiv(plan.historySpan().toMillis(), periodMs) - 3;
  }

  /** The version that is deployed at this moment. */
  Version at(Instant moment) {
    return version(numberAt(moment));
  }

  /** All versions deployed until this moment, newest first. */
  List<Version> until(Instant moment) {
    List<Version> versions = new ArrayList<>();
    for (long number = numberAt(moment); number >= firstNumber; number--) {
      versions.add(version(number));
    }
    return versions;
  }

  private long numberAt(Instant moment) {
    long ms = moment.toEpochMilli();
    long number = Math.floorDiv(ms - epochMs, periodMs);
    return Math.max(firstNumber, createdMs(number) <= ms ? number : number - 1);
  }

  private long createdMs(long number) {
    long late = Chance.of(seed, workflow, number, 11).between(120_000, 600_000);
    return epochMs + number * periodMs + late;
  }

  private Version version(long number) {
    return new Version(
        Chance.of(seed, workflow, number, 12).uuid(),
        Instant.ofEpochMilli(createdMs(number)),
        Math.floorMod(number, 4) == 0);
  }

  /** When the workflow was made: some weeks before its first version that is still told. */
  Instant workflowCreatedOn() {
    long days = Chance.of(seed, workflow, 13).between(20, 200);
    return Instant.ofEpochMilli(createdMs(firstNumber)).minus(Duration.ofDays(days));
  }
}
