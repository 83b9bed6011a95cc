package io.flowmeter.streams.collector;

import static io.flowmeter.streams.InstanceHistory.at;
import static io.flowmeter.streams.InstanceHistory.failed;
import static io.flowmeter.streams.InstanceHistory.step;
import static io.flowmeter.streams.InstanceHistory.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.streams.InstanceHistory;
import io.flowmeter.streams.rebuild.Pipeline;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After a week without members Kafka forgets a group's offsets: all is read again, with state. */
class ForgottenOffsetsIT {
  private static final long HOUR = 3_600_000;

  @TempDir Path data;

  @Test
  void whatIsReadAgainFromTheBeginningIsCountedOnce() throws Exception {
    try (Pipeline pipeline = new Pipeline(data)) {
      pipeline.start();
      observe(pipeline);
      pipeline.stop();
      Map<String, List<String>> once = pipeline.relations();
      assertThat(leftOut(pipeline)).containsExactly("1 late, 1 letters");

      pipeline.forgetOffsets();
      pipeline.start();
      pipeline.stop();

      // What cannot be read is another letter, as often as it is met.
      assertThat(leftOut(pipeline)).containsExactly("1 late, 2 letters");
      Map<String, List<String>> again = pipeline.relations();
      List.of("collector_minutes", "stream_minutes")
          .forEach(
              told -> {
                once.remove(told);
                again.remove(told);
              });
      assertThat(again).isEqualTo(once);
    }
  }

  private static void observe(Pipeline pipeline) {
    InstanceHistory restarted = InstanceHistory.of("billing", "restarted", 0);
    InstanceHistory again = InstanceHistory.of("billing", "restarted", 60_000);
    InstanceHistory errored = InstanceHistory.of("billing", "errored", 1_000);
    pipeline.observe(
        restarted.row(500, "running"),
        restarted
            .detail(9_000, "complete")
            .started(1_000)
            .ended(8_000)
            .step(succeeded("fetch-1", 1_100, 7_900))
            .told(),
        errored
            .detail(20_000, "errored")
            .started(1_000)
            .ended(1_693)
            .step(step("pay-1", 1_012, 1_691, false, failed(1_012, 1_691, "E", "refused")))
            .told());
    pipeline.sweep("billing", 30_000, 1);
    pipeline.observe(again.row(61_000, "running"));
    pipeline.sweep("billing", 90_000, 2);
    pipeline.observeAt(at(HOUR).toEpochMilli(), restarted.row(4_000, "paused"));
    pipeline.send(
        0, "k", at(HOUR).toEpochMilli(), "{\"not\": \"avro\"}".getBytes(StandardCharsets.UTF_8));
    pipeline.drain();
  }

  private static List<String> leftOut(Pipeline pipeline) throws Exception {
    return pipeline.select(
        "SELECT toString(sum(late_ignored)) || ' late, ' || toString(sum(dead_letters)) || ' letters'"
            + " FROM collector_minutes");
  }
}
