package io.flowmeter.simulator.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimesTest {
  @Test
  void aTimeIsWrittenInMillisecondsAndReadsAsItself() {
    assertThat(Times.json(Instant.parse("2026-01-02T03:04:05.006Z")))
        .isEqualTo("2026-01-02T03:04:05.006Z");
    assertThat(Times.json(Instant.parse("2026-11-24T12:26:35Z")))
        .isEqualTo("2026-11-24T12:26:35.000Z");
    Random random = new Random(3);
    for (int i = 0; i < 10_000; i++) {
      Instant at =
          Instant.ofEpochMilli(random.nextLong(-62_000_000_000_000L, 253_000_000_000_000L));
      assertThat(Times.json(at)).hasSize(24);
      assertThat(Instant.parse(Times.json(at))).isEqualTo(at);
    }
  }
}
