package io.flowmeter.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.verify.relation.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What of {@code error_spikes} must be there, and what may not. */
class SpikesTest {
  private static final Instant START = Instant.parse("2026-03-02T00:00:00Z");
  private static final Instant STORM = START.plus(Duration.ofHours(5));
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final List<Row> instances = new ArrayList<>();
  private final Comparison comparison = new Comparison();

  @Test
  void aCalmDayNeedsNoSpike() {
    runs("complete", 300, START);

    check();

    assertThat(comparison.differences()).isEmpty();
  }

  @Test
  void aStormAfterACalmTimeThatNobodyToldIsMissing() {
    runs("complete", 300, START);
    runs("errored", 20, STORM);

    check();

    assertThat(comparison.differences())
        .singleElement()
        .matches(each -> each.kind() == Comparison.Kind.MISSING)
        .extracting(Comparison.Difference::what)
        .asString()
        .contains("expected a spike, for 20 runs errored within PT30M, found 0 of them in one");
  }

  @Test
  void aStormThatWasToldIsThere() {
    runs("complete", 300, START);
    runs("errored", 20, STORM);

    check(spike(STORM, 20, 20));

    assertThat(comparison.differences()).isEmpty();
  }

  @Test
  void aSpikeOfAnotherWorkflowTellsNothingOfThisOne() {
    runs("complete", 300, START);
    runs("errored", 20, STORM);

    check(spike(STORM, 20, 20).with("workflow", "returns"));

    assertThat(comparison.differences())
        .extracting(Comparison.Difference::kind)
        .containsExactlyInAnyOrder(Comparison.Kind.MISSING, Comparison.Kind.WRONG);
  }

  @Test
  void errorsAmongRunsThatCompleteMayBeOverlooked() {
    runs("complete", 300, START);
    runs("errored", 20, STORM);
    runs("complete", 1, STORM.plus(MINUTE.multipliedBy(10)));

    check();

    assertThat(comparison.differences()).isEmpty();
  }

  @Test
  void aStormOfWhatWasNeverCalmMayBeOverlooked() {
    runs("complete", 270, START);
    runs("errored", 30, START);
    runs("errored", 20, STORM);

    check();

    assertThat(comparison.differences()).isEmpty();
  }

  @Test
  void aStormThatWasObservedTooLateMayBeOverlooked() {
    runs("complete", 300, START);
    runs("errored", 20, STORM);
    instances.forEach(
        run -> run.with("observed_at", run.number("ended_at") + Duration.ofMinutes(6).toMillis()));

    check();

    assertThat(comparison.differences()).isEmpty();
  }

  @Test
  void aSpikeOfMoreErrorsThanThereWereIsWrong() {
    runs("complete", 300, START);
    runs("errored", 20, STORM);

    check(spike(STORM, 21, 21));

    assertThat(comparison.differences())
        .singleElement()
        .extracting(Comparison.Difference::what)
        .asString()
        .contains("expected at most 20 errored, found 21");
  }

  @Test
  void aSpikeThatIsThereTwiceIsDouble() {
    runs("complete", 300, START);
    runs("errored", 20, STORM);

    check(spike(STORM, 20, 20), spike(STORM, 20, 20));

    assertThat(comparison.differences())
        .singleElement()
        .matches(each -> each.kind() == Comparison.Kind.DOUBLE);
  }

  private void check(Row... found) {
    Spikes spikes = new Spikes(START, comparison);
    spikes.check("orders", instances, of("orders", found));
    spikes.check("returns", List.of(), of("returns", found));
  }

  private static List<Row> of(String workflow, Row... rows) {
    return Stream.of(rows).filter(row -> row.text("workflow").equals(workflow)).toList();
  }

  /** Runs of one workflow, one of which ends each minute. */
  private void runs(String status, int number, Instant from) {
    for (int i = 0; i < number; i++) {
      long endedAt = from.plus(MINUTE.multipliedBy(i)).toEpochMilli();
      instances.add(
          new Row()
              .with("workflow", "orders")
              .with("status", status)
              .with("end_kind", "api")
              .with("ended_at", endedAt)
              .with("observed_at", endedAt + 1_000)
              .with("reopened", 0));
    }
  }

  private static Row spike(Instant openedAt, long errored, long finished) {
    return new Row()
        .with("account_id", "local")
        .with("workflow", "orders")
        .with("opened_at", openedAt.toEpochMilli())
        .with("closed_at", openedAt.plus(Duration.ofHours(1)).toEpochMilli())
        .with("errored", errored)
        .with("finished", finished)
        .with("observed_share", Double.toString((double) errored / finished))
        .with("baseline_share", "0.01")
        .with("score", "12.5");
  }
}
