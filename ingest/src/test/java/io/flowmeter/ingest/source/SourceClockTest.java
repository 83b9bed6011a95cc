package io.flowmeter.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourceClockTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

  private Instant local = NOON.plusMillis(700);
  private final SourceClock clock = new SourceClock(() -> local);

  @Test
  void aDateALittleOffSaysNothing() {
    clock.update(NOON.minusSeconds(2));
    clock.update(NOON.plusSeconds(2));
    assertThat(clock.now()).isEqualTo(local);
  }

  @Test
  void datesFartherAwayMoveTheClockWhereTwoInARowAgree() {
    clock.update(NOON.plusSeconds(300));
    assertThat(clock.now()).isEqualTo(local);
    clock.update(NOON.plusSeconds(301));
    assertThat(clock.now()).isEqualTo(NOON.plusSeconds(301));
  }

  @ParameterizedTest
  @ValueSource(ints = {-300, 300})
  void aSingleWrongDateMovesNothing(int wrongBySeconds) {
    clock.update(NOON);
    for (int again = 0; again < 3; again++) {
      clock.update(NOON.plusSeconds(wrongBySeconds));
      clock.update(NOON);
      assertThat(clock.now()).isEqualTo(local);
    }
  }

  @Test
  void twoWrongDatesThatDisagreeMoveNothing() {
    clock.update(NOON);
    clock.update(NOON.plusSeconds(300));
    clock.update(NOON.plusSeconds(600));
    assertThat(clock.now()).isEqualTo(local);
  }

  @Test
  void theFirstDateMayMoveItBackAlone() {
    assertThat(clock.now()).isEqualTo(local);
    clock.update(NOON.minusSeconds(300));
    assertThat(clock.now()).isEqualTo(NOON.minusSeconds(300));
  }

  @Test
  void theOffsetIsKeptUntilItIsContradicted() {
    heardTwice(NOON.plusSeconds(300));
    heardTwice(NOON.plusSeconds(301));
    heardTwice(NOON.plusSeconds(298));
    assertThat(clock.now()).isEqualTo(NOON.plusSeconds(300));
    heardTwice(NOON.plusSeconds(600));
    assertThat(clock.now()).isEqualTo(NOON.plusSeconds(600));
  }

  @Test
  void aClockMovedBackStandsStillUntilItIsCaughtUpWith() {
    clock.update(NOON);
    Instant before = clock.now();
    heardTwice(NOON.minusSeconds(10));
    assertThat(clock.now()).isEqualTo(before);
    local = local.plusSeconds(20);
    assertThat(clock.now()).isEqualTo(NOON.plusSeconds(10));
  }

  /** A source whose clock is wrong by so many seconds, and then by so many others. */
  @ParameterizedTest
  @CsvSource({"600,-600", "-600,600", "0,600", "600,0", "0,-600", "-600,0"})
  void aWrongClockIsFollowedAlsoWhereItChanges(int wrongBefore, int wrongAfter) {
    Instant latest = Instant.MIN;
    Instant atChange = Instant.MIN;
    int change = 700;
    for (int second = 0; second < 2_500; second++) {
      local = local.plusMillis(1_000 + second % 7);
      Instant theirs = local.plusSeconds(second < change ? wrongBefore : wrongAfter);
      clock.update(theirs.truncatedTo(ChronoUnit.SECONDS));
      Instant now = clock.now();

      assertThat(now).isAfterOrEqualTo(latest);
      boolean published = second > 0 && second != change;
      if (published && (second < change || theirs.isAfter(atChange.plusSeconds(3)))) {
        assertThat(now)
            .as("second %d", second)
            .isBetween(theirs.minusSeconds(3), theirs.plusSeconds(3));
      } else if (published) {
        assertThat(now).as("it stands still").isBetween(atChange, atChange.plusSeconds(3));
      }
      latest = now;
      if (second < change) {
        atChange = now;
      }
    }
  }

  private void heardTwice(Instant date) {
    clock.update(date);
    clock.update(date);
  }

  @Test
  void datesCutToTheirSecondDoNotMakeItJitter() {
    clock.update(at(102_900, 102));
    assertThat(clock.now()).isEqualTo(NOON.plusMillis(102_900));
    clock.update(at(104_300, 102));
    assertThat(clock.now()).isEqualTo(NOON.plusMillis(104_300));
    clock.update(at(104_950, 104));
    assertThat(clock.now()).isEqualTo(NOON.plusMillis(104_950));
  }

  private Instant at(long localMillis, long dateSeconds) {
    local = NOON.plusMillis(localMillis);
    return NOON.plus(Duration.ofSeconds(dateSeconds));
  }
}
