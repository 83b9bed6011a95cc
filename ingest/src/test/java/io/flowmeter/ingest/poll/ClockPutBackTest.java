package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.publish.CheckpointSnapshot;
import io.flowmeter.ingest.telemetry.Telemetry;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.Condition;
import org.junit.jupiter.api.Test;

/** A machine that starts two hours ahead, until its clock is put right. */
class ClockPutBackTest {
  private static final String ORDERS = "orders";
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final LittleRuntime runtime = LittleRuntime.production();
  private final RecordingSink recorded = new RecordingSink();
  private final WallClock wall = new WallClock(runtime.clock());
  private final Telemetry telemetry = new Telemetry(wall);
  private final Poller poller =
      new Poller(
          runtime,
          PollSettings.production(INTERVAL, 1),
          CheckpointSnapshot.NOTHING,
          recorded,
          telemetry,
          new PollStats(),
          wall);

  /** Another's time, and how far this is ahead of it. */
  private static final class WallClock implements Clock {
    private final Clock clock;
    private Duration ahead = Duration.ofHours(2);

    WallClock(Clock clock) {
      this.clock = clock;
    }

    void putRight() {
      ahead = Duration.ZERO;
    }

    @Override
    public Instant instant() {
      return clock.instant().plus(ahead);
    }

    @Override
    public long nanos() {
      return clock.nanos();
    }

    @Override
    public void sleep(Duration time) throws InterruptedException {
      clock.sleep(time);
    }

    @Override
    public void await(Condition condition, Duration atMost) throws InterruptedException {
      clock.await(condition, atMost);
    }

    @Override
    public Duration real(Duration time) {
      return clock.real(time);
    }
  }

  private void poll(Duration time) throws InterruptedException {
    poller.runUntil(wall.instant().plus(time));
  }

  @Test
  void whatEndsAfterwardsIsToldInTime() throws InterruptedException {
    runtime.deploy(ORDERS);
    poll(Duration.ofMinutes(1));
    wall.putRight();
    runtime.create(ORDERS, "order-1", "complete");
    poll(INTERVAL.multipliedBy(3));
    assertThat(recorded.of("order-1")).containsExactly("row complete", "detail complete");
  }

  @Test
  void whatFailedBeforeIsAskedForAgainInTime() throws InterruptedException {
    runtime.deploy(ORDERS);
    runtime.versionsFail();
    poll(INTERVAL);
    runtime.create(ORDERS, "order-1", "errored");
    runtime.create(ORDERS, "order-2", "running");
    runtime.detailFails("order-1", true);
    poll(INTERVAL.multipliedBy(2));
    runtime.allPagesFail(true);
    runtime.move(ORDERS, "order-2", "complete");
    poll(INTERVAL.multipliedBy(2));
    wall.putRight();
    runtime.detailFails("order-1", false);
    runtime.allPagesFail(false);
    int versions = runtime.versionsAsked();
    poll(Duration.ofMinutes(5));
    assertThat(recorded.of("order-1")).endsWith("detail errored");
    assertThat(recorded.of("order-2")).endsWith("detail complete");
    assertThat(runtime.versionsAsked()).isGreaterThan(versions);
  }

  @Test
  void aLookThatFailedIsTakenAgainThoughTheClockIsAhead() throws InterruptedException {
    runtime.deploy(ORDERS);
    runtime.create(ORDERS, "order-1", "running");
    runtime.detailFails("order-1", true);
    poll(Duration.ofHours(1));
    assertThat(runtime.detailsAsked("order-1")).isBetween(4, 12);
  }

  @Test
  void theLagOfSweepsIsWhatItIs() throws InterruptedException {
    runtime.deploy(ORDERS);
    poll(Duration.ofMinutes(1));
    wall.putRight();
    assertThat(telemetry.totals().sweepLag().orElseThrow())
        .isBetween(Duration.ZERO, INTERVAL.multipliedBy(2));
  }
}
