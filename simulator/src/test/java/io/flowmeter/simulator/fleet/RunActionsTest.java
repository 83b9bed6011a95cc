package io.flowmeter.simulator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.simulator.model.StatusChange;
import io.flowmeter.simulator.model.TriggerSource;
import io.flowmeter.simulator.model.Version;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunActionsTest {
  private static final Instant QUEUED = Instant.parse("2026-03-02T10:00:00Z");

  private static Instant at(int seconds) {
    return QUEUED.plusSeconds(seconds);
  }

  private static StatusChange change(int seconds, SimulatedStatus status) {
    return new StatusChange(at(seconds), status);
  }

  @Test
  void whoResumesALifeEndsThePauseThatItWouldHaveMadeItself() {
    SimulatedRun unpaused =
        new SimulatedRun(
            QUEUED,
            Optional.of(at(10)),
            Optional.of(at(300)),
            Optional.empty(),
            new Version("a version", QUEUED, false),
            TriggerSource.API,
            List.of(
                change(0, SimulatedStatus.QUEUED),
                change(10, SimulatedStatus.RUNNING),
                change(100, SimulatedStatus.PAUSED),
                change(200, SimulatedStatus.RUNNING),
                change(300, SimulatedStatus.COMPLETE)),
            List.of(),
            Optional.empty());
    SimulatedRun paused = RunActions.paused(unpaused, at(90), Optional.of(at(150)));
    SimulatedRun resumed = RunActions.resumed(unpaused, paused, at(180));
    assertThat(resumed.statuses())
        .containsExactly(
            change(0, SimulatedStatus.QUEUED),
            change(10, SimulatedStatus.RUNNING),
            change(90, SimulatedStatus.WAITING_FOR_PAUSE),
            change(150, SimulatedStatus.PAUSED),
            change(180, SimulatedStatus.RUNNING),
            change(280, SimulatedStatus.COMPLETE));
    assertThat(resumed.end()).contains(at(280));
  }
}
