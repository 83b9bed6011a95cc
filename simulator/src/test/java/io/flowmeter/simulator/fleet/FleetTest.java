package io.flowmeter.simulator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.simulator.Example;
import io.flowmeter.simulator.model.Attempt;
import io.flowmeter.simulator.model.Instance;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.simulator.model.StatusChange;
import io.flowmeter.simulator.model.Step;
import io.flowmeter.simulator.model.StepConfig;
import io.flowmeter.simulator.workflows.WorkflowCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is true of every life, and what the fleet as a whole must show to be worth polling. */
class FleetTest {
  private static final FleetPlan PLAN =
      FleetPlan.of(7, Example.EPOCH).withHistory(3_000).withRate(0.2);
  private static final Fleet FLEET = new Fleet(PLAN, WorkflowCatalog.all());
  private static final Instant UNTIL = Example.EPOCH.plus(Duration.ofHours(24));

  private static final List<Instance> INSTANCES = new ArrayList<>();
  private static final List<SimulatedRun> LIVES = new ArrayList<>();
  private static final List<Step.Do> WORK = new ArrayList<>();

  static {
    for (int workflow = 0; workflow < FLEET.models().size(); workflow++) {
      FLEET.instances(workflow, UNTIL).forEach(INSTANCES::add);
    }
    INSTANCES.forEach(instance -> LIVES.addAll(instance.runs()));
    for (SimulatedRun run : LIVES) {
      for (Step step : run.steps()) {
        if (step instanceof Step.Do work) {
          WORK.add(work);
        }
      }
    }
  }

  @Test
  void idsAreUniqueAndInstancesInOrderOfCreation() {
    Set<String> ids = new HashSet<>();
    for (int workflow = 0; workflow < FLEET.models().size(); workflow++) {
      Instant last = Instant.MIN;
      for (Instance instance : FLEET.instances(workflow, UNTIL).toList()) {
        assertThat(ids.add(instance.id())).as(instance.id()).isTrue();
        assertThat(instance.createdOn()).isAfterOrEqualTo(last);
        last = instance.createdOn();
        Duration early = Duration.between(last, instance.runs().get(0).queued());
        assertThat(early).isBetween(Duration.ZERO, Duration.ofMillis(71));
      }
    }
    assertThat(ids).hasSizeGreaterThan(6_000);
  }

  @Test
  void livesOfAnInstanceFollowEachOther() {
    for (Instance instance : INSTANCES) {
      Instant free = Instant.MIN;
      for (SimulatedRun run : instance.runs()) {
        assertThat(run.queued()).isAfterOrEqualTo(free);
        assertThat(run.end().isPresent()).isNotEqualTo(run.supersededAt().isPresent());
        free = run.end().or(run::supersededAt).orElseThrow();
        assertThat(free).isAfter(run.queued());
      }
      assertThat(instance.runs().get(instance.runs().size() - 1).end()).isPresent();
      assertThat(Duration.between(instance.createdOn(), free))
          .isLessThan(PLAN.lifetime().longest());
    }
  }

  @Test
  void statusesBeginQueuedEndAtTheEndAndNeverRepeat() {
    for (SimulatedRun run : LIVES) {
      List<StatusChange> line = run.statuses();
      assertThat(line.get(0)).isEqualTo(new StatusChange(run.queued(), SimulatedStatus.QUEUED));
      for (int i = 1; i < line.size(); i++) {
        // An instance can start in the millisecond it was queued in.
        assertThat(line.get(i).at())
            .isAfterOrEqualTo(line.get(i - 1).at().plusMillis(i > 1 ? 1 : 0));
        assertThat(line.get(i).status()).isNotEqualTo(line.get(i - 1).status());
        boolean ended = line.get(i - 1).status().isTerminal();
        assertThat(ended).isEqualTo(run.ends().contains(line.get(i - 1).at()));
        if (ended) {
          assertThat(line.get(i).status())
              .as("restarted from a step")
              .isIn(SimulatedStatus.RUNNING, SimulatedStatus.WAITING);
        }
      }
      assertThat(run.status().isTerminal()).isEqualTo(run.end().isPresent());
      run.end().ifPresent(end -> assertThat(line.get(line.size() - 1).at()).isEqualTo(end));
    }
  }

  @Test
  void stepsLieWithinTheirLifeAndAttemptsWithinTheirStep() {
    for (SimulatedRun run : LIVES) {
      Instant last = run.start().orElse(run.queued());
      for (Step step : run.steps()) {
        assertThat(step.start()).isAfterOrEqualTo(last);
        last = step.start();
        run.end().ifPresent(end -> assertThat(step.start()).isBeforeOrEqualTo(end));
      }
    }
    for (Step.Do work : WORK) {
      Instant last = work.start();
      for (Attempt attempt : work.attempts()) {
        assertThat(attempt.start()).isAfterOrEqualTo(last);
        last = attempt.end().orElse(attempt.start());
        assertThat(last).isAfterOrEqualTo(attempt.start());
      }
      assertThat(work.attempts().size()).isLessThanOrEqualTo(work.config().limit() + 1);
      assertThat(work.end().isPresent()).isEqualTo(work.success().isPresent());
      if (work.end().isPresent()) {
        assertThat(Duration.between(last, work.end().get()).toMillis()).isBetween(0L, 1L);
        Attempt lastAttempt = work.attempts().get(work.attempts().size() - 1);
        assertThat(lastAttempt.success()).isEqualTo(work.success());
      }
    }
  }

