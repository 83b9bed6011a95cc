package io.flowmeter.streams.topology;

import static io.flowmeter.streams.InstanceHistory.at;
import static io.flowmeter.streams.InstanceHistory.attempt;
import static io.flowmeter.streams.InstanceHistory.failed;
import static io.flowmeter.streams.InstanceHistory.of;
import static io.flowmeter.streams.InstanceHistory.running;
import static io.flowmeter.streams.InstanceHistory.step;
import static io.flowmeter.streams.InstanceHistory.succeeded;
import static io.flowmeter.streams.InstanceHistory.unfinished;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.flowmeter.schemas.fact.Instance;
import io.flowmeter.schemas.fact.StepAttempt;
import io.flowmeter.schemas.fact.StepRun;
import io.flowmeter.schemas.fact.Transition;
import io.flowmeter.schemas.observation.Error;
import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.schemas.observation.Step;
import io.flowmeter.schemas.rollup.StepMinute;
import io.flowmeter.streams.InstanceHistory;
import io.flowmeter.streams.error.ErrorGroup;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RunFactsTest {
  private final PipelineDriver pipeline = new PipelineDriver();
  private final InstanceHistory run = InstanceHistory.of("billing", "i-1", 0);

  @AfterEach
  void close() {
    pipeline.close();
  }

  /** A detail as wrangler 4.86 gave it: all retries were used up. */
  @Test
  void exhaustedRetriesAreLostTime() {
    pipeline.observe(
        run.detail(5_000, "errored")
            .started(0)
            .ended(693)
            .error("RangeError", "ledger rejected: balance < 0")
            .step(succeeded("prepare invoice-1", 3, 8))
            .step(
                step(
                    "post to ledger-1",
                    12,
                    691,
                    false,
                    failed(12, 51, "RangeError", "ledger rejected: balance < 0"),
                    failed(254, 271, "RangeError", "ledger rejected: balance < 0"),
                    failed(674, 691, "RangeError", "ledger rejected: balance < 0")))
            .told());

    StepRun step = pipeline.stepRuns().get(1);
    assertThat(step.getStep()).isEqualTo("post to ledger");
    assertThat(step.getStepName()).isEqualTo("post to ledger-1");
    assertThat(step.getOutcome()).isEqualTo("failed");
    assertThat(step.getWallMs()).isEqualTo(679);
    assertThat(step.getAttempts()).isEqualTo(3);
    assertThat(step.getAttemptMs()).isEqualTo(73);
    assertThat(step.getBackoffMs()).isEqualTo(606);
    assertThat(step.getRetries()).isEqualTo(2);
    assertThat(step.getLostMs()).isEqualTo(679);
    assertThat(step.getTimeoutMs()).isEqualTo(5_000);

    Instance instance = pipeline.instances().get(0);
    assertThat(instance.getQueueMs()).isZero();
    assertThat(instance.getRunMs()).isEqualTo(693);
    assertThat(instance.getActiveMs()).isEqualTo(87);
    assertThat(instance.getAttempts()).isEqualTo(4);
    assertThat(instance.getRetries()).isEqualTo(2);
    assertThat(instance.getFailedStep()).isEqualTo("post to ledger");
    assertThat(instance.getErrorName()).isEqualTo("RangeError");
    assertThat(instance.getWeight()).isEqualTo(1);

    assertThat(pipeline.stepAttempts())
        .extracting(
            StepAttempt::getStepIndex,
            StepAttempt::getAttempt,
            StepAttempt::getDurationMs,
            StepAttempt::getBackoffBeforeMs)
        .containsExactly(
            tuple(0, 1, 5L, 0L),
            tuple(1, 1, 39L, 0L),
            tuple(1, 2, 17L, 203L),
            tuple(1, 3, 17L, 403L));
    assertThat(pipeline.stepMinutes())
        .filteredOn(minute -> minute.getStep().equals("post to ledger"))
        .singleElement()
        .satisfies(
            minute -> {
              assertThat(minute.getExhausted()).isEqualTo(1);
              assertThat(minute.getFailed()).isEqualTo(1);
              assertThat(minute.getLostMs()).isEqualTo(679);
            });
  }

  @Test
  void exactTimesFrameWhatPollsSampled() {
    pipeline.observe(
        run.row(100, "queued"),
        run.row(
            4_000,
            InstanceRow.newBuilder()
                .setStatus("waiting")
                .setCreatedOn(at(0))
                .setNotBefore(at(2_000))),
        run.detail(9_000, "complete").started(1_000).ended(8_000).told());

    assertThat(pipeline.transitions())
        .extracting(
            Transition::getFromStatus,
            Transition::getToStatus,
            Transition::getAt,
            Transition::getAtIsExact,
            Transition::getNotBefore,
            Transition::getPreviousMs)
        .containsExactly(
            tuple("", "queued", at(0), true, at(0), 0L),
            tuple("queued", "running", at(1_000), true, at(1_000), 1_000L),
            tuple("running", "waiting", at(4_000), false, at(2_000), 3_000L),
            tuple("waiting", "complete", at(8_000), true, at(8_000), 4_000L));
  }

  @Test
  void aLiveRunIsInTheStatusLastSeenThoughItWasSeenBeforeItsStart() {
    pipeline.observe(
        run.detail(900, "waiting")
            .started(1_000)
            .step(of("sleep", "nap", 1_007, null, false))
            .told());

    assertThat(pipeline.transitions())
        .extracting(Transition::getToStatus, Transition::getAt, Transition::getAtIsExact)
        .containsExactly(
            tuple("queued", at(0), true),
            tuple("running", at(1_000), true),
            tuple("waiting", at(1_000), false));
  }

  @Test
  void aStaleLiveRowAfterTheEndIsNoReopening() {
    pipeline.observe(
        run.row(8_100, "running"),
        run.detail(9_000, "complete").started(1_000).ended(8_000).told());

    assertThat(pipeline.transitions())
        .extracting(Transition::getToStatus)
        .containsExactly("queued", "running", "complete");
    assertThat(pipeline.instances().get(0).getReopened()).isZero();
  }

  @Test
  void anEndThatOnlyARowToldIsATransitionWhereItWasLeftAgain() {
    pipeline.observe(
        run.row(5_000, "complete"),
        run.row(9_000, "waiting"),
        run.detail(20_000, "complete").started(1_000).ended(15_000).told());

    assertThat(pipeline.transitions())
        .extracting(Transition::getToStatus, Transition::getAt, Transition::getAtIsExact)
        .containsExactly(
            tuple("queued", at(0), true),
            tuple("running", at(1_000), true),
            tuple("complete", at(5_000), false),
            tuple("waiting", at(9_000), false),
            tuple("complete", at(15_000), true));
  }

  @Test
  void aRestartFromAStepReopensTheRunAndTakesItsStepsBack() {
    pipeline.observe(
        run.detail(9_000, "errored")
            .started(0)
            .ended(8_000)
            .step(succeeded("a-1", 0, 1_000))
            .step(step("b-1", 1_000, 8_000, false, failed(1_000, 8_000, "Error", "x")))
            .step(succeeded("c-1", 1_000, 2_000))
            .told(),
        run.detail(70_000, "running")
            .started(0)
            .stepAt(1, running("b-1", 69_000, unfinished(69_000)))
            .stepCount(2)
            .told());

    assertThat(pipeline.stepRuns())
        .extracting(StepRun::getStep, StepRun::getOutcome)
        .containsExactly(tuple("a", "succeeded"), tuple("b", "unfinished"));
    assertThat(pipeline.stepMinutes()).extracting(m -> m.getStep()).containsExactly("a");
    assertThat(pipeline.instances().get(0).getReopened()).isEqualTo(1);
    assertThat(pipeline.instances().get(0).getEndedAt()).isNull();

    pipeline.observe(
        run.detail(80_000, "complete")
            .started(0)
            .ended(75_000)
            .step(succeeded("a-1", 0, 1_000))
            .step(succeeded("b-1", 69_000, 74_000))
            .told());

    Instance instance = pipeline.instances().get(0);
    assertThat(instance.getReopened()).isEqualTo(1);
    assertThat(instance.getStatus()).isEqualTo("complete");
    assertThat(pipeline.workflowMinutes())
        .extracting(
            m -> m.getMinute(), m -> m.getCompleted(), m -> m.getErrored(), m -> m.getSampled())
        .containsExactly(tuple(at(0), 0L, 0L, 0L), tuple(at(60_000), 1L, 0L, 1L));
    assertThat(pipeline.transitions())
        .extracting(Transition::getToStatus)
        .containsExactly("queued", "running", "errored", "running", "complete");
  }

  @Test
  void anEndThatARowTellsLaterThanTheDetailsIsTheRuns() {
    InstanceRow.Builder row =
        InstanceRow.newBuilder().setStatus("errored").setCreatedOn(at(0)).setStartedOn(at(0));
    pipeline.observe(
        run.detail(9_000, "errored").started(0).ended(8_000).told(),
        run.row(70_000, "running"),
        run.row(140_000, row.setEndedOn(at(130_000))));
    assertThat(pipeline.instances().get(0).getEndedAt()).isEqualTo(at(130_000));

    pipeline.observe(run.detail(150_000, "errored").started(0).ended(130_040).told());
    assertThat(pipeline.instances().get(0).getEndedAt())
        .as("the row's time of the same end")
        .isEqualTo(at(130_040));
    assertThat(pipeline.workflowMinutes())
        .extracting(m -> m.getMinute(), m -> m.getErrored())
        .containsExactly(tuple(at(0), 0L), tuple(at(120_000), 1L));
  }

  @Test
  void aNewerLifeSupersedesOneWhoseEndWasNotSeen() {
    InstanceHistory second = InstanceHistory.of("billing", "i-1", 30_000);
    pipeline.observe(
        run.detail(5_000, "running")
            .started(0)
            .step(running("a-1", 1_000, unfinished(1_000)))
            .told(),
        second.detail(40_000, "complete").started(30_000).ended(39_000).told());

    assertThat(pipeline.instances())
        .extracting(
            Instance::getRun,
            Instance::getIsNewest,
            Instance::getStatus,
            Instance::getEndKind,
            Instance::getEndedAt,
            Instance::getWeight)
        .containsExactly(
            tuple(run.run(), false, "running", "superseded", at(30_000), 0L),
            tuple(second.run(), true, "complete", "api", at(39_000), 1L));
    assertThat(pipeline.stepRuns())
        .singleElement()
        .satisfies(
            step -> {
              assertThat(step.getOutcome()).isEqualTo("unfinished");
              assertThat(step.getEndedAt()).isEqualTo(at(30_000));
              assertThat(step.getWallMs()).isEqualTo(29_000);
            });
  }

  @Test
  void aVanishedRunKeepsItsLastStatus() {
    pipeline.observe(run.row(1_000, "waiting"), run.vanished(60_000, 70_000));

    assertThat(pipeline.instances())
        .singleElement()
        .satisfies(
            instance -> {
              assertThat(instance.getStatus()).isEqualTo("waiting");
              assertThat(instance.getEndKind()).isEqualTo("vanished");
              assertThat(instance.getEndedAt()).isEqualTo(at(60_000));
            });
  }

  @Test
  void aRunThatVanishedCameBackAndVanishedAgainIsGone() {
    pipeline.observe(
        run.row(1_000, "waiting"),
        run.vanished(20_000, 30_000),
        run.row(40_000, "waiting"),
        run.vanished(50_000, 60_000));

    assertThat(pipeline.instances().get(0).getEndKind()).isEqualTo("vanished");
    assertThat(pipeline.instances().get(0).getEndedAt()).isEqualTo(at(50_000));
  }

  @Test
  void anEndedRunWhoseDetailIsNotThereYetCountsButStandsForNothing() {
    pipeline.observe(
        run.row(
            9_000,
            InstanceRow.newBuilder()
                .setStatus("complete")
                .setCreatedOn(at(0))
                .setStartedOn(at(10))
                .setEndedOn(at(8_000))));

    Instance instance = pipeline.instances().get(0);
    assertThat(instance.getWeight()).isZero();
    assertThat(instance.getStepCount()).isNull();
    assertThat(instance.getRunMs()).isNull();
    assertThat(pipeline.workflowMinutes())
        .singleElement()
        .satisfies(
            minute -> {
              assertThat(minute.getQueued()).isEqualTo(1);
              assertThat(minute.getStarted()).isEqualTo(1);
              assertThat(minute.getCompleted()).isEqualTo(1);
              assertThat(minute.getSampled()).isZero();
              assertThat(minute.getRunBuckets()).isEmpty();
            });
  }

  @Test
  void aVersionThatOnlyTheDetailTellsMovesTheRunThere() {
    pipeline.observe(run.row(1_000, "running"));
    assertThat(pipeline.workflowMinutes()).extracting(m -> m.getVersionId()).containsExactly("");

    pipeline.observe(run.detail(9_000, "complete").version("v7").started(0).ended(8_000).told());

    assertThat(pipeline.workflowMinutes()).extracting(m -> m.getVersionId()).containsExactly("v7");
  }

  @Test
  void sleepsAndWaitsAreToldApartFromWork() {
    pipeline.observe(
        run.detail(20_000, "complete")
            .started(0)
            .ended(15_000)
            .step(of("sleep", "nap-1", 0, 5_000L, true))
            .step(of("waitForEvent", "approval-1", 5_000, 7_000L, true))
            .step(
                of("waitForEvent", "late-1", 7_000, 9_000L, true)
                    .setError(new Error("WorkflowTimeoutError", "")))
            .step(of("sleep", "nap-1", 9_000, 10_000L, true))
            .step(Step.newBuilder().setStepIndex(0).setType("termination"))
            .step(
                Step.newBuilder().setStepIndex(0).setType("teleport").setName("x").setSuccess(true))
            .told());

    Instance instance = pipeline.instances().get(0);
    assertThat(instance.getSleepMs()).isEqualTo(6_000);
    assertThat(instance.getEventWaitMs()).isEqualTo(4_000);
    assertThat(instance.getActiveMs()).isEqualTo(5_000);
    assertThat(instance.getLostMs()).isZero();
    assertThat(instance.getStepCount()).isEqualTo(6);
    assertThat(pipeline.stepRuns())
        .extracting(StepRun::getStep, StepRun::getType, StepRun::getOutcome)
        .containsExactly(
            tuple("nap", "sleep", "succeeded"),
            tuple("approval", "waitForEvent", "succeeded"),
            tuple("late", "waitForEvent", "timed_out"),
            tuple("nap", "sleep", "succeeded"),
            tuple("", "termination", "succeeded"),
            tuple("x", "teleport", "succeeded"));
  }

  @Test
  void aWaitThatTimedOutSaysNothingSoTheRunsOwnErrorIsTold() {
    pipeline.observe(
        run.detail(20_000, "errored")
            .started(0)
            .ended(2_011)
            .error("Error", "WorkflowTimeoutError: Execution timed out after 2000ms")
            .step(
                of("waitForEvent", "approval-1", 5, 2_010L, true)
                    .setError(new Error("WorkflowTimeoutError", "")))
            .told());

    assertThat(pipeline.instances().get(0).getFailedStep()).isEqualTo("approval");
    assertThat(pipeline.instances().get(0).getErrorName()).isEqualTo("WorkflowTimeoutError");
    assertThat(pipeline.instances().get(0).getErrorMessage())
        .isEqualTo("WorkflowTimeoutError: Execution timed out after 2000ms");
  }

  @Test
  void aFailedStepThatWasCaughtIsNotTheRunsFailedStep() {
    pipeline.observe(
        run.detail(20_000, "complete")
            .started(0)
            .ended(15_000)
            .step(
                step(
                    "optional-1",
                    0,
                    10,
                    false,
                    failed(
                        0,
                        10,
                        "Error",
                        "Step threw a NonRetryableError with message \"record is malformed\"")))
            .step(succeeded("skip-1", 10, 20))
            .told());

    assertThat(pipeline.instances().get(0).getFailedStep()).isEmpty();
    assertThat(pipeline.instances().get(0).getErrorName()).isNull();
    assertThat(pipeline.stepRuns().get(0).getErrorMessage()).isEqualTo("record is malformed");
  }

  @Test
  void aRollbackThatSucceedsLeavesTheFailureToTheStepThatItUndoes() {
    pipeline.observe(
        bookingThatFailed(of("rollback", "book-1", 300, 400L, true).setSuccess(true)).told());

    assertThat(pipeline.instances().get(0).getFailedStep()).isEqualTo("pay");
    assertThat(pipeline.instances().get(0).getErrorMessage()).isEqualTo("card declined");
    assertThat(pipeline.stepRuns())
        .extracting(StepRun::getStep, StepRun::getType, StepRun::getOutcome)
        .contains(tuple("book", "rollback", "succeeded"));
  }

  @Test
  void aRollbackThatFailsIsNotTheRunsFailedStep() {
    pipeline.observe(
        bookingThatFailed(
                of("rollback", "book-1", 300, 400L, true)
                    .setSuccess(false)
                    .setError(new Error("TypeError", "airline answered 503")))
            .told());

    assertThat(pipeline.instances().get(0).getFailedStep()).isEqualTo("pay");
    assertThat(pipeline.instances().get(0).getErrorName()).isEqualTo("Error");
    assertThat(pipeline.instances().get(0).getErrorMessage()).isEqualTo("card declined");
    assertThat(pipeline.stepRuns())
        .extracting(StepRun::getType, StepRun::getOutcome, StepRun::getErrorMessage)
        .contains(tuple("rollback", "failed", "airline answered 503"));
  }

  /** The run's retry rate is of its steps of type {@code step}, and so is backoff. */
  @Test
  void aRollbackHasAttemptsOfItsOwnThatAreNoneOfTheRuns() {
    Step.Builder twice =
        of("rollback", "book-1", 300, 400L, true)
            .setSuccess(true)
            .setAttempts(
                List.of(
                    failed(300, 340, "Error", "airline answered 502"), attempt(380, 400, true)));
    pipeline.observe(bookingThatFailed(twice).told());

    assertThat(pipeline.stepRuns())
        .filteredOn(step -> step.getType().equals("rollback"))
        .singleElement()
        .satisfies(
            step -> {
              assertThat(step.getAttempts()).isEqualTo(2);
              assertThat(step.getRetries()).isEqualTo(1);
              assertThat(step.getFailedAttempts()).isEqualTo(1);
              assertThat(step.getAttemptMs()).isEqualTo(60);
              assertThat(step.getBackoffMs()).isZero();
              assertThat(step.getLostMs()).isEqualTo(40);
            });
    Instance told = pipeline.instances().get(0);
    assertThat(told.getAttempts()).isEqualTo(2);
    assertThat(told.getRetries()).isZero();
    assertThat(told.getLostMs()).isEqualTo(200 + 40);
    assertThat(told.getActiveMs()).isEqualTo(401);
    assertThat(pipeline.stepAttempts())
        .extracting(StepAttempt::getType, StepAttempt::getAttempt)
        .contains(tuple("rollback", 1), tuple("rollback", 2));
  }

  /** The rollback begins when the failed step ends. */
  private InstanceHistory.Detail bookingThatFailed(Step.Builder rollback) {
    return run.detail(20_000, "errored")
        .started(0)
        .ended(401)
        .error("Error", "card declined")
        .step(succeeded("book-1", 0, 100))
        .step(step("pay-1", 100, 300, false, failed(100, 300, "Error", "card declined")))
        .step(rollback);
  }

  @Test
  void aBackoffThatTheRunsEndCutsIsNoWork() {
    pipeline.observe(
        run.detail(20_000, "terminated")
            .started(0)
            .ended(1_000)
            .step(running("call-1", 100, failed(100, 150, "Error", "503")))
            .told());

    assertThat(pipeline.instances().get(0).getActiveMs()).isEqualTo(150);
  }

  @Test
  void aLiveRunHasNoActiveTimeYet() {
    pipeline.observe(
        run.detail(900, "running").started(0).step(of("sleep", "nap-1", 5, null, false)).told());

    assertThat(pipeline.instances().get(0).getActiveMs()).isNull();
  }

  @Test
  void pausesAreTheTimeUntilTheRunWasSeenInAnotherStatus() {
    pipeline.observe(
        run.row(2_000, "running"),
        run.row(4_000, "paused"),
        run.row(9_000, "running"),
        run.row(12_000, "paused"));
    assertThat(pipeline.instances().get(0).getPausedMs()).isEqualTo(5_000);

    pipeline.observe(run.detail(20_000, "terminated").started(1_000).ended(15_000).told());
    assertThat(pipeline.instances().get(0).getPausedMs()).isEqualTo(8_000);
  }

  @Test
  void aLiveRunIsAtTheStepThatItsLastDetailNamesUntilItEnds() {
    pipeline.observe(
        run.detail(2_000, "running")
            .started(0)
            .step(running("call-2", 1_000, failed(1_000, 1_100, "E", "m"), unfinished(1_500)))
            .current(0, "step", "call-2", 1_000, 2)
            .told());

    assertThat(pipeline.instances())
        .extracting(
            Instance::getCurrentStep,
            Instance::getCurrentType,
            Instance::getCurrentSince,
            Instance::getCurrentAttempt)
        .containsExactly(tuple("call", "step", at(1_000), 2));

    pipeline.observe(
        run.detail(4_000, "waiting")
            .started(0)
            .stepAt(1, of("sleep", "nap-1", 3_000, null, false))
            .current(1, "sleep", "nap-1", 3_000, 0)
            .told());
    assertThat(pipeline.instances())
        .extracting(Instance::getCurrentStep, Instance::getCurrentAttempt)
        .as("a sleep has no attempts")
        .containsExactly(tuple("nap", null));

    pipeline.observe(run.row(9_000, "terminated"));
    assertThat(pipeline.instances())
        .extracting(Instance::getCurrentStep, Instance::getCurrentType, Instance::getCurrentSince)
        .containsExactly(tuple(null, null, null));
  }

  @Test
  void whoIsSupersededIsAtNoStep() {
    pipeline.observe(
        run.detail(2_000, "running")
            .started(0)
            .step(running("call-1", 1_000, unfinished(1_000)))
            .current(0, "step", "call-1", 1_000, 1)
            .told(),
        InstanceHistory.of("billing", "i-1", 30_000).row(31_000, "running"));

    assertThat(pipeline.instances())
        .extracting(Instance::getEndKind, Instance::getCurrentStep)
        .containsExactly(tuple("superseded", null), tuple("", null));
  }

  @Test
  void errorsThatDifferInNumbersOnlyAreOneGroupOfTheRunsAndOfTheirSteps() {
    for (int i = 1; i <= 2; i++) {
      pipeline.observe(
          InstanceHistory.of("billing", "i-" + i, 0)
              .detail(20_000, "errored")
              .started(0)
              .ended(401)
              .error("Error", "order " + i + " is gone")
              .step(
                  step("pay-1", 0, 300, false, failed(0, 300, "Error", "order " + i + " is gone")))
              .told());
    }

    assertThat(pipeline.instances())
        .extracting(Instance::getErrorPattern)
        .containsExactly("order {} is gone", "order {} is gone");
    String group = ErrorGroup.of("local", "billing", "pay", "Error", "order {} is gone");
    assertThat(pipeline.instances())
        .extracting(Instance::getErrorGroup)
        .containsExactly(group, group);
    assertThat(pipeline.stepRuns())
        .extracting(StepRun::getErrorGroup)
        .containsExactly(group, group);
  }

  @Test
  void whoHasNoErrorIsInNoGroup() {
    pipeline.observe(
        run.detail(20_000, "complete").started(0).ended(10).step(succeeded("a-1", 0, 5)).told());

    assertThat(pipeline.instances().get(0).getErrorGroup()).isNull();
    assertThat(pipeline.instances().get(0).getErrorPattern()).isNull();
    assertThat(pipeline.stepRuns().get(0).getErrorGroup()).isNull();
  }

  @Test
  void aStepThatEndedThoughNobodyToldWhenCountsInTheMinuteOfItsRunsEnd() {
    pipeline.observe(
        run.detail(90_000, "complete")
            .started(0)
            .ended(67_000)
            .step(succeeded("a-1", 3_000, 4_000).setEnd(null))
            .told());

    assertThat(pipeline.stepRuns().get(0).getEndedAt()).isNull();
    assertThat(pipeline.stepRuns().get(0).getWallMs()).isNull();
    assertThat(pipeline.stepMinutes())
        .extracting(m -> m.getMinute(), m -> m.getRuns())
        .containsExactly(tuple(at(60_000), 1L));
  }

  @Test
  void aStepWithoutAttemptsAndTimesIsCarriedThrough() {
    pipeline.observe(
        run.detail(20_000, "somethingNew")
            .step(Step.newBuilder().setStepIndex(0))
            .step(Step.newBuilder().setStepIndex(0).setType("step").setName("a").setSuccess(true))
            .told());

    assertThat(pipeline.instances().get(0).getStatus()).isEqualTo("somethingNew");
    assertThat(pipeline.stepRuns())
        .extracting(StepRun::getOutcome, StepRun::getAttempts, StepRun::getWallMs)
        .containsExactly(tuple("unfinished", 0, null), tuple("succeeded", 0, null));
  }

  @Test
  void aRecoveredStepCountsItsFirstFailure() {
    pipeline.observe(
        run.detail(20_000, "complete")
            .started(0)
            .ended(500)
            .step(
                step(
                    "fetch-1",
                    0,
                    400,
                    true,
                    failed(0, 100, "TypeError", "503"),
                    attempt(300, 400, true)))
            .told());

    assertThat(pipeline.stepMinutes())
        .singleElement()
        .satisfies(
            minute -> {
              assertThat(minute.getRecovered()).isEqualTo(1);
              assertThat(minute.getFirstAttemptOk()).isZero();
              assertThat(minute.getFailedAttempts()).isEqualTo(1);
              assertThat(minute.getBackoffMsSum()).isEqualTo(200);
              assertThat(minute.getLostMs()).isEqualTo(300);
            });
  }

  @Test
  void aDetailInPartsIsToldWhenAllAreThere() {
    var parts =
        run.detail(20_000, "complete")
            .started(0)
            .ended(500)
            .step(succeeded("a-1", 0, 100))
            .step(step("b-1", 100, 400, true, failed(100, 200, "E", "m"), attempt(300, 400, true)))
            .parts(3);

    pipeline.observe(parts.get(2), parts.get(0));
    assertThat(pipeline.instances()).isEmpty();

    pipeline.observe(parts.get(1));
    assertThat(pipeline.instances()).hasSize(1);
    assertThat(pipeline.stepAttempts()).hasSize(3);
  }

  @Test
  void whatCannotBeReadDoesNotStopWhatCan() {
    pipeline.observeBytes(new byte[] {'{', '"', 'i'});
    pipeline.observe(run.row(1_000, "running"));

    assertThat(pipeline.instances()).hasSize(1);
  }

  @Test
  void aStepThatIngestNamesOtherwiseCountsUnderThatName() {
    pipeline.observe(
        run.detail(3_000, "running")
            .started(0)
            .step(succeeded("order 17-1", 3, 8))
            .step(running("order 18-1", 12, unfinished(12)))
            .current(1, "step", "order 18-1", 12, 1)
            .told());
    assertThat(pipeline.stepMinutes()).extracting(StepMinute::getStep).containsExactly("order 17");

    pipeline.observe(
        run.detail(4_000, "running")
            .started(0)
            .step(succeeded("order 17-1", 3, 8).setStep("order {}"))
            .step(running("order 18-1", 12, unfinished(12)).setStep("order {}"))
            .current(1, "step", "order 18-1", 12, 1)
            .told());
    assertThat(pipeline.instances())
        .extracting(Instance::getCurrentStep)
        .containsExactly("order {}");

    pipeline.observe(
        run.detail(5_000, "errored")
            .started(0)
            .ended(693)
            .step(succeeded("order 17-1", 3, 8).setStep("order {}"))
            .step(step("order 18-1", 12, 691, false, failed(12, 691, "E", "m")).setStep("order {}"))
            .told());

    assertThat(pipeline.stepRuns())
        .extracting(StepRun::getStep, StepRun::getStepName)
        .containsExactly(tuple("order {}", "order 17-1"), tuple("order {}", "order 18-1"));
    assertThat(pipeline.stepAttempts()).extracting(StepAttempt::getStep).containsOnly("order {}");
    assertThat(pipeline.stepMinutes())
        .extracting(StepMinute::getStep, StepMinute::getRuns)
        .containsExactly(tuple("order {}", 2L));
    Instance instance = pipeline.instances().get(0);
    assertThat(instance.getFailedStep()).isEqualTo("order {}");
    assertThat(instance.getErrorGroup())
        .isEqualTo(ErrorGroup.of("local", "billing", "order {}", "E", "m"));
  }
}
