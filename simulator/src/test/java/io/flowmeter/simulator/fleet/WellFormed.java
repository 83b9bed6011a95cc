package io.flowmeter.simulator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.simulator.model.Attempt;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.StatusChange;
import io.flowmeter.simulator.model.Step;
import java.time.Instant;
import java.util.List;

/** What must be true of a life, whatever happened to it. */
final class WellFormed {
  private WellFormed() {}

  /**
   * Statuses follow each other in time, and those before the last are ends only where they say so.
   */
  static void statuses(SimulatedRun run) {
    List<StatusChange> line = run.statuses();
    assertThat(line.get(0).at()).isEqualTo(run.queued());
    for (int i = 1; i < line.size(); i++) {
      assertThat(line.get(i).at()).isAfterOrEqualTo(line.get(i - 1).at().plusMillis(i > 1 ? 1 : 0));
      assertThat(line.get(i - 1).status().isTerminal())
          .isEqualTo(run.ends().contains(line.get(i - 1).at()));
    }
    run.end().ifPresent(end -> assertThat(run.statusSince()).isEqualTo(end));
  }

  /** Steps begin in order within the life, their attempts within them. */
  static void steps(SimulatedRun run, Instant over) {
    Instant last = run.start().orElse(run.queued());
    for (Step step : run.steps()) {
      assertThat(step.start()).isBetween(last, over);
      last = step.start();
      if (step instanceof Step.Do work) {
        attempts(work, over);
      } else if (step instanceof Step.Rollback rollback) {
        attempts(rollback.work(), over);
      }
    }
  }

  private static void attempts(Step.Do work, Instant over) {
    Instant before = work.start();
    for (Attempt attempt : work.attempts()) {
      assertThat(attempt.start()).isAfterOrEqualTo(before);
      before = attempt.end().orElse(attempt.start());
      assertThat(before).isBetween(attempt.start(), over);
    }
    assertThat(work.attempts().size()).isLessThanOrEqualTo(work.config().limit() + 1);
  }
}
