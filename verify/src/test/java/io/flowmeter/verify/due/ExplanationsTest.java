package io.flowmeter.verify.due;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.simulator.ledger.ServedDetail;
import io.flowmeter.simulator.ledger.ServedLife;
import io.flowmeter.simulator.ledger.Stretch;
import io.flowmeter.simulator.life.Status;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExplanationsTest {
  private static final Stretch RUNNING = stretch(Status.RUNNING, 10, 20);
  private static final Stretch COMPLETE = stretch(Status.COMPLETE, 30, 40);

  @Test
  void whereNothingMayBeLostAllCameIn() {
    ServedLife life = served(List.of(RUNNING, COMPLETE), 35);

    assertThat(Explanations.of(List.of(life), Losses.NONE)).containsExactly(List.of(life));
  }

  @Test
  void whatWasShownAtAnotherTimeAsWellCameIn() {
    Losses losses = new Losses();
    losses.add(at(15), at(20));
    ServedLife life = served(List.of(RUNNING, COMPLETE), 35);

    assertThat(Explanations.of(List.of(life), losses)).containsExactly(List.of(life));
  }

  @Test
  void aStretchThatWasShownBeforeAKillAloneMayBeLost() {
    Losses losses = new Losses();
    losses.add(at(10), at(20));
    ServedLife life = served(List.of(RUNNING, COMPLETE), 35);

    assertThat(Explanations.of(List.of(life), losses))
        .containsExactly(List.of(life), List.of(served(List.of(COMPLETE), 35)));
  }

  @Test
  void aDetailMayBeLostWithoutWhatItShowed() {
    Losses losses = new Losses();
    losses.add(at(34), at(36));
    ServedLife life = served(List.of(RUNNING, COMPLETE), 35, 39);

    assertThat(Explanations.of(List.of(life), losses))
        .containsExactly(List.of(life), List.of(served(List.of(RUNNING, COMPLETE), 39)));
  }

  @Test
  void allOfAnInstanceMayBeLost() {
    Losses losses = new Losses();
    losses.add(at(10), at(20));

    assertThat(Explanations.of(List.of(served(List.of(RUNNING))), losses))
        .containsExactly(List.of(served(List.of(RUNNING))), List.of());
  }

  @Test
  void aMinuteIsTouchedByATimeThatBeginsOrEndsInIt() {
    Losses losses = new Losses();
    losses.add(at(50_000), at(70_000));

    assertThat(losses.touches(at(0), at(60_000))).isTrue();
    assertThat(losses.touches(at(60_000), at(120_000))).isTrue();
    assertThat(losses.touches(at(120_000), at(180_000))).isFalse();
  }

  private static ServedLife served(List<Stretch> stretches, long... details) {
    return new ServedLife(
        "orders",
        "order-1",
        at(0),
        0,
        // What truly happened is of no matter to what was shown of it.
        null,
        1,
        stretches,
        Arrays.stream(details).mapToObj(at -> new ServedDetail(at(at), true)).toList(),
        Optional.empty());
  }

  private static Stretch stretch(Status status, long first, long last) {
    return new Stretch(status, at(first), at(first), at(last));
  }

  private static Instant at(long ms) {
    return Instant.ofEpochMilli(ms);
  }
}
