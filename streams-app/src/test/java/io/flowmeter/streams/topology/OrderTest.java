package io.flowmeter.streams.topology;

import static io.flowmeter.streams.InstanceHistory.failed;
import static io.flowmeter.streams.InstanceHistory.of;
import static io.flowmeter.streams.InstanceHistory.running;
import static io.flowmeter.streams.InstanceHistory.step;
import static io.flowmeter.streams.InstanceHistory.succeeded;
import static io.flowmeter.streams.InstanceHistory.unfinished;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.schemas.fact.Instance;
import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.streams.AnyHistory;
import io.flowmeter.streams.InstanceHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.ShrinkingMode;

/** The relations do not depend on the order, the repetition or the delay of observations. */
@PropertyDefaults(tries = 8)
class OrderTest {
  private static final InstanceHistory FIRST = InstanceHistory.of("w", "a", 0);
  private static final InstanceHistory SECOND = InstanceHistory.of("w", "a", 90_000);
  private static final InstanceHistory OTHER = InstanceHistory.of("w", "b", 500);

  private static final InstanceHistory SAMPLED = InstanceHistory.of("w", "c", 700);

  private record Relations(
      List<?> instances,
      List<?> transitions,
      List<?> stepRuns,
      List<?> stepAttempts,
      List<?> workflowMinutes,
      List<?> stepMinutes) {
    static Relations of(PipelineDriver pipeline) {
      return new Relations(
          pipeline.instances(),
          pipeline.transitions(),
          pipeline.stepRuns(),
          pipeline.stepAttempts(),
          pipeline.workflowMinutes(),
          pipeline.stepMinutes());
    }

    Relations withoutTransitions() {
      List<?> withoutPauses =
          instances.stream()
              .map(each -> Instance.newBuilder((Instance) each).setPausedMs(0L).build())
              .toList();
      return new Relations(
          withoutPauses, List.of(), stepRuns, stepAttempts, workflowMinutes, stepMinutes);
    }
  }

  /** So long after an end its run's transitions may be numbered anew. */
  private static final Duration WITHIN_GRACE = Duration.ofMinutes(29);

  /** So long the API retains instances. */
  private static final Duration WITHIN_RETENTION = Duration.ofDays(30);

  @Property(shrinking = ShrinkingMode.OFF)
  void anyOrderGivesTheSameRows(@ForAll Random random) {
    assertThatNoOrderMatters(OrderTest::everything, random);
  }

  @Property(shrinking = ShrinkingMode.OFF)
  void anyOrderOfAnyHistoryGivesTheSameRows(@ForAll Random random) {
    assertThatNoOrderMatters(() -> AnyHistory.of(random), random);
  }

  /** But for transitions, and the pauses between them. */
  @Property(shrinking = ShrinkingMode.OFF)
  void anyDelayWithinTheRetentionGivesTheSameRows(@ForAll Random random) {
    Supplier<List<Observation>> history =
        random.nextBoolean() ? OrderTest::everything : () -> AnyHistory.of(random);
    try (PipelineDriver inOrder = new PipelineDriver();
        PipelineDriver anyhow = new PipelineDriver()) {
      List<Observation> published = history.get();
      List<Observation> shuffled = new ArrayList<>(published);
      Collections.shuffle(shuffled, random);
      inOrder.observe(published);
      observe(anyhow, shuffled, WITHIN_RETENTION, random);

      assertThat(Relations.of(anyhow).withoutTransitions())
          .isEqualTo(Relations.of(inOrder).withoutTransitions());
    }
  }

  /**
   * Now and then long enough passes to close a minute's part, so that what follows opens another.
   */
  private static void observe(
      PipelineDriver pipeline, List<Observation> published, Duration within, Random random) {
    Duration left = within;
    for (Observation observation : published) {
      pipeline.observe(observation);
      if (random.nextInt(6) == 0) {
        Duration passes = within.multipliedBy(random.nextInt(14)).dividedBy(29);
        passes = passes.compareTo(left) < 0 ? passes : left;
        pipeline.passes(passes);
        left = left.minus(passes);
      }
    }
  }

