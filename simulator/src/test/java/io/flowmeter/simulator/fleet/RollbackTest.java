package io.flowmeter.simulator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.simulator.Example;
import io.flowmeter.simulator.model.BackoffPolicy;
import io.flowmeter.simulator.model.Failure;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.simulator.model.StatusChange;
import io.flowmeter.simulator.model.Step;
import io.flowmeter.simulator.model.StepConfig;
import io.flowmeter.simulator.model.TriggerSource;
import io.flowmeter.simulator.model.Version;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A run that fails undoes what it did, what began last first. */
class RollbackTest {
  private static final StepConfig ONCE = StepConfig.ofMillis(0, 1, BackoffPolicy.CONSTANT, 60_000);
  private static final StepConfig TWICE =
      StepConfig.ofMillis(1, 5_000, BackoffPolicy.CONSTANT, 60_000);
  private static final AttemptModel WORK = AttemptModel.of(100, 0.1);
  private static final Compensation UNDO = new Compensation(ONCE, AttemptModel.of(50, 0.1));
  private static final Compensation STUCK =
      new Compensation(TWICE, WORK.failing(1, "Error", "still locked"));

  private static SimulatedRun played(WorkflowCode code) {
    WorkflowModel model =
        new WorkflowModel(
            "saga",
            "Saga",
            "shop",
            new WorkflowModel.Rhythm.Share(1),
            List.of(TriggerSource.API),
            WorkflowModel.IdStyle.UUID,
            new WorkflowModel.Queue(10, 1),
            new WorkflowModel.Interventions(0, 0, 0, 0),
            false,
            code);
    Version version = new Version("v", Example.EPOCH, false);
    return RunScript.play(model, SeededRandom.of(1), Example.EPOCH, version, TriggerSource.API);
  }

  private static List<String> undone(SimulatedRun run) {
    return run.steps().stream()
        .filter(Step.Rollback.class::isInstance)
        .map(step -> ((Step.Rollback) step).work().name())
        .toList();
  }

  @Test
  void whatSucceededIsUndoneInReverseOrderOfTheStarts() {
    SimulatedRun run =
        played(
            step -> {
              step.work("book flight", ONCE, WORK, UNDO);
              step.work("look up prices", ONCE, WORK);
              step.work("book hotel", ONCE, WORK, UNDO);
              step.work("pay", ONCE, WORK.failing(1, "Error", "no money"), UNDO);
            });

    assertThat(undone(run)).containsExactly("book hotel-1", "book flight-1");
    assertThat(run.rollback()).contains(new SimulatedRun.Rollback(Optional.empty()));
    assertThat(run.status()).isEqualTo(SimulatedStatus.ERRORED);
    assertThat(run.error()).map(Failure::message).contains("no money");
  }

  @Test
  void theStatusIsRollingBackFromTheFirstToTheEnd() {
    SimulatedRun run =
        played(
            step -> {
              step.work("book flight", ONCE, WORK, STUCK);
              step.fail("TypeError", "of no step");
            });

    List<StatusChange> line = run.statuses();
    assertThat(line)
        .extracting(StatusChange::status)
        .containsExactly(
            SimulatedStatus.QUEUED,
            SimulatedStatus.RUNNING,
            SimulatedStatus.ROLLING_BACK,
            SimulatedStatus.ERRORED);
    Instant first = run.steps().get(1).start();
    assertThat(line.get(2).at()).isEqualTo(first);
    SimulatedRun amidst = run.asOf(first.plusMillis(1));
    assertThat(amidst.status()).isEqualTo(SimulatedStatus.ROLLING_BACK);
    assertThat(amidst.end()).isEmpty();
    assertThat(amidst.rollback()).isEmpty();
  }

  @Test
  void aRollbackThatFailsIsTheLast() {
    SimulatedRun run =
        played(
            step -> {
              step.work("book flight", ONCE, WORK, UNDO);
              step.work("book hotel", ONCE, WORK, STUCK);
              step.fail("TypeError", "of no step");
            });

    assertThat(undone(run)).containsExactly("book hotel-1");
    assertThat(((Step.Rollback) run.steps().get(2)).work().attempts()).hasSize(2);
    assertThat(run.rollback().orElseThrow().error()).contains(new Failure("Error", "still locked"));
    assertThat(run.error()).map(Failure::name).contains("TypeError");
  }

  @Test
  void whatWasUnderWayBesideTheFailureIsNotUndone() {
    SimulatedRun run =
        played(
            step ->
                step.parallel(
                    branch -> branch.work("slow", ONCE, AttemptModel.of(30_000, 0.1), UNDO),
                    branch -> branch.work("quick", ONCE, AttemptModel.of(10, 0.1), UNDO),
                    branch -> branch.work("pay", ONCE, WORK.failing(1, "Error", "no money"))));

    assertThat(undone(run)).containsExactly("quick-1");
    assertThat(((Step.Do) run.steps().get(0)).end()).isEmpty();
  }

  @Test
  void whatCompletesUndoesNothing() {
    SimulatedRun run = played(step -> step.work("book flight", ONCE, WORK, UNDO));

    assertThat(run.status()).isEqualTo(SimulatedStatus.COMPLETE);
    assertThat(undone(run)).isEmpty();
    assertThat(run.rollback()).isEmpty();
  }
}
