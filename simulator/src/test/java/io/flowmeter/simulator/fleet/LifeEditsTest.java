package io.flowmeter.simulator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.simulator.life.Life;
import io.flowmeter.simulator.life.Status;
import io.flowmeter.simulator.life.StatusChange;
import io.flowmeter.simulator.life.TriggerSource;
import io.flowmeter.simulator.life.Version;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LifeEditsTest {
  private static final Instant QUEUED = Instant.parse("2026-03-02T10:00:00Z");

  private static Instant at(int seconds) {
    return QUEUED.plusSeconds(seconds);
  }

  private static StatusChange change(int seconds, Status status) {
    return new StatusChange(at(seconds), status);
  }

  @Test
  void whoResumesALifeEndsThePauseThatItWouldHaveMadeItself() {
    Life unpaused =
        new Life(
            QUEUED,
            Optional.of(at(10)),
            Optional.of(at(300)),
            Optional.empty(),
            new Version("a version", QUEUED, false),
            TriggerSource.API,
            List.of(
                change(0, Status.QUEUED),
                change(10, Status.RUNNING),
                change(100, Status.PAUSED),
                change(200, Status.RUNNING),
                change(300, Status.COMPLETE)),
            List.of(),
            Optional.empty());
    Life paused = LifeEdits.paused(unpaused, at(90), Optional.of(at(150)));
    Life resumed = LifeEdits.resumed(unpaused, paused, at(180));
    assertThat(resumed.statuses())
        .containsExactly(
            change(0, Status.QUEUED),
            change(10, Status.RUNNING),
            change(90, Status.WAITING_FOR_PAUSE),
            change(150, Status.PAUSED),
            change(180, Status.RUNNING),
            change(280, Status.COMPLETE));
    assertThat(resumed.end()).contains(at(280));
  }
}
