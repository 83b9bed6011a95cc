package io.flowmeter.simulator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.simulator.Example;
import io.flowmeter.simulator.model.Instance;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.Step;
import io.flowmeter.simulator.workflows.WorkflowCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** What is true of every instance, whatever callers do to it and when. */
class EditedRunTest {
  private static final Fleet FLEET =
      new Fleet(FleetPlan.day(5, Example.EPOCH, 40_000), WorkflowCatalog.all());

  /** What callers can ask for. */
  enum Action {
    PAUSE,
    RESUME,
    SEND,
    RESTART,
    RESTART_FROM_A_STEP,
    TERMINATE
  }

  @Property(tries = 2_000)
  void livesStayWellFormedAndTheirPastStaysAsItWas(
      @ForAll @IntRange(min = 0, max = 6) int workflow,
      @ForAll @IntRange(min = 0, max = 8_000) int slot,
      @ForAll @Size(min = 1, max = 6) List<Action> actions,
      @ForAll long seed) {
    SimulatedAccount world = new SimulatedAccount(FLEET);
    SeededRandom chance = SeededRandom.of(seed);
    long[] numbers = world.numbersIn(workflow, slot);
    Instant begin = Example.EPOCH.plusMillis(slot * Arrivals.SLOT_MS);
    long number = numbers.length > 0 ? numbers[0] : world.create(workflow, Optional.empty(), begin);
    Instant now = world.instance(workflow, number).lives().get(0).queued();
    for (Action action : actions) {
      Instance before = world.instance(workflow, number);
      now = now.plusMillis(chance.between(1, Math.max(1, leftMs(before, now))));
      act(world, workflow, number, action, chance, now);
      Instance after = world.instance(workflow, number);
      assertThat(past(after, now)).as("%s at %s", action, now).isEqualTo(past(before, now));
      after.lives().forEach(EditedRunTest::check);
    }
  }

  /** Until a little after all that is to come, or a minute where nothing is. */
  private static long leftMs(Instance instance, Instant now) {
    SimulatedRun last = instance.lives().get(instance.lives().size() - 1);
    return Duration.between(now, last.end().orElse(now).plusSeconds(60)).toMillis();
  }

  /** All that could be known just before a moment. */
  private static List<SimulatedRun> past(Instance instance, Instant moment) {
    Instant before = moment.minusMillis(1);
    return instance.lives().stream()
        .filter(life -> !life.queued().isAfter(before))
        .map(life -> life.asOf(before))
        .toList();
  }

  private static void act(
      SimulatedAccount world,
      int workflow,
      long number,
      Action action,
      SeededRandom chance,
      Instant at) {
    try {
      switch (action) {
        case PAUSE -> world.pause(workflow, number, at);
        case RESUME -> world.resume(workflow, number, at);
        case RESTART -> world.restart(workflow, number, at);
        case TERMINATE -> world.terminate(workflow, number, at);
        case SEND ->
            world.send(workflow, number, chance.oneOf("carrier-picked-up", "mail-confirmed"), at);
        case RESTART_FROM_A_STEP ->
            world.restartFrom(
                workflow,
                number,
                step -> !(step instanceof Step.Rollback || step instanceof Step.Termination),
                (int) chance.between(1, 4),
                at);
      }
    } catch (Refusal refused) {
      assertThat(refused.code()).startsWith("instance.");
    }
  }

  private static void check(SimulatedRun life) {
    assertThat(life.end().isPresent() && life.supersededAt().isPresent()).isFalse();
    WellFormed.statuses(life);
    for (int i = 1; i < life.statuses().size(); i++) {
      assertThat(life.statuses().get(i).status())
          .as("%s", life.statuses())
          .isNotEqualTo(life.statuses().get(i - 1).status());
    }
    WellFormed.steps(life, life.end().or(life::supersededAt).orElse(Instant.MAX));
  }
}
