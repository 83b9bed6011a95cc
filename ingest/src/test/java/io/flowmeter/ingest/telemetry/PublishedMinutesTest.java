package io.flowmeter.ingest.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.clock.SteppedClock;
import io.flowmeter.schemas.rollup.CollectorMinute;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PublishedMinutesTest {
  private final SteppedClock clock = new SteppedClock(Instant.parse("2026-03-01T12:00:30Z"));
  private final Telemetry telemetry = new Telemetry(clock);
  private final PublishedMinutes minutes = term();

  private PublishedMinutes term() {
    return new PublishedMinutes(telemetry, "acc", clock);
  }

  @Test
  void aMinuteIsARunningTotal() {
    telemetry.known(2);
    CollectorMinute first = minutes.next().orElseThrow();
    telemetry.known(1);
    telemetry.fetched(1);
    telemetry.lost(LossReason.VANISHED, 1);
    CollectorMinute second = minutes.next().orElseThrow();
    assertThat(first.getKnown()).isEqualTo(2);
    assertThat(second.getKnown()).isEqualTo(3);
    assertThat(second.getFetched()).isEqualTo(1);
    assertThat(second.getLostVanished()).isEqualTo(1);
    assertThat(second.getMinute()).isEqualTo(Instant.parse("2026-03-01T12:00:00Z"));
    assertThat(second.getRevision()).isGreaterThan(first.getRevision());
    assertThat(minutes.next()).isEmpty();
  }

  @Test
  void theNextMinuteBeginsAtNothing() {
    telemetry.known(2);
    minutes.next();
    clock.sleep(Duration.ofSeconds(40));
    telemetry.known(1);
    CollectorMinute next = minutes.next().orElseThrow();
    assertThat(next.getKnown()).isEqualTo(1);
    assertThat(next.getMinute()).isEqualTo(Instant.parse("2026-03-01T12:01:00Z"));
  }

  @Test
  void aTermHasPartsOfItsOwn() {
    telemetry.known(2);
    CollectorMinute before = minutes.next().orElseThrow();
    telemetry.known(5);
    PublishedMinutes next = term();
    assertThat(next.next()).as("what was not committed is counted by whoever finds it").isEmpty();
    telemetry.known(1);
    CollectorMinute after = next.next().orElseThrow();
    assertThat(after.getKnown()).isEqualTo(1);
    assertThat(after.getProcess()).isNotEqualTo(before.getProcess());
  }

  @Test
  void requestsAreNoneOfIt() {
    telemetry.requested(RequestKind.WORKFLOWS);
    telemetry.skippedRows(1);
    assertThat(minutes.next()).isEmpty();
    telemetry.known(1);
    assertThat(telemetry.unpublished("acc"))
        .extracting(CollectorMinute::getKnown)
        .containsExactly(0L);
  }
}
