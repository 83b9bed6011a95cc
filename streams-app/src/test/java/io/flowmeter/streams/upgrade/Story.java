package io.flowmeter.streams.upgrade;

import static io.flowmeter.streams.InstanceHistory.attempt;
import static io.flowmeter.streams.InstanceHistory.failed;
import static io.flowmeter.streams.InstanceHistory.of;
import static io.flowmeter.streams.InstanceHistory.running;
import static io.flowmeter.streams.InstanceHistory.step;
import static io.flowmeter.streams.InstanceHistory.succeeded;
import static io.flowmeter.streams.InstanceHistory.unfinished;

import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.streams.InstanceHistory;
import io.flowmeter.streams.rebuild.Pipeline;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A few runs of every kind, of which an earlier build sees the first half and a later one the rest:
 * each is in some store in between.
 */
final class Story {
  /** Ten of a kind of their own, and a hundred. */
  static final long RUNS = 110;

  private static final long MINUTE = 60_000;
  private static final long HOUR = 60 * MINUTE;

  private final InstanceHistory lives = InstanceHistory.of("billing", "lives", 0);
  private final InstanceHistory errored = InstanceHistory.of("billing", "errored", 1_000);
  private final InstanceHistory moved = InstanceHistory.of("billing", "moved", 2_000);
  private final InstanceHistory firstLife = InstanceHistory.of("billing", "twice", 3_000);
  private final InstanceHistory secondLife = InstanceHistory.of("billing", "twice", 2 * MINUTE);
  private final InstanceHistory thirdLife = InstanceHistory.of("billing", "twice", 2 * HOUR);
  private final InstanceHistory inParts = InstanceHistory.of("billing", "in parts", 4_000);
  private final InstanceHistory gone = InstanceHistory.of("billing", "gone", 5_000);
  private final InstanceHistory sampled = InstanceHistory.of("billing", "sampled", 6_000);
  private final InstanceHistory late = InstanceHistory.of("billing", "late", 7_000);
  private final List<Observation> parts = partsOfADetail();

  /** What the earlier build sees. */
  void begin(Pipeline pipeline) {
    pipeline.observe(
        lives.row(500, "running"),
        lives
            .detail(9_000, "running")
            .started(40)
            .version("v1")
            .step(succeeded("fetch-1", 50, 900))
            .step(
                step(
                    "pay-1",
                    1_000,
                    6_000,
                    true,
                    failed(1_000, 1_500, "BankError", "refused 17 times"),
                    attempt(5_000, 5_999, true)))
            .step(running("ship-12", 6_000, unfinished(6_001)))
            .current(2, "step", "ship-12", 6_000, 1)
            .told(),
        errored.row(1_500, "running"),
        errored
            .detail(20_000, "errored")
            .started(1_000)
            .ended(1_693)
            .version("v1")
            .trigger("cron")
            .step(
                step(
                    "pay-1",
                    1_012,
                    1_691,
                    false,
                    failed(1_012, 1_051, "RangeError", "balance of 17 < 0"),
                    failed(1_254, 1_271, "RangeError", "balance of 18 < 0"),
                    failed(1_674, 1_691, "RangeError", "balance of 19 < 0")))
            .told(),
        moved
            .detail(21_000, "complete")
            .started(2_000)
            .ended(2_900)
            .step(succeeded("fetch-1", 2_000, 2_800))
            .step(of("sleep", "nap", 2_800, 2_890L, true))
            .told(),
        firstLife.row(4_000, "running"),
        secondLife
            .detail(3 * MINUTE, "complete")
            .started(2 * MINUTE)
            .ended(2 * MINUTE + 500)
            .step(succeeded("fetch-1", 2 * MINUTE, 2 * MINUTE + 400))
            .told(),
        parts.get(0),
        gone.row(6_000, "waiting"),
        gone.vanished(30_000, 90_000),
        sampled
            .detail(22_000, "complete")
            .started(6_100)
            .ended(7_000)
            .weight(7)
            .step(succeeded("fetch-1", 6_200, 6_900))
            .told(),
        late.detail(23_000, "complete").started(7_000).ended(9_000).told());
    many(pipeline, 0, 60);
    pipeline.sweep("billing", 25 * MINUTE, 1);
    pipeline.sweep("orders", 25 * MINUTE, 1);
    // Told when they were told, long after the run's end: too late to renumber its transitions.
    pipeline.observeAt(at(HOUR), late.row(8_000, "paused"));
    pipeline.send(0, "k", at(HOUR), garbage());
    pipeline.drain();
  }

