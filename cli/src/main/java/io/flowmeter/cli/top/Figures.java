package io.flowmeter.cli.top;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What was found of a range of time.
 *
 * @param workflows by account and name
 * @param steps those that fail most first, then those that lose most time
 * @param errors the newest first
 */
record Figures(List<Workflow> workflows, List<Step> steps, List<Failure> errors) {

  Figures {
    workflows = List.copyOf(workflows);
    steps = List.copyOf(steps);
    errors = List.copyOf(errors);
  }

  /**
   * A workflow: its instances now, and the runs of the range.
   *
   * @param waiting live in any status but queued, running and paused
   * @param endedAMinute ended runs a minute
   * @param successShare completed ÷ ended, 0 to 1; empty where none ended
   * @param retryRate retries ÷ attempts, 0 to 1; empty where nothing was attempted
   * @param p95Ms 95 of 100 runs took no longer; empty where none ended
   * @param lostMs time lost to failed attempts and to waits after them
   * @param spikes error spikes that were open in the range
   * @param openSpikes of these, those that are open now
   * @param seenAt the last sweep
   */
  record Workflow(
      String account,
      String name,
      long queued,
      long running,
      long waiting,
      long paused,
      double endedAMinute,
      OptionalDouble successShare,
      OptionalDouble retryRate,
      OptionalDouble p95Ms,
      long lostMs,
      long spikes,
      long openSpikes,
      Instant seenAt) {}

  /** A step of type {@code step}; shares and times as of a workflow. */
  record Step(
      String workflow,
      String name,
      long runs,
      long failures,
      long exhausted,
      OptionalDouble retryRate,
      OptionalDouble p95Ms,
      long lostMs) {}

  /** A run that errored or was terminated; texts are empty where there is nothing to tell. */
  record Failure(
      Instant at,
      String workflow,
      String instance,
      String status,
      String step,
      String error,
      String message) {}

  /** The last sweep of any workflow. */
  Optional<Instant> seenAt() {
    return workflows.stream().map(Workflow::seenAt).max(Instant::compareTo);
  }

  long openSpikes() {
    return workflows.stream().mapToLong(Workflow::openSpikes).sum();
  }
}
