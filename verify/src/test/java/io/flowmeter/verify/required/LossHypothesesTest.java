package io.flowmeter.verify.required;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.simulator.ledger.ServedDetail;
import io.flowmeter.simulator.ledger.ServedRun;
import io.flowmeter.simulator.ledger.StatusInterval;
import io.flowmeter.simulator.model.SimulatedStatus;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LossHypothesesTest {
  private static final StatusInterval RUNNING = stretch(SimulatedStatus.RUNNING, 10, 20);
  private static final StatusInterval COMPLETE = stretch(SimulatedStatus.COMPLETE, 30, 40);

  @Test
  void whereNothingMayBeLostAllCameIn() {
    ServedRun run = served(List.of(RUNNING, COMPLETE), 35);

    assertThat(LossHypotheses.of(List.of(run), LossWindows.NONE)).containsExactly(List.of(run));
  }

  @Test
  void whatWasShownAtAnotherTimeAsWellCameIn() {
    LossWindows losses = new LossWindows();
    losses.add(at(15), at(20));
    ServedRun run = served(List.of(RUNNING, COMPLETE), 35);

    assertThat(LossHypotheses.of(List.of(run), losses)).containsExactly(List.of(run));
  }

  @Test
  void aStretchThatWasShownBeforeAKillAloneMayBeLost() {
    LossWindows losses = new LossWindows();
    losses.add(at(10), at(20));
    ServedRun run = served(List.of(RUNNING, COMPLETE), 35);

    assertThat(LossHypotheses.of(List.of(run), losses))
        .containsExactly(List.of(run), List.of(served(List.of(COMPLETE), 35)));
  }

  @Test
  void aDetailMayBeLostWithoutWhatItShowed() {
    LossWindows losses = new LossWindows();
    losses.add(at(34), at(36));
    ServedRun run = served(List.of(RUNNING, COMPLETE), 35, 39);

    assertThat(LossHypotheses.of(List.of(run), losses))
        .containsExactly(List.of(run), List.of(served(List.of(RUNNING, COMPLETE), 39)));
  }

  @Test
  void allOfAnInstanceMayBeLost() {
    LossWindows losses = new LossWindows();
    losses.add(at(10), at(20));

    assertThat(LossHypotheses.of(List.of(served(List.of(RUNNING))), losses))
        .containsExactly(List.of(served(List.of(RUNNING))), List.of());
  }

  @Test
  void aMinuteIsTouchedByATimeThatBeginsOrEndsInIt() {
    LossWindows losses = new LossWindows();
    losses.add(at(50_000), at(70_000));

    assertThat(losses.touches(at(0), at(60_000))).isTrue();
    assertThat(losses.touches(at(60_000), at(120_000))).isTrue();
    assertThat(losses.touches(at(120_000), at(180_000))).isFalse();
  }

  private static ServedRun served(List<StatusInterval> intervals, long... details) {
    return new ServedRun(
        "orders",
        "order-1",
        at(0),
        0,
        // What truly happened is of no matter to what was shown of it.
        null,
        1,
        intervals,
        Arrays.stream(details).mapToObj(at -> new ServedDetail(at(at), true)).toList(),
        Optional.empty());
  }

  private static StatusInterval stretch(SimulatedStatus status, long first, long last) {
    return new StatusInterval(status, at(first), at(first), at(last));
  }

  private static Instant at(long ms) {
    return Instant.ofEpochMilli(ms);
  }
}
