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
    SimulatedAccount account = new SimulatedAccount(FLEET);
    SeededRandom random = SeededRandom.of(seed);
    long[] numbers = account.numbersIn(workflow, slot);
    Instant begin = Example.EPOCH.plusMillis(slot * Arrivals.SLOT_MS);
    long number =
        numbers.length > 0 ? numbers[0] : account.create(workflow, Optional.empty(), begin);
    Instant now = account.instance(workflow, number).runs().get(0).queued();
    for (Action action : actions) {
      Instance before = account.instance(workflow, number);
      now = now.plusMillis(random.between(1, Math.max(1, leftMs(before, now))));
      act(account, workflow, number, action, random, now);
      Instance after = account.instance(workflow, number);
      assertThat(past(after, now)).as("%s at %s", action, now).isEqualTo(past(before, now));
      after.runs().forEach(EditedRunTest::check);
    }
  }

  /** Until a little after all that is to come, or a minute where nothing is. */
  private static long leftMs(Instance instance, Instant now) {
    SimulatedRun last = instance.runs().get(instance.runs().size() - 1);
    return Duration.between(now, last.end().orElse(now).plusSeconds(60)).toMillis();
  }

  /** All that could be known just before a moment. */
  private static List<SimulatedRun> past(Instance instance, Instant moment) {
    Instant before = moment.minusMillis(1);
    return instance.runs().stream()
        .filter(run -> !run.queued().isAfter(before))
        .map(run -> run.asOf(before))
        .toList();
  }

  private static void act(
      SimulatedAccount account,
      int workflow,
      long number,
      Action action,
      SeededRandom random,
      Instant at) {
    try {
      switch (action) {
        case PAUSE -> account.pause(workflow, number, at);
        case RESUME -> account.resume(workflow, number, at);
        case RESTART -> account.restart(workflow, number, at);
        case TERMINATE -> account.terminate(workflow, number, at);
        case SEND ->
            account.send(workflow, number, random.oneOf("carrier-picked-up", "mail-confirmed"), at);
        case RESTART_FROM_A_STEP ->
            account.restartFrom(
                workflow,
                number,
                step -> !(step instanceof Step.Rollback || step instanceof Step.Termination),
                (int) random.between(1, 4),
                at);
      }
    } catch (Refusal refused) {
      assertThat(refused.code()).startsWith("instance.");
    }
  }

  private static void check(SimulatedRun run) {
    assertThat(run.end().isPresent() && run.supersededAt().isPresent()).isFalse();
    WellFormed.statuses(run);
    for (int i = 1; i < run.statuses().size(); i++) {
      assertThat(run.statuses().get(i).status())
          .as("%s", run.statuses())
          .isNotEqualTo(run.statuses().get(i - 1).status());
    }
    WellFormed.steps(run, run.end().or(run::supersededAt).orElse(Instant.MAX));
  }
}
