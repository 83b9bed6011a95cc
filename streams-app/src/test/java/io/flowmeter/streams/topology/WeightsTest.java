package io.flowmeter.streams.topology;

import static io.flowmeter.streams.InstanceHistory.at;
import static io.flowmeter.streams.InstanceHistory.attempt;
import static io.flowmeter.streams.InstanceHistory.failed;
import static io.flowmeter.streams.InstanceHistory.step;
import static io.flowmeter.streams.InstanceHistory.succeeded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.flowmeter.schemas.fact.Instance;
import io.flowmeter.schemas.fact.StepAttempt;
import io.flowmeter.schemas.fact.StepRun;
import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.schemas.rollup.Bucket;
import io.flowmeter.schemas.rollup.WorkflowMinute;
import io.flowmeter.streams.InstanceHistory;
import io.flowmeter.streams.rollup.Buckets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many of its like a run that was fetched stands for. */
class WeightsTest {
  private final PipelineDriver pipeline = new PipelineDriver();
  private final InstanceHistory run = InstanceHistory.of("billing", "i-1", 0);

  @AfterEach
  void close() {
    pipeline.close();
  }

  @Test
  void aSampledRunAndItsStepsStandForTheirLikeButCountOnce() {
    observeRowOf(run, "complete");
    pipeline.observe(sampled(20).told());

    assertThat(pipeline.instances()).extracting(Instance::getWeight).containsExactly(20L);
    assertThat(pipeline.stepRuns()).extracting(StepRun::getWeight).containsExactly(20L);
    assertThat(pipeline.stepAttempts()).extracting(StepAttempt::getWeight).containsOnly(20L);
    assertThat(pipeline.workflowMinutes())
        .singleElement()
        .satisfies(
            minute -> {
              assertThat(minute.getQueued()).isEqualTo(1);
              assertThat(minute.getStarted()).isEqualTo(1);
              assertThat(minute.getCompleted()).isEqualTo(1);
              assertThat(minute.getSampled()).isEqualTo(1);
              assertThat(minute.getAttempts()).isEqualTo(40);
              assertThat(minute.getRetries()).isEqualTo(20);
              assertThat(minute.getLostMs()).isEqualTo(20 * 300);
              assertThat(minute.getRunMsSum()).isEqualTo(20 * 490);
              assertThat(minute.getQueueBuckets()).isEqualTo(buckets(10, 20));
              assertThat(minute.getRunBuckets()).isEqualTo(buckets(490, 20));
              assertThat(minute.getTotalBuckets()).isEqualTo(buckets(500, 20));
            });
    assertThat(pipeline.stepMinutes())
        .singleElement()
        .satisfies(
            minute -> {
              assertThat(minute.getRuns()).isEqualTo(20);
              assertThat(minute.getSucceeded()).isEqualTo(20);
              assertThat(minute.getRecovered()).isEqualTo(20);
              assertThat(minute.getAttempts()).isEqualTo(40);
              assertThat(minute.getFailedAttempts()).isEqualTo(20);
              assertThat(minute.getBackoffMsSum()).isEqualTo(20 * 200);
              assertThat(minute.getSampled()).isEqualTo(1);
              assertThat(minute.getWallBuckets()).isEqualTo(buckets(400, 20));
            });
  }

  @Test
  void endedRunsThatAreNeverFetchedCountExactlyAndStandForNothing() {
    observeRowOf(run, "complete");
    observeRowOf(InstanceHistory.of("billing", "i-2", 0), "errored");
    observeRowOf(InstanceHistory.of("billing", "i-3", 0), "terminated");

    assertThat(pipeline.instances())
        .extracting(
            Instance::getWeight,
            Instance::getEndedAt,
            Instance::getTotalMs,
            Instance::getAttempts,
            Instance::getFailedStep,
            Instance::getDetailAt)
        .containsOnly(tuple(0L, at(500), null, null, null, null));
    assertThat(pipeline.workflowMinutes())
        .extracting(
            WorkflowMinute::getQueued,
            WorkflowMinute::getStarted,
            WorkflowMinute::getCompleted,
            WorkflowMinute::getErrored,
            WorkflowMinute::getTerminated,
            WorkflowMinute::getSampled,
            WorkflowMinute::getQueueBuckets)
        .containsExactly(tuple(3L, 3L, 1L, 1L, 1L, 0L, List.of()));
  }

  @Test
  void aLiveRunStandsForNothingAndItsStepsForThemselves() {
    pipeline.observe(
        run.detail(5_000, "running").started(10).step(succeeded("a-1", 20, 120)).told());

    assertThat(pipeline.instances()).extracting(Instance::getWeight).containsExactly(0L);
    assertThat(pipeline.stepRuns()).extracting(StepRun::getWeight).containsExactly(1L);
    assertThat(pipeline.stepMinutes())
        .singleElement()
        .satisfies(minute -> assertThat(minute.getRuns()).isEqualTo(1));
  }

  @Test
  void aRunMovesToTheVersionAndTriggerThatOnlyItsDetailTells() {
    observeRowOf(run, "complete");
    assertThat(pipeline.workflowMinutes())
        .extracting(WorkflowMinute::getVersionId, WorkflowMinute::getTriggerSource)
        .containsExactly(tuple("", "unknown"));

    pipeline.observe(sampled(20).version("v7").trigger("cron").told());

    assertThat(pipeline.workflowMinutes())
        .extracting(
            WorkflowMinute::getVersionId,
            WorkflowMinute::getTriggerSource,
            WorkflowMinute::getQueued,
            WorkflowMinute::getCompleted)
        .containsExactly(tuple("v7", "cron", 1L, 1L));
  }

  @Test
  void aRunThatIsReopenedTakesBackAllItStoodFor() {
    pipeline.observe(sampled(20).told());
    pipeline.observe(
        run.detail(70_000, "running")
            .started(10)
            .stepAt(0, InstanceHistory.running("b-1", 69_000))
            .stepCount(1)
            .told());

    assertThat(pipeline.stepMinutes()).isEmpty();
    assertThat(pipeline.workflowMinutes())
        .singleElement()
        .satisfies(
            minute -> {
              assertThat(minute.getStarted()).isEqualTo(1);
              assertThat(minute.getCompleted()).isZero();
              assertThat(minute.getSampled()).isZero();
              assertThat(minute.getAttempts()).isZero();
              assertThat(minute.getTotalBuckets()).isEmpty();
            });
  }

  @Test
  void aWeightThatNoSampleHasIsADeadLetter() {
    pipeline.observe(sampled(0).told());

    assertThat(pipeline.instances()).isEmpty();
    assertThat(pipeline.collectorMinutes())
        .singleElement()
        .satisfies(minute -> assertThat(minute.getDeadLetters()).isEqualTo(1));
  }

  private InstanceHistory.Detail sampled(long weight) {
    return run.detail(9_000, "complete")
        .started(10)
        .ended(500)
        .weight(weight)
        .step(step("b-1", 20, 420, true, failed(20, 120, "E", "m"), attempt(320, 420, true)));
  }

  private void observeRowOf(InstanceHistory ended, String status) {
    pipeline.observe(
        ended.row(
            8_000,
            InstanceRow.newBuilder()
                .setStatus(status)
                .setCreatedOn(at(0))
                .setStartedOn(at(10))
                .setEndedOn(at(500))));
  }

  private static List<Bucket> buckets(long ms, long count) {
    return Buckets.of(ms, count);
  }
}