  @Test
  void retriesWaitAsTheirBackoffSays() {
    Set<String> backoffs = new HashSet<>();
    for (Step.Do work : WORK) {
      StepConfig config = work.config();
      for (int i = 1; i < work.attempts().size(); i++) {
        Duration gap =
            Duration.between(
                work.attempts().get(i - 1).end().orElseThrow(), work.attempts().get(i).start());
        long delay = config.delay().millis();
        long expected =
            switch (config.backoff()) {
              case CONSTANT -> delay;
              case LINEAR -> delay * i;
              case EXPONENTIAL -> delay * (1L << (i - 1));
            };
        assertThat(gap.toMillis()).isBetween(expected, expected + 8);
        backoffs.add(config.backoff().apiName());
      }
    }
    assertThat(backoffs).containsExactlyInAnyOrder("constant", "linear", "exponential");
  }

  @Test
  void everythingThatCanHappenToAStepHappens() {
    assertThat(WORK).anyMatch(work -> work.attempts().size() > 1 && succeeded(work));
    assertThat(WORK)
        .as("exhausted")
        .anyMatch(work -> work.attempts().size() == work.config().limit() + 1 && failed(work));
    assertThat(WORK)
        .as("timed out")
        .anyMatch(work -> hasError(work, "Execution timed out after 5000ms"));
    assertThat(WORK)
        .as("not retried")
        .anyMatch(
            work ->
                work.attempts().size() == 1
                    && failed(work)
                    && hasError(
                        work,
                        "Step threw a NonRetryableError with message"
                            + " \"NonRetryableError: invoice 7f2c91aa is already posted\""));
    assertThat(WORK).as("unfinished in an ended life").anyMatch(work -> work.end().isEmpty());
    assertThat(WORK).anyMatch(work -> work.name().equals("ship parcel-2"));
    assertThat(WORK).anyMatch(work -> work.name().equals("überprüfe Signatur ✓ 100%-1"));
    List<Step> steps = LIVES.stream().flatMap(run -> run.steps().stream()).toList();
    assertThat(steps)
        .anyMatch(step -> step instanceof Step.EventWait wait && wait.error().isPresent())
        .anyMatch(
            step ->
                step instanceof Step.EventWait wait
                    && wait.error().isEmpty()
                    && wait.end().isPresent())
        .anyMatch(step -> step instanceof Step.Termination);
    assertThat(LIVES)
        .as("long sleepers")
        .anyMatch(
            run ->
                run.end()
                    .filter(end -> end.isAfter(run.queued().plus(Duration.ofHours(5))))
                    .isPresent());
    assertThat(LIVES).as("ended in the queue").anyMatch(run -> run.start().isEmpty());
    assertThat(LIVES)
        .as("errored outside of any step")
        .anyMatch(run -> run.error().filter(e -> e.name().equals("TypeError")).isPresent());
  }

  private static boolean succeeded(Step.Do work) {
    return work.success().orElse(false);
  }

  private static boolean failed(Step.Do work) {
    return !work.success().orElse(true);
  }

  private static boolean hasError(Step.Do work, String message) {
    return work.attempts().stream()
        .anyMatch(attempt -> attempt.error().filter(e -> e.message().equals(message)).isPresent());
  }

  @Test
  void aBadDeployMakesThingsWorse() {
    double good = erroredAttempts(false);
    double bad = erroredAttempts(true);
    assertThat(bad).isGreaterThan(2 * good);
  }

  private static double erroredAttempts(boolean degraded) {
    long all = 0;
    long failed = 0;
    for (SimulatedRun run : LIVES) {
      for (Step step : run.steps()) {
        if (step instanceof Step.Do work
            && work.name().equals("charge card-1")
            && run.version().degraded() == degraded) {
          all += work.attempts().size();
          failed += work.attempts().stream().filter(a -> a.error().isPresent()).count();
        }
      }
    }
    assertThat(all).isGreaterThan(20);
    return (double) failed / all;
  }

  @Test
  void versionsAreDeployedOneAfterTheOther() {
    for (int workflow = 0; workflow < FLEET.models().size(); workflow++) {
      var versions = FLEET.versions(workflow, UNTIL);
      assertThat(versions).hasSizeGreaterThanOrEqualTo(3);
      for (int i = 1; i < versions.size(); i++) {
        assertThat(versions.get(i).createdOn()).isBefore(versions.get(i - 1).createdOn());
      }
      assertThat(FLEET.version(workflow, UNTIL)).isEqualTo(versions.get(0));
      assertThat(FLEET.workflowCreatedOn(workflow))
          .isBefore(versions.get(versions.size() - 1).createdOn());
    }
  }
}
