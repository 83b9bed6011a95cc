package io.flowmeter.streams.run;

import static io.flowmeter.streams.InstanceHistory.attempt;
import static io.flowmeter.streams.InstanceHistory.failed;
import static io.flowmeter.streams.InstanceHistory.of;
import static io.flowmeter.streams.InstanceHistory.running;
import static io.flowmeter.streams.InstanceHistory.step;
import static io.flowmeter.streams.InstanceHistory.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.Step;
import io.flowmeter.schemas.rollup.StepMinute;
import io.flowmeter.schemas.rollup.WorkflowMinute;
import io.flowmeter.streams.InstanceHistory;
import io.flowmeter.streams.rollup.RollupAlgebra;
import io.flowmeter.streams.rollup.Rollups;
import io.flowmeter.streams.state.Contributions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * What is kept between two observations is all that is known, and what is told of a change is all
 * that changed, whatever is observed in whatever order: be it likely or not.
 */
class AnyHistoryTest {
  private static final RollupAlgebra<WorkflowMinute> WORKFLOW_MINUTES =
      new RollupAlgebra<>(WorkflowMinute.getClassSchema(), WorkflowMinute::new);
  private static final RollupAlgebra<StepMinute> STEP_MINUTES =
      new RollupAlgebra<>(StepMinute.getClassSchema(), StepMinute::new);

  private static final List<String> STATUSES =
      List.of("queued", "running", "paused", "waiting", "complete", "errored", "terminated", "new");

  @Property(tries = 300, shrinking = ShrinkingMode.OFF)
  void factsAreThoseOfAllThatWasEverObserved(@ForAll Random random) {
    InstanceProcessorDriver driver = new InstanceProcessorDriver();
    Map<RunKey, RunKnowledge> all = new HashMap<>();
    for (Observation seen : observations(random)) {
      if (random.nextInt(4) == 0) {
        driver.starts(Rollups::of);
      }
      driver.observe(seen);
      RunKey run =
          new RunKey(seen.getAccountId(), seen.getWorkflow(), seen.getInstanceId(), seen.getRun());
      RunKnowledge known = all.computeIfAbsent(run, unknown -> RunKnowledge.none());
      known.arriving(driver.now());
      learn(known, seen);
      nextRuns(all);
      for (RunChanged change : driver.told()) {
        assertThat(change.after())
            .isEqualTo(RunDerivation.derive(change.run(), all.get(change.run())));
      }
    }
  }

  @Property(tries = 300, shrinking = ShrinkingMode.OFF)
  void whatAllRunsGaveAndTookBackIsWhatTheirLastFactsGive(@ForAll Random random) {
    InstanceProcessorDriver driver = new InstanceProcessorDriver();
    Map<RunKey, RunFacts> last = new HashMap<>();
    List<WorkflowMinute> workflowMinutes = new ArrayList<>();
    List<StepMinute> stepMinutes = new ArrayList<>();
    for (Observation seen : observations(random)) {
      driver.observe(seen);
      for (RunChanged change : driver.told()) {
        last.put(change.run(), change.after());
        Contributions gave = change.gave();
        Contributions gives = change.gives();
        workflowMinutes.addAll(
            WORKFLOW_MINUTES.difference(gave.workflowMinutes(), gives.workflowMinutes()));
        stepMinutes.addAll(STEP_MINUTES.difference(gave.stepMinutes(), gives.stepMinutes()));
      }
    }

    List<Contributions> given = last.values().stream().map(Rollups::of).toList();
    assertThat(
            WORKFLOW_MINUTES.difference(
                given.stream().map(Contributions::workflowMinutes).flatMap(List::stream).toList(),
                workflowMinutes))
        .isEmpty();
    assertThat(
            STEP_MINUTES.difference(
                given.stream().map(Contributions::stepMinutes).flatMap(List::stream).toList(),
                stepMinutes))
        .isEmpty();
  }

  private static void learn(RunKnowledge known, Observation seen) {
    if (seen.getRow() != null) {
      known.learn(seen.getRow(), seen.getObservedAt());
    } else if (seen.getVanished() != null) {
      known.learnVanished(seen.getVanished().getAt(), seen.getObservedAt());
    } else {
      known.learn(List.of(seen.getDetail()), seen.getObservedAt());
    }
  }

  private static void nextRuns(Map<RunKey, RunKnowledge> all) {
    all.forEach(
        (run, known) ->
            all.keySet().stream()
                .mapToLong(RunKey::run)
                .filter(other -> other > run.run())
                .min()
                .ifPresent(known::learnNextRun));
  }

  private static List<Observation> observations(Random random) {
    List<InstanceHistory> runs =
        Stream.of(0, 40_000, 90_000)
            .limit(1 + random.nextInt(3))
            .map(queued -> InstanceHistory.of("billing", "i-1", queued))
            .toList();
    List<Observation> seen = new ArrayList<>();
    for (int count = 1 + random.nextInt(15); count > 0; count--) {
      seen.add(observation(random, runs.get(random.nextInt(runs.size()))));
    }
    return seen;
  }

  private static Observation observation(Random random, InstanceHistory life) {
    long at = 1_000L * random.nextInt(200);
    String status = STATUSES.get(random.nextInt(STATUSES.size()));
    switch (random.nextInt(6)) {
      case 0:
        return life.vanished(at, at + 1_000);
      case 1, 2:
        return life.row(
            at,
            InstanceRow.newBuilder()
                .setStatus(status)
                .setStartedOn(random.nextBoolean() ? null : InstanceHistory.at(at / 2))
                .setEndedOn(random.nextBoolean() ? null : InstanceHistory.at(at - 300))
                .setVersionId(random.nextBoolean() ? null : "v" + random.nextInt(2))
                .setNotBefore(random.nextBoolean() ? null : InstanceHistory.at(at - 2_000)));
      default:
        return detail(random, life, at, status);
    }
  }

  private static Observation detail(Random random, InstanceHistory life, long at, String status) {
    InstanceHistory.Detail detail = life.detail(at, status).weight(1 + random.nextInt(3));
    if (random.nextBoolean()) {
      detail.started(at / 3);
    }
    if (random.nextBoolean()) {
      detail.version("v" + random.nextInt(2));
    }
    if (random.nextBoolean()) {
      detail.ended(at - 500);
    }
    if (random.nextBoolean()) {
      detail.error("Error", "m" + random.nextInt(2));
    }
    // Some beyond the first piece.
    int index = random.nextInt(3) == 0 ? 254 : 0;
    for (int count = random.nextInt(5); count > 0; count--) {
      detail.stepAt(index, anyStep(random, index));
      index += 1 + random.nextInt(2);
    }
    return detail.stepCount(random.nextInt(4) == 0 ? index / 2 : index).told();
  }

  private static Step.Builder anyStep(Random random, int index) {
    String name = "s" + random.nextInt(3) + "-" + index;
    long start = 1_000L * random.nextInt(100);
    switch (random.nextInt(5)) {
      case 0:
        return running(name, start, InstanceHistory.unfinished(start));
      case 1:
        return of("sleep", name, start, random.nextBoolean() ? null : start + 700, true);
      case 2:
        return step(name, start, start + 900, false, failed(start, start + 900, "E", "m"));
      case 3:
        return step(
            name,
            start,
            start + 900,
            true,
            failed(start, start + 300, "E", "m" + random.nextInt(9)),
            attempt(start + 500, start + 899, true));
      default:
        return succeeded(name, start, start + random.nextInt(70_000));
    }
  }
}
