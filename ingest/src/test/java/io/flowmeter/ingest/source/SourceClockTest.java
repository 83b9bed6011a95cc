package io.flowmeter.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SourceClockTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

  private Instant local = NOON.plusMillis(700);
  private final SourceClock clock = new SourceClock(() -> local);

  @Test
  void aDateALittleOffSaysNothing() {
    clock.heard(NOON.minusSeconds(2));
    clock.heard(NOON.plusSeconds(2));
    assertThat(clock.now()).isEqualTo(local);
  }

  @Test
  void aDateFartherAwayMovesTheClock() {
    clock.heard(NOON.plusSeconds(300));
    assertThat(clock.now()).isEqualTo(NOON.plusSeconds(300));
  }

  @Test
  void theFirstDateMayMoveItBack() {
    assertThat(clock.now()).isEqualTo(local);
    clock.heard(NOON.minusSeconds(300));
    assertThat(clock.now()).isEqualTo(NOON.minusSeconds(300));
  }

  @Test
  void theOffsetIsKeptUntilItIsContradicted() {
    clock.heard(NOON.plusSeconds(300));
    clock.heard(NOON.plusSeconds(301));
    clock.heard(NOON.plusSeconds(298));
    assertThat(clock.now()).isEqualTo(NOON.plusSeconds(300));
    clock.heard(NOON.plusSeconds(600));
    assertThat(clock.now()).isEqualTo(NOON.plusSeconds(600));
  }

  @Test
  void aClockMovedBackStandsStillUntilItIsCaughtUpWith() {
    clock.heard(NOON);
    Instant before = clock.now();
    clock.heard(NOON.minusSeconds(10));
    assertThat(clock.now()).isEqualTo(before);
    local = local.plusSeconds(20);
    assertThat(clock.now()).isEqualTo(NOON.plusSeconds(10));
  }

  @Test
  void datesCutToTheirSecondDoNotMakeItJitter() {
    clock.heard(at(102_900, 102));
    assertThat(clock.now()).isEqualTo(NOON.plusMillis(102_900));
    clock.heard(at(104_300, 102));
    assertThat(clock.now()).isEqualTo(NOON.plusMillis(104_300));
    clock.heard(at(104_950, 104));
    assertThat(clock.now()).isEqualTo(NOON.plusMillis(104_950));
  }

  private Instant at(long localMillis, long dateSeconds) {
    local = NOON.plusMillis(localMillis);
    return NOON.plus(Duration.ofSeconds(dateSeconds));
  }
}
