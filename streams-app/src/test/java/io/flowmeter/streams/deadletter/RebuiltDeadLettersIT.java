package io.flowmeter.streams.deadletter;

import static io.flowmeter.streams.InstanceHistory.attempt;
import static io.flowmeter.streams.InstanceHistory.failed;
import static io.flowmeter.streams.InstanceHistory.step;
import static io.flowmeter.streams.InstanceHistory.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.Step;
import io.flowmeter.streams.InstanceHistory;
import io.flowmeter.streams.rebuild.Pipeline;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that a column could not hold, of before a rebuild and of after it. */
class RebuiltDeadLettersIT {
  private static final long HOUR = 3_600_000;
  private static final String STEPS = "SELECT sum(runs), sum(wall_ms_sum) FROM step_minutes";

  @TempDir Path data;

  @Test
  void aMinuteThatARebuildDerivedAnewIsNotCountedTwice() throws Exception {
    try (Pipeline pipeline = new Pipeline(data)) {
      observeWhatDoesNotFit(
          pipeline, "wall_ms_sum", run("before", 0, succeeded("fetch-1", 0, 40_000)));
      assertThat(pipeline.select(STEPS)).containsExactly("0|0");
      pipeline.rebuild(pipeline.rebuilding(), new ArrayList<>());
      assertThat(pipeline.select(STEPS)).containsExactly("1|40000");

      DeadLetterReplayResult refused = replay(pipeline);
      pipeline.start();
      pipeline.stop();
      assertThat(pipeline.select(STEPS)).containsExactly("1|40000");
      assertThat(refused).returns(1L, DeadLetterReplayResult::impossible);

      observeWhatDoesNotFit(
          pipeline,
          "lost_ms",
          run(
              "after",
              HOUR,
              step(
                  "fetch-1",
                  HOUR,
                  HOUR + 50_000,
                  true,
                  failed(HOUR, HOUR + 40_000, "E", "refused"),
                  attempt(HOUR + 40_000, HOUR + 50_000, true))));
      assertThat(pipeline.select(STEPS)).containsExactly("1|40000");

      assertThat(replay(pipeline)).returns(1L, DeadLetterReplayResult::replayed);
      pipeline.start();
      pipeline.stop();
      assertThat(pipeline.select(STEPS)).containsExactly("2|90000");
    }
  }

  private static void observeWhatDoesNotFit(Pipeline pipeline, String column, Observation run)
      throws Exception {
    pipeline.execute("ALTER TABLE step_minutes_rows MODIFY COLUMN " + column + " Int16");
    pipeline.start();
    pipeline.observe(run);
    pipeline.stop();
    pipeline.execute("ALTER TABLE step_minutes_rows MODIFY COLUMN " + column + " Int64");
  }

  private static Observation run(String id, long queued, Step.Builder step) {
    return InstanceHistory.of("billing", id, queued)
        .detail(queued + 120_000, "complete")
        .started(queued)
        .ended(queued + 110_000)
        .step(step)
        .told();
  }

  private static DeadLetterReplayResult replay(Pipeline pipeline) {
    return DeadLetterReplay.run(
        DeadLetterReplaySettings.of(pipeline.kafka()).withClock(pipeline.clock()), () -> false);
  }
}