  private static void assertThatNoOrderMatters(Supplier<List<Observation>> history, Random random) {
    try (PipelineDriver inOrder = new PipelineDriver();
        PipelineDriver anyhow = new PipelineDriver()) {
      List<Observation> published = history.get();
      List<Observation> shuffled = new ArrayList<>(published);
      for (int repeats = random.nextInt(8); repeats > 0; repeats--) {
        shuffled.add(published.get(random.nextInt(published.size())));
      }
      Collections.shuffle(shuffled, random);
      inOrder.observe(published);
      observe(anyhow, shuffled, WITHIN_GRACE, random);

      assertThat(Relations.of(anyhow)).isEqualTo(Relations.of(inOrder));
    }
  }

  /**
   * A life that is re-opened, superseded by another that is told in parts, an instance that
   * vanishes, and a sampled one that stands for seven.
   */
  private static List<Observation> everything() {
    List<Observation> published = new ArrayList<>();
    published.add(FIRST.row(100, "queued"));
    published.add(
        FIRST.row(
            2_000,
            InstanceRow.newBuilder()
                .setStatus("running")
                .setCreatedOn(InstanceHistory.at(0))
                .setVersionId("v1")));
    published.add(
        FIRST
            .detail(2_100, "running")
            .started(1_000)
            .version("v1")
            .step(succeeded("a-1", 1_000, 1_500))
            .step(running("b-1", 1_500, unfinished(1_500)))
            .current(1, "step", "b-1", 1_500, 1)
            .told());
    published.add(
        FIRST
            .detail(9_000, "errored")
            .started(1_000)
            .version("v1")
            .ended(8_000)
            .step(succeeded("a-1", 1_000, 1_500))
            .step(
                step(
                    "b-1",
                    1_500,
                    8_000,
                    false,
                    failed(1_500, 2_500, "E", "m"),
                    failed(7_000, 8_000, "E", "m")))
            .step(of("sleep", "nap-1", 1_500, 3_000L, true))
            .told());
    published.add(
        FIRST
            .detail(61_000, "running")
            .started(1_000)
            .version("v1")
            .stepAt(1, running("b-1", 60_500, unfinished(60_500)))
            .stepCount(2)
            .told());
    published.add(FIRST.row(62_000, "paused"));
    published.add(SECOND.row(91_000, "running"));
    published.addAll(
        SECOND
            .detail(130_000, "complete")
            .started(90_001)
            .version("v2")
            .ended(125_000)
            .step(succeeded("a-1", 90_100, 91_000))
            .step(
                step(
                    "b-1",
                    91_000,
                    120_000,
                    true,
                    failed(91_000, 92_000, "E", "m"),
                    InstanceHistory.attempt(119_000, 120_000, true)))
            .step(succeeded("c-1", 120_000, 124_000))
            .parts(3));
    published.add(OTHER.row(700, "running"));
    published.add(
        OTHER
            .detail(800, "running")
            .started(600)
            .step(running("x-1", 650, unfinished(650)))
            .told());
    published.add(OTHER.vanished(50_000, 60_000));
    published.add(
        SAMPLED.row(
            70_000,
            InstanceRow.newBuilder()
                .setStatus("complete")
                .setCreatedOn(InstanceHistory.at(700))
                .setStartedOn(InstanceHistory.at(800))
                .setEndedOn(InstanceHistory.at(65_000))));
    published.add(
        SAMPLED
            .detail(75_000, "complete")
            .started(800)
            .ended(65_000)
            .version("v3")
            .trigger("cron")
            .weight(7)
            .step(succeeded("a-1", 1_000, 1_500))
            .step(
                step(
                    "b-1",
                    1_500,
                    61_000,
                    true,
                    failed(1_500, 2_500, "E", "m"),
                    InstanceHistory.attempt(60_000, 61_000, true)))
            .told());
    return published;
  }
}
