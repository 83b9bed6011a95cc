package io.flowmeter.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.simulator.ledger.StatusInterval;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.verify.expected.ReportedRun;
import io.flowmeter.verify.relation.Row;
import io.flowmeter.verify.required.LossWindows;
import io.flowmeter.verify.required.RequiredRun;
import io.flowmeter.verify.required.RequiredRun.Certainty;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A run that completed, was opened again, seen to run, and completed again. */
class SampledTransitionsTest {
  private static final Instant QUEUED = Instant.parse("2026-03-02T00:00:00Z");
  private static final Duration LATE = Duration.ofSeconds(100);

  private final SampledTransitions transitions =
      new SampledTransitions(
          new TimeTolerance(LATE, QUEUED.plusSeconds(86_400)), LossWindows.NONE, new Comparison());

  @Test
  void whatWasSeenRightBeforeTheNextEndMayHaveBeenNotedAfterIt() {
    assertThat(transitions.problem(seenAgain(4_999_500), withoutIt())).isEmpty();
  }

  @Test
  void whatWasSeenBeforeThatIsOwed() {
    assertThat(transitions.problem(seenAgain(4_990_000), withoutIt()))
        .hasValueSatisfying(
            failure -> assertThat(failure).startsWith("untold StatusInterval[status=RUN"));
  }

  private static RequiredRun seenAgain(long seen) {
    List<StatusInterval> intervals =
        List.of(
            stretch(SimulatedStatus.RUNNING, 100, 500),
            stretch(SimulatedStatus.COMPLETE, 1_000, 2_000),
            stretch(SimulatedStatus.RUNNING, 4_000_000, seen),
            stretch(SimulatedStatus.COMPLETE, 5_000_000, 5_010_000));
    ReportedRun run =
        new ReportedRun(
            "orders",
            "order-1",
            at(0),
            Optional.empty(),
            "complete",
            at(0),
            Optional.of(at(100)),
            Optional.of(at(5_000_000)),
            "",
            "api",
            2,
            Optional.empty(),
            Optional.empty());
    return new RequiredRun(
        Certainty.EXACT,
        run,
        intervals,
        List.of(at(1_000), at(5_000_000)),
        List.of(),
        List.of(),
        2,
        false,
        Optional.empty(),
        Optional.empty());
  }

  private static StatusInterval stretch(SimulatedStatus status, long since, long seen) {
    Instant when = QUEUED.plusMillis(seen);
    return new StatusInterval(status, QUEUED.plusMillis(since), when, when);
  }

  private static long at(long millis) {
    return QUEUED.plusMillis(millis).toEpochMilli();
  }

  /** The second end only moved the first. */
  private static List<Row> withoutIt() {
    List<Row> rows = new ArrayList<>();
    rows.add(row(1, "", "queued", at(0), 0));
    rows.add(row(2, "queued", "running", at(100), 100));
    rows.add(row(3, "running", "complete", at(1_000), 900));
    return rows;
  }

  private static Row row(long seq, String from, String to, long at, long before) {
    return new Row()
        .with("account_id", "acme")
        .with("workflow", "orders")
        .with("instance_id", "order-1")
        .with("run", at(0))
        .with("seq", seq)
        .with("from_status", from)
        .with("to_status", to)
        .with("at", at)
        .with("at_is_exact", true)
        .with("not_before", at)
        .with("previous_ms", before);
  }
}
