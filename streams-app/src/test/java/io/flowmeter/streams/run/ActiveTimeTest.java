package io.flowmeter.streams.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ActiveTimeTest {

  /** Three attempts with two waits between. */
  @Example
  void gapsBetweenAttemptsAreNoWork() {
    ActiveTime active =
        ActiveTime.between(0, 693)
            .attempt(3, 8)
            .attempt(12, 51)
            .idle(51, 254)
            .attempt(254, 271)
            .idle(271, 674)
            .attempt(674, 691);

    assertThat(active.ms()).isEqualTo(87);
  }

  @Example
  void aRunOfWhichNothingIsKnownWasAtWorkAllTheTime() {
    assertThat(ActiveTime.between(100, 350).attempt(120, 130).ms()).isEqualTo(250);
  }

  @Example
  void sleepsSideBySideCountOnce() {
    assertThat(ActiveTime.between(0, 100).idle(10, 60).idle(40, 80).idle(50, 55).ms())
        .isEqualTo(30);
  }

  @Example
  void whatAnAttemptCoversOfASleepIsWork() {
    assertThat(ActiveTime.between(0, 100).idle(10, 90).attempt(30, 50).attempt(40, 60).ms())
        .isEqualTo(50);
  }

  @Example
  void whatIsOutsideOfTheRunIsLeftOut() {
    assertThat(ActiveTime.between(100, 200).idle(0, 120).attempt(110, 400).idle(190, 500).ms())
        .isEqualTo(90);
  }

  @Example
  void aRunThatEndedBeforeItStartedHasNoIdleTime() {
    assertThat(ActiveTime.between(10, 5).idle(0, 100).ms()).isEqualTo(-5);
  }

  /** A span of time at work or idle. */
  record Span(boolean idle, long from, long to) {
    ActiveTime into(ActiveTime active) {
      return idle ? active.idle(from, to) : active.attempt(from, to);
    }
  }

  @Provide
  Arbitrary<List<Span>> spans() {
    return Combinators.combine(
            Arbitraries.of(true, false),
            Arbitraries.longs().between(-20, 220),
            Arbitraries.longs().between(0, 90))
        .as((idle, from, length) -> new Span(idle, from, from + length))
        .list()
        .ofMaxSize(12);
  }

  @Property
  void itIsFrom0ToTheRunTimeAndWhatCountingEachMillisecondGives(@ForAll("spans") List<Span> spans) {
    BitSet idle = new BitSet();
    BitSet attempts = new BitSet();
    for (Span span : spans) {
      (span.idle ? idle : attempts).set(withinRun(span.from), withinRun(span.to));
    }
    idle.andNot(attempts);

    assertThat(active(spans)).isBetween(0L, 200L).isEqualTo(200L - idle.cardinality());
  }

  @Property
  void theOrderOfStepsDoesNotMatter(@ForAll("spans") List<Span> spans, @ForAll Random random) {
    List<Span> shuffled = new ArrayList<>(spans);
    Collections.shuffle(shuffled, random);

    assertThat(active(shuffled)).isEqualTo(active(spans));
  }

  private static int withinRun(long ms) {
    return (int) Math.max(0, Math.min(200, ms));
  }

  private static long active(List<Span> spans) {
    ActiveTime active = ActiveTime.between(0, 200);
    for (Span span : spans) {
      active = span.into(active);
    }
    return active.ms();
  }
}
