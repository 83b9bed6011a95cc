package io.flowmeter.simulator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.simulator.Example;
import io.flowmeter.simulator.model.Instance;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.workflows.WorkflowCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What is true of every life in every fleet. */
class EveryRunTest {
  private static final int WORKFLOWS = WorkflowCatalog.all().size();

  private static Fleet fleet(long seed, LifetimeProfile lifetime, boolean events) {
    FleetPlan plan =
        FleetPlan.day(seed, Example.EPOCH, 40_000).withLifetimes(lifetime).withEvents(events);
    return new Fleet(plan, WorkflowCatalog.of(lifetime));
  }

  /** The first instances of a workflow from some minute of the day on. */
  private static List<Instance> instances(Fleet fleet, int minute, int workflow) {
    long first = minute * 60_000L / Arrivals.SLOT_MS;
    return LongStream.range(first, first + 60)
        .flatMap(slot -> Arrays.stream(fleet.numbersIn(workflow, slot)))
        .mapToObj(number -> fleet.instance(workflow, number))
        .limit(30)
        .toList();
  }

  @Property(tries = 150)
  void livesAreWellFormed(
      @ForAll long seed,
      @ForAll LifetimeProfile lifetime,
      @ForAll boolean events,
      @ForAll @IntRange(min = -60, max = 1439) int minute,
      @ForAll @IntRange(min = 0, max = 6) int workflow) {
    for (Instance instance : instances(fleet(seed, lifetime, events), minute, workflow)) {
      Instant free = instance.createdOn();
      for (SimulatedRun run : instance.runs()) {
        assertThat(run.queued()).isAfterOrEqualTo(free);
        assertThat(run.end().isPresent()).isNotEqualTo(run.supersededAt().isPresent());
        free = run.end().or(run::supersededAt).orElseThrow();
        WellFormed.statuses(run);
        WellFormed.steps(run, free);
      }
      assertThat(Duration.between(instance.createdOn(), free)).isLessThan(lifetime.longest());
    }
  }

  @Property(tries = 150)
  void aRestartFromAStepKeepsTheLifeItsStartAndTheEarlierSteps(
      @ForAll long seed,
      @ForAll LifetimeProfile lifetime,
      @ForAll @IntRange(min = 0, max = 1439) int minute,
      @ForAll @IntRange(min = 0, max = 6) int workflow) {
    Fleet fleet = fleet(seed, lifetime, true);
    for (Instance instance : instances(fleet, minute, workflow)) {
      SimulatedRun first = instance.runs().get(0);
      if (first.end().isEmpty()) {
        continue;
      }
      int kept = RunScript.mostKept(first);
      Instant at = first.end().get().plusSeconds(30);
      SimulatedRun redone =
          RunScript.redo(
              fleet.models().get(workflow),
              new Execution.Setting(IncidentProfile.CALM, lifetime),
              first,
              SeededRandom.of(fleet.plan().seed(), workflow, instance.number(), 4, 0),
              SeededRandom.of(seed, 99),
              first.steps().subList(0, kept),
              at);
      assertThat(redone.queued()).isEqualTo(first.queued());
      assertThat(redone.start()).isEqualTo(first.start());
      assertThat(redone.steps().subList(0, kept)).isEqualTo(first.steps().subList(0, kept));
      assertThat(redone.steps().subList(kept, redone.steps().size()))
          .allMatch(step -> !step.start().isBefore(at));
      assertThat(redone.end().orElseThrow()).isAfter(at);
      assertThat(redone.asOf(at.minusMillis(1))).isEqualTo(first);
      assertThat(redone.asOf(at).end()).isEmpty();
      assertThat(redone.ends()).hasSize(first.ends().size() + 1);
      WellFormed.statuses(redone);
      WellFormed.steps(redone, redone.end().get());
    }
  }

  @Property(tries = 60)
  void theSamePlanGivesTheSameInstancesWhateverWasAskedBefore(
      @ForAll long seed,
      @ForAll LifetimeProfile lifetime,
      @ForAll @IntRange(min = 0, max = 1439) int minute,
      @ForAll @IntRange(min = 0, max = 6) int workflow) {
    Fleet lately = fleet(seed, lifetime, true);
    instances(lately, minute, (workflow + 1) % WORKFLOWS);
    instances(lately, minute, workflow);
    assertThat(instances(lately, minute, workflow))
        .isEqualTo(instances(fleet(seed, lifetime, true), minute, workflow));
  }

  @Property(tries = 100)
  void nobodyOvertakesInAQueueThatGrows(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 1439) int minute,
      @ForAll @IntRange(min = 1, max = 600) int secondsLater,
      @ForAll @IntRange(min = 0, max = 6) int workflow) {
    IncidentProfile incidents =
        IncidentProfile.of(FleetPlan.day(seed, Example.EPOCH, 2_000), workflow, WORKFLOWS);
    long first = Example.EPOCH.plus(Duration.ofMinutes(minute)).toEpochMilli();
    long second = first + secondsLater * 1_000L;
    assertThat(second + incidents.queuesLonger(second))
        .isGreaterThanOrEqualTo(first + incidents.queuesLonger(first));
  }

  @Property(tries = 40)
  void onCalmDaysNothingIsDownAndNoDeployIsBad(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 6) int workflow) {
    FleetPlan plan = FleetPlan.day(seed, Example.EPOCH, 2_000).withEvents(false);
    Instant evening = Example.EPOCH.plus(Duration.ofDays(1));
    assertThat(new Deploys(plan, workflow).until(evening)).noneMatch(v -> v.degraded());
    IncidentProfile incidents = IncidentProfile.of(plan, workflow, WORKFLOWS);
    assertThat(incidents.isDown(evening.toEpochMilli())).isFalse();
    assertThat(incidents.queuesLonger(evening.toEpochMilli())).isZero();
  }

  @Property(tries = 40)
  void aDayHasOutagesBacklogsAndBadDeploysThatAreRolledBack(@ForAll long seed) {
    FleetPlan plan = FleetPlan.day(seed, Example.EPOCH, 2_000);
    int down = 0;
    int backlog = 0;
    int bad = 0;
    for (int workflow = 0; workflow < WORKFLOWS; workflow++) {
      IncidentProfile incidents = IncidentProfile.of(plan, workflow, WORKFLOWS);
      for (int minute = 0; minute < 1_440; minute++) {
        long ms = Example.EPOCH.plus(Duration.ofMinutes(minute)).toEpochMilli();
        down += incidents.isDown(ms) ? 1 : 0;
        backlog += incidents.queuesLonger(ms) > 0 ? 1 : 0;
      }
      var versions = new Deploys(plan, workflow).until(Example.EPOCH.plus(Duration.ofDays(1)));
      for (int i = 1; i < versions.size(); i++) {
        if (versions.get(i).degraded()) {
          bad += versions.get(i).createdOn().isAfter(Example.EPOCH) ? 1 : 0;
          Duration bore =
              Duration.between(versions.get(i).createdOn(), versions.get(i - 1).createdOn());
          assertThat(bore).isBetween(Duration.ofHours(1), Duration.ofHours(2));
          assertThat(versions.get(i - 1).degraded()).isFalse();
        }
      }
    }
    assertThat(down).as("minutes of outage").isBetween(30, 122);
    assertThat(backlog).as("minutes of backlog").isGreaterThanOrEqualTo(120);
    assertThat(bad).as("bad deploys").isBetween(3, 12);
  }
}