  /** What the later one sees of the same runs, and of others. */
  void goOn(Pipeline pipeline) {
    long then = 2 * HOUR;
    pipeline.observe(
        lives
            .detail(then, "complete")
            .started(40)
            .ended(then - 1_000)
            .version("v2")
            .step(succeeded("fetch-1", 50, 900))
            .step(
                step(
                    "pay-1",
                    1_000,
                    6_000,
                    true,
                    failed(1_000, 1_500, "BankError", "refused 17 times"),
                    attempt(5_000, 5_999, true)))
            .step(succeeded("ship-12", 6_000, then - 1_500))
            .told(),
        errored
            .detail(then + 5_000, "complete")
            .started(1_000)
            .ended(then + 4_000)
            .version("v1")
            .trigger("cron")
            .step(succeeded("pay-1", then + 1_000, then + 3_900))
            .told(),
        moved.row(
            then,
            InstanceRow.newBuilder()
                .setStatus("complete")
                .setCreatedOn(InstanceHistory.at(2_000))
                .setVersionId("v3")
                .setTriggerSource("api")),
        thirdLife.row(then + 500, "running"),
        parts.get(1),
        gone.row(then, "running"),
        sampled.row(then, "complete"));
    many(pipeline, 60, 40);
    pipeline.sweep("billing", then + 10 * MINUTE, 2);
    pipeline.sweep("orders", then + 10 * MINUTE, 2);
    pipeline.observeAt(at(3 * HOUR), late.row(8_500, "waiting"));
    pipeline.send(0, "k", at(3 * HOUR), garbage());
    pipeline.drain();
  }

  /** Ended runs, three a minute, every fifth of which failed. */
  private static void many(Pipeline pipeline, int from, int count) {
    for (int i = from; i < from + count; i++) {
      long queued = 10_000 + i * 20_000L;
      boolean fails = i % 5 == 0;
      pipeline.observe(
          InstanceHistory.of("orders", "order " + i, queued)
              .detail(queued + 3_000, fails ? "errored" : "complete")
              .started(queued + 10)
              .ended(queued + 1_000 + i)
              .version("v" + i % 3)
              .step(succeeded("reserve-1", queued + 20, queued + 200 + i))
              .step(
                  fails
                      ? step(
                          "charge-1",
                          queued + 300,
                          queued + 900,
                          false,
                          failed(
                              queued + 300, queued + 400, "CardError", "card " + i + " declined"),
                          failed(
                              queued + 500, queued + 600, "CardError", "card " + i + " declined"),
                          failed(
                              queued + 700, queued + 890, "CardError", "card " + i + " declined"))
                      : succeeded("charge-1", queued + 300, queued + 900))
              .told());
    }
  }

  private List<Observation> partsOfADetail() {
    InstanceHistory.Detail detail =
        inParts.detail(24_000, "complete").started(4_000).ended(14_000).version("v1");
    for (int i = 0; i < 10; i++) {
      detail.step(
          step(
              "page-" + (i + 1),
              4_000 + i * 1_000,
              4_900 + i * 1_000,
              true,
              failed(4_000 + i * 1_000, 4_100 + i * 1_000, "E", "refused"),
              attempt(4_500 + i * 1_000, 4_900 + i * 1_000, true)));
    }
    return detail.parts(2);
  }

  private static long at(long ms) {
    return InstanceHistory.at(ms).toEpochMilli();
  }

  private static byte[] garbage() {
    return "{\"not\": \"avro\"}".getBytes(StandardCharsets.UTF_8);
  }
}
