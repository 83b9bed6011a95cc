package io.flowmeter.ingest.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PacerTest {
  private static final long WINDOW = Duration.ofMinutes(5).toNanos();

  private final Pacer pace = Pacer.of(840, WINDOW);
  private long arrival;

  private long goes(long now) {
    long turn = pace.goes(arrival, now, Priority.URGENT);
    arrival = pace.next(arrival, now);
    return turn;
  }

  @Test
  void noWindowHoldsMoreThanAllowed() {
    List<Long> turns = new ArrayList<>();
    long now = 0;
    for (int i = 0; i < 5_000; i++) {
      // An idle time now and then saves up a burst.
      now = Math.max(i % 700 == 0 ? now + WINDOW / 3 : now, goes(now));
      turns.add(now);
    }
    for (int i = 840; i < turns.size(); i++) {
      assertThat(turns.get(i) - turns.get(i - 840)).isGreaterThanOrEqualTo(WINDOW - 1_000_000);
    }
  }

  @Test
  void almostAllOfItIsUsedUnderLoad() {
    long last = 0;
    int count = 0;
    while (last < 4 * WINDOW) {
      last = goes(0);
      count++;
    }
    assertThat(count).isGreaterThan((int) (4 * 840 * 0.97));
  }

  @Test
  void aBurstGoesAtOnceAndTheRestEvenly() {
    for (int i = 0; i < pace.burst(); i++) {
      assertThat(goes(0)).isZero();
    }
    assertThat(goes(0)).isEqualTo(pace.gap());
    assertThat(goes(0)).isEqualTo(2 * pace.gap());
  }

  @Test
  void nothingRushesAfterASilence() {
    arrival = pace.silentUntil(arrival, WINDOW);
    assertThat(goes(0)).isEqualTo(WINDOW);
    assertThat(goes(0)).isEqualTo(WINDOW + pace.gap());
    assertThat(goes(0)).isEqualTo(WINDOW + 2 * pace.gap());
  }
}
