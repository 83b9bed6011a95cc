package io.flowmeter.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class SourceClockTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00.700Z");

  private final SourceClock clock = new SourceClock(() -> NOW);

  @Test
  void aDateWithinTwoSecondsSaysNothing() {
    clock.heard(Instant.parse("2026-11-24T12:00:00Z"));
    clock.heard(Instant.parse("2026-11-24T12:00:02Z"));
    assertThat(clock.now()).isEqualTo(NOW);
  }

  @Test
  void aDateFartherAwayMovesTheClock() {
    clock.heard(Instant.parse("2026-11-24T12:05:00Z"));
    assertThat(clock.now()).isEqualTo("2026-11-24T12:05:00Z");
  }

  @Test
  void theOffsetIsKeptUntilItIsContradicted() {
    clock.heard(Instant.parse("2026-11-24T12:05:00Z"));
    clock.heard(Instant.parse("2026-11-24T12:05:01Z"));
    clock.heard(Instant.parse("2026-11-24T12:04:59Z"));
    assertThat(clock.now()).isEqualTo("2026-11-24T12:05:00Z");
    clock.heard(Instant.parse("2026-11-24T12:00:01Z"));
    assertThat(clock.now()).isEqualTo("2026-11-24T12:00:01Z");
  }
}
