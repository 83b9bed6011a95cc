package io.flowmeter.ingest.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.clock.SteppedClock;
import io.flowmeter.schemas.rollup.CollectorMinute;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class TelemetryTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:30Z");

  private final SteppedClock clock = new SteppedClock(NOON);
  private final Telemetry telemetry = new Telemetry(clock);

  @Test
  void requestsAreCountedByKindAndOutcome() {
    telemetry.requested(RequestKind.INSTANCE);
    telemetry.responded(RequestKind.INSTANCE, Outcome.NOT_FOUND);
    telemetry.requested(RequestKind.INSTANCES);
    telemetry.responded(RequestKind.INSTANCES, Outcome.RATE_LIMITED);
    telemetry.requested(RequestKind.INSTANCES);
    telemetry.responded(RequestKind.INSTANCES, Outcome.TIMED_OUT);
    telemetry.requested(RequestKind.INSTANCES);

    Totals totals = telemetry.totals();

    assertThat(totals.requests()).isEqualTo(4);
    assertThat(totals.requested().get(RequestKind.INSTANCES)).isEqualTo(3);
    assertThat(totals.responses(Outcome.NOT_FOUND)).isEqualTo(1);
    assertThat(totals.rateLimited()).isEqualTo(1);
    assertThat(totals.failed()).as("a thing that is not there is no failure").isEqualTo(1);
  }

  @Test
  void coverageIsFetchedOfKnown() {
    assertThat(telemetry.totals().coverage()).isEmpty();
    telemetry.known(4);
    telemetry.fetched(1);
    telemetry.lost(LossReason.SAMPLED_OUT, 3);

    assertThat(telemetry.totals().coverage()).contains(0.25);
    assertThat(telemetry.totals().lost()).containsEntry(LossReason.SAMPLED_OUT, 3L);
  }

  @Test
  void freshnessFallsIntoBuckets() {
    telemetry.published(Duration.ofSeconds(-3));
    telemetry.published(Duration.ofSeconds(120));
    telemetry.published(Duration.ofDays(2));

    Freshness freshness = telemetry.totals().freshness();

    assertThat(freshness.runs()).isEqualTo(3);
    assertThat(freshness.counts().get(0)).isEqualTo(1);
    assertThat(freshness.counts().get(Freshness.BOUNDS_SECONDS.indexOf(120.0))).isEqualTo(1);
    assertThat(freshness.counts().get(Freshness.BOUNDS_SECONDS.size())).isEqualTo(1);
    assertThat(freshness.sumSeconds()).isEqualTo(120 + 2 * 86_400.0);
  }

  @Test
  void theSweepLagIsThatOfTheWorkflowThatWaitsLongest() {
    assertThat(telemetry.totals().sweepLag()).isEmpty();
    telemetry.swept("orders");
    clock.sleep(Duration.ofSeconds(10));
    telemetry.swept("refunds");
    clock.sleep(Duration.ofSeconds(5));

    assertThat(telemetry.totals().sweepLag()).contains(Duration.ofSeconds(15));
    assertThat(telemetry.totals().lastSweep()).isEqualTo(Optional.of(NOON.plusSeconds(10)));

    telemetry.deleted("orders");
    assertThat(telemetry.totals().sweepLag()).contains(Duration.ofSeconds(5));
  }

  @Test
  void aWorkflowThatIsNeverSweptWaitsSinceItWasListed() {
    telemetry.listed("orders");
    clock.sleep(Duration.ofSeconds(10));
    telemetry.listed("orders");
    assertThat(telemetry.totals().sweepLag()).contains(Duration.ofSeconds(10));
  }

  @Test
  void minutesAreRunningTotalsOfTheirOwn() {
    telemetry.requested(RequestKind.WORKFLOWS);
    telemetry.budgetLeft(700);
    clock.sleep(Duration.ofSeconds(40));
    telemetry.skippedRows(1);

    List<CollectorMinute> pending = telemetry.unpublished("acc");

    assertThat(pending)
        .extracting(CollectorMinute::getMinute)
        .containsExactly(
            Instant.parse("2026-03-01T12:00:00Z"), Instant.parse("2026-03-01T12:01:00Z"));
    assertThat(pending).extracting(CollectorMinute::getRequests).containsExactly(1L, 0L);
    assertThat(pending).extracting(CollectorMinute::getBudgetLeft).containsExactly(700L, null);
    assertThat(pending).extracting(CollectorMinute::getSkippedRows).containsExactly(0L, 1L);
    assertThat(pending)
        .extracting(CollectorMinute::getProcess)
        .containsOnly(pending.get(0).getProcess());
  }

  @Test
  void whatIsStoredIsToldAgainOnlyWhenItChanged() {
    telemetry.requested(RequestKind.WORKFLOWS);
    List<CollectorMinute> first = telemetry.unpublished("acc");
    telemetry.requested(RequestKind.WORKFLOWS);
    telemetry.stored(first);

    List<CollectorMinute> second = telemetry.unpublished("acc");
    assertThat(second).extracting(CollectorMinute::getRequests).containsExactly(2L);
    assertThat(second.get(0).getRevision()).isGreaterThan(first.get(0).getRevision());

    telemetry.stored(second);
    assertThat(telemetry.unpublished("acc")).isEmpty();
    telemetry.requested(RequestKind.WORKFLOWS);
    assertThat(telemetry.unpublished("acc"))
        .as("the present minute goes on where it was")
        .extracting(CollectorMinute::getRequests)
        .containsExactly(3L);
  }

  @Test
  void whatCouldNotBeStoredIsKeptForLater() {
    telemetry.requested(RequestKind.WORKFLOWS);
    telemetry.unpublished("acc");
    clock.sleep(Duration.ofHours(3));

    assertThat(telemetry.unpublished("acc"))
        .extracting(CollectorMinute::getRequests)
        .containsExactly(1L);
  }

  @Test
  void theBudgetIsUnknownUntilSomebodyAsked() {
    assertThat(telemetry.totals().budgetLeft()).isEmpty();
    telemetry.budgetLeft(3);
    assertThat(telemetry.totals().budgetLeft()).isEqualTo(OptionalLong.of(3));
  }
}
