package io.flowmeter.streams.spike;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.schemas.fact.ErrorSpike;
import io.flowmeter.schemas.state.EndedMinute;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpikeDetectorTest {
  private static final Instant START = Instant.parse("2026-11-24T00:00:00Z");
  private static final SpikeRules RULES = SpikeRules.DEFAULTS;

  private final SpikeDetector detector = SpikeDetector.fresh(RULES);
  private final List<ErrorSpike> published = new ArrayList<>();

  @Test
  void nothingIsToldOfAWorkflowOfWhichTooLittleIsKnown() {
    for (int minute = 0; minute < 60; minute++) {
      step(minute, 1, 1);
    }
    assertThat(published).isEmpty();
  }

  @Test
  void fewErrorsAreNoSpikeHoweverImprobable() {
    calm(0, 600);
    step(600, 4, 4);
    calm(601, 700);

    assertThat(RULES.leastErrored()).isEqualTo(5);
    assertThat(published).isEmpty();
  }

  @Test
  void aStormIsToldInItsFirstMinuteAndOnceWhenItIsOver() {
    calm(0, 600);
    step(600, 10, 10);
    assertThat(published)
        .singleElement()
        .satisfies(
            spike -> {
              assertThat(spike.getOpenedAt()).isEqualTo(at(600));
              assertThat(spike.getErrored()).isEqualTo(10);
              assertThat(spike.getFinished()).isEqualTo(10);
              assertThat(spike.getClosedAt()).isNull();
            });

    for (int minute = 601; minute < 620; minute++) {
      step(minute, 10, 10);
    }
    calm(620, 700);

    assertThat(published.stream().map(ErrorSpike::getOpenedAt).distinct()).containsExactly(at(600));
    assertThat(published.stream().filter(spike -> spike.getClosedAt() != null))
        .singleElement()
        .satisfies(
            closed -> {
              assertThat(closed.getClosedAt()).isBetween(at(619), at(622));
              assertThat(closed.getErrored()).isEqualTo(200);
            });
  }

  /**
   * Errors come in bursts here, so that the hour that found the spike is soon no more improbable.
   */
  @Test
  void aQuietWorkflowsSpikeEndsAfterItsLastErrors() {
    for (int minute = 0; minute < 2_880; minute++) {
      if (minute % 3 == 0) {
        step(minute, minute % 600 < 6 ? 1 : 0, 1);
      }
    }
    assertThat(published).isEmpty();
    for (int minute = 2_880; minute < 2_940; minute += 5) {
      step(minute, 1, 1);
    }
    for (int minute = 2_940; minute < 3_100; minute++) {
      step(minute, 0, minute % 3 == 0 ? 1 : 0);
    }
    ErrorSpike closed = published.get(published.size() - 1);
    assertThat(closed.getOpenedAt()).isEqualTo(at(2_880));
    assertThat(closed.getClosedAt()).isEqualTo(at(2_936));
    assertThat(closed.getErrored()).isEqualTo(12);
  }

  @Test
  void aShortCalmDoesNotCloseASpike() {
    calm(0, 600);
    for (int minute = 600; minute < 640; minute++) {
      step(minute, minute % 10 < 6 ? 10 : 0, 10);
    }
    assertThat(published).isNotEmpty().allMatch(spike -> spike.getClosedAt() == null);
  }

  @Test
  void aNewVersionThatErrsIsFoundAndOneThatDoesNotIsNot() {
    calm(0, 600);
    for (int minute = 600; minute < 660; minute++) {
      step(minute, "v2", minute % 20 == 0 ? 1 : 0, 10);
    }
    assertThat(published).isEmpty();
    for (int minute = 660; minute < 680; minute++) {
      step(minute, "v3", 3, 10);
    }
    assertThat(published).isNotEmpty();
    assertThat(published.get(0).getOpenedAt()).isEqualTo(at(660));
  }

  @Test
  void whatGoesOnForHoursBecomesTheUsual() {
    calm(0, 600);
    int settled = 600 + (int) RULES.longest().toMinutes() + 1;
    for (int minute = 600; minute < settled + 600; minute++) {
      step(minute, 5, 10);
    }
    assertThat(published.stream().map(ErrorSpike::getOpenedAt).distinct()).containsExactly(at(600));
    assertThat(published.get(published.size() - 1).getClosedAt()).isNotNull();
  }

  @Test
  void aRunThatLeftItsEndIsTakenBack() {
    calm(0, 600);
    detector.ended(ended(600, "v1", 10, 10));
    detector.ended(ended(600, "v1", -10, -10));
    published.addAll(detector.stepTo(at(600)));

    assertThat(published).isEmpty();
  }

  @Test
  void theMostFrequentErrorGroupsAreNamedFirst() {
    calm(0, 600);
    detector.ended(new EndedMinute(at(600), "v1", 10L, 10L, Map.of("a", 3L, "b", 7L)));

    assertThat(detector.stepTo(at(600)))
        .singleElement()
        .satisfies(spike -> assertThat(spike.getErrorGroups()).containsExactly("b", "a"));
  }

  @Test
  void whatComesALongTimeLaterIsFoundWhereItWas() {
    calm(0, 600);
    // Nobody could ask for two hours; then all is told at once.
    for (int minute = 600; minute < 720; minute++) {
      detector.ended(ended(minute, "v1", minute >= 630 && minute < 650 ? 9 : 0, 10));
    }
    assertThat(detector.stepTo(at(720)))
        .singleElement()
        .satisfies(
            spike -> {
              assertThat(spike.getOpenedAt()).isEqualTo(at(630));
              assertThat(spike.getErrored()).isEqualTo(180);
              assertThat(spike.getClosedAt()).isBetween(at(649), at(652));
            });
  }

  @Test
  void anOutageOfWhichNothingCameForHoursIsToldWithItsTrueBeginAndEnd() {
    calm(0, 600);
    silence(600, 800);
    for (int minute = 600; minute < 720; minute++) {
      detector.ended(ended(minute, "v1", minute >= 637 && minute < 660 ? 9 : 0, 10));
    }
    calm(800, 830);

    assertThat(published)
        .singleElement()
        .satisfies(
            spike -> {
              assertThat(spike.getOpenedAt()).isEqualTo(at(637));
              assertThat(spike.getClosedAt()).isBetween(at(660), at(665));
              assertThat(spike.getErrored()).isEqualTo(9 * 23);
              assertThat(spike.getObservedShare()).isGreaterThan(0.7);
              assertThat(spike.getBaselineShare()).isLessThan(0.02);
            });
  }

  @Test
  void whatIsToldLateAgainOpensNothingAgain() {
    calm(0, 600);
    silence(600, 800);
    for (int again = 0; again < 3; again++) {
      detector.ended(ended(650, "v1", 15, 15));
      calm(800 + 30 * again, 830 + 30 * again);
    }

    assertThat(published)
        .singleElement()
        .satisfies(spike -> assertThat(spike.getErrored()).isEqualTo(15));
  }

  @Test
  void aLateBlockIsLookedAtWhenNoMoreOfItComes() {
    calm(0, 600);
    silence(600, 800);
    // Those that erred come in first.
    for (int minute = 600; minute < 720; minute++) {
      detector.ended(ended(minute, "v1", minute % 20 == 0 ? 5 : 0, minute % 20 == 0 ? 5 : 0));
    }
    calm(800, 809);
    for (int minute = 600; minute < 720; minute++) {
      detector.ended(ended(minute, "v1", 0, 25));
    }
    calm(809, 900);

    assertThat(published).isEmpty();
  }

  @Test
  void whatCameInTimeCountsWithWhatIsLate() {
    calm(0, 900);
    detector.ended(ended(750, "v1", 6, 6));
    calm(900, 920);

    assertThat(published).isEmpty();
  }

  @Test
  void lateCalmIsLearntAndTakenBackLate() {
    calm(0, 600);
    silence(600, 800);
    double before = detector.state().getLearnt().getN();
    detector.ended(ended(650, "v1", 0, 15));
    calm(800, 820);
    assertThat(published).isEmpty();
    assertThat(detector.state().getLate()).isEmpty();
    assertThat(detector.state().getLearnt().getN()).isGreaterThan(0.9 * before + 10);

    detector.ended(ended(650, "v1", 0, -15));
    calm(820, 840);
    assertThat(detector.state().getLate()).isEmpty();
    assertThat(published).isEmpty();
  }

  @Test
  void anOutageThatCameLateAndGoesOnIsTwoSpikesThatTouch() {
    calm(0, 600);
    silence(600, 800);
    for (int minute = 700; minute < 800; minute++) {
      detector.ended(ended(minute, "v1", 9, 10));
    }
    for (int minute = 800; minute < 830; minute++) {
      step(minute, 9, 10);
    }

    Instant ofWhatIsAtHand = published.get(0).getOpenedAt();
    assertThat(ofWhatIsAtHand).isBetween(at(735), at(745));
    assertThat(published.stream().filter(spike -> spike.getClosedAt() != null))
        .singleElement()
        .satisfies(
            late -> {
              assertThat(late.getOpenedAt()).isEqualTo(at(700));
              assertThat(late.getClosedAt()).isEqualTo(ofWhatIsAtHand);
              assertThat(late.getErrored())
                  .isEqualTo(9 * Duration.between(at(700), ofWhatIsAtHand).toMinutes());
            });
  }

  @Test
  void anOutageThatCameLateAndIsJustOverIsOpenUntilThatIsSure() {
    calm(0, 600);
    silence(600, 800);
    for (int minute = 700; minute < 734; minute++) {
      detector.ended(ended(minute, "v1", 9, 10));
    }
    for (int minute = 734; minute < 800; minute++) {
      detector.ended(ended(minute, "v1", 0, 10));
    }
    calm(800, 830);

    ErrorSpike last = published.get(published.size() - 1);
    assertThat(published.stream().map(ErrorSpike::getOpenedAt)).containsOnly(at(700));
    assertThat(last.getClosedAt()).isBetween(at(733), at(735));
    assertThat(last.getErrored()).isEqualTo(9 * 34);
  }

  @Test
  void whatWasBeforeTheFirstLookIsThePastHoweverLateItComes() {
    calm(0, 120);
    for (int minute = -60; minute < -30; minute++) {
      detector.ended(ended(minute, "v1", 9, 10));
    }
    calm(120, 200);

    assertThat(published).isEmpty();
    assertThat(detector.state().getLate()).isEmpty();
  }

  @Test
  void anOutageAfterABadMorningIsTold() {
    for (int minute = 0; minute < 60; minute++) {
      detector.ended(ended(minute, "v1", minute / 5 % 2 == 0 ? 6 : 0, 10));
    }
    calm(60, 300);
    for (int minute = 300; minute < 303; minute++) {
      step(minute, 10, 10);
    }

    assertThat(published).isNotEmpty();
    assertThat(published.get(0).getOpenedAt()).isEqualTo(at(300));
  }

  /** Between two steps, whichever order runs come in, and told in whichever portions. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void theOrderOfRunsBetweenStepsDoesNotMatter(long seed) {
    Random random = new Random(seed);
    SpikeDetector other = SpikeDetector.fresh(RULES);
    List<ErrorSpike> ofOther = new ArrayList<>();
    for (int minute = 0; minute < 900; minute++) {
      List<EndedMinute> runs = new ArrayList<>();
      double p = minute > 700 && minute < 730 ? 0.8 : 0.05;
      for (int run = 0; run < 10; run++) {
        int late = random.nextInt(4);
        boolean errored = random.nextDouble() < p;
        runs.add(ended(Math.max(0, minute - late), "v" + minute / 300, errored ? 1 : 0, 1));
      }
      runs.forEach(detector::ended);
      published.addAll(detector.stepTo(at(minute)));
      Collections.shuffle(runs, random);
      runs.forEach(other::ended);
      // What is kept in a store meanwhile is all that it needs.
      other = new SpikeDetector(other.state(), RULES);
      ofOther.addAll(other.stepTo(at(minute)));
    }
    assertThat(published).isNotEmpty();
    assertThat(ofOther).isEqualTo(published);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void aCalmWeekIsCalm(long seed) {
    Random random = new Random(seed);
    for (int minute = 0; minute < 7 * 24 * 60; minute++) {
      int errored = 0;
      int runs = random.nextInt(12);
      for (int run = 0; run < runs; run++) {
        errored += random.nextDouble() < 0.04 ? 1 : 0;
      }
      step(minute, "v" + minute / 240, errored, runs);
    }
    assertThat(published).isEmpty();
  }

  /**
   * Each day the runs of two hours come in hours later, within some minutes, those that erred
   * first.
   */
  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23})
  void aCalmWeekOfWhichSomeComesLateIsCalm(long seed) {
    Random random = new Random(seed);
    List<EndedMinute> held = new ArrayList<>();
    for (int minute = 0; minute < 7 * 24 * 60; minute++) {
      int errored = 0;
      int runs = random.nextInt(12);
      for (int run = 0; run < runs; run++) {
        errored += random.nextDouble() < 0.04 ? 1 : 0;
      }
      int ofDay = minute % 1_440;
      if (ofDay >= 600 && ofDay < 720) {
        held.add(ended(minute, "v1", errored, errored));
        held.add(ended(minute, "v1", 0, runs - errored));
        step(minute, 0, 0);
      } else {
        if (ofDay >= 840 && ofDay < 850 && !held.isEmpty()) {
          held.sort(Comparator.comparing(EndedMinute::getErrored).reversed());
          List<EndedMinute> some = held.subList(0, (held.size() + 849 - ofDay) / (850 - ofDay));
          some.forEach(detector::ended);
          some.clear();
        }
        step(minute, errored, runs);
      }
    }
    assertThat(held).isEmpty();
    assertThat(published).isEmpty();
    assertThat(detector.state().getLate()).isEmpty();
  }

  /** One of 100 errs. */
  private void calm(int from, int to) {
    for (int minute = from; minute < to; minute++) {
      step(minute, minute % 10 == 5 ? 1 : 0, 10);
    }
  }

  /** Sweeps that bring nothing. */
  private void silence(int from, int to) {
    for (int minute = from; minute < to; minute++) {
      published.addAll(detector.stepTo(at(minute)));
    }
  }

  private void step(int minute, long errored, long finished) {
    step(minute, "v1", errored, finished);
  }

  private void step(int minute, String version, long errored, long finished) {
    detector.ended(ended(minute, version, errored, finished));
    published.addAll(detector.stepTo(at(minute)));
  }

  private static EndedMinute ended(int minute, String version, long errored, long finished) {
    return new EndedMinute(at(minute), version, finished, errored, Map.of());
  }

  private static Instant at(int minute) {
    return START.plus(Duration.ofMinutes(minute));
  }
}
