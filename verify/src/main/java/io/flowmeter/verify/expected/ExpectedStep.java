package io.flowmeter.verify.expected;

import io.flowmeter.verify.expected.ReportedStep.ToldAttempt;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A step run: what was told of it, and what follows by the definitions of the metrics.
 *
 * @param runEnd the run's end, at which what is unfinished is cut; empty while the run lives
 */
record ExpectedStep(ReportedStep reported, Optional<Long> runEnd) {

  boolean isTermination() {
    return reported.type().equals("termination");
  }

  boolean isRollback() {
    return reported.type().equals("rollback");
  }

  boolean isPlain() {
    return reported.type().equals("step");
  }

  /** The name without its one trailing counter. */
  String step() {
    return reported.name().replaceFirst("(?s)-\\d+$", "");
  }

  Optional<Long> start() {
    return isTermination() ? runEnd : reported.start();
  }

  /** Its own, where it is told; of what is unfinished the run's. */
  Optional<Long> end() {
    boolean open = isTermination() || outcome().equals("unfinished");
    return isTermination() ? runEnd : reported.end().or(() -> open ? runEnd : Optional.empty());
  }

  /** Between its start and its end, any type; empty while it is open. */
  Optional<Long> wallMs() {
    return end().flatMap(end -> start().map(start -> end - start));
  }

  String outcome() {
    if (isTermination()) {
      return "succeeded";
    }
    if (reported.success().isEmpty() && !reported.finished()) {
      return "unfinished";
    }
    if (reported.success().orElseGet(() -> reportedError().isEmpty())) {
      return "succeeded";
    }
    return reportedError().filter(ReportedError::isTimeout).isPresent() ? "timed_out" : "failed";
  }

  /** By itself or by a time-out. */
  boolean failed() {
    return outcome().equals("failed") || outcome().equals("timed_out");
  }

  /**
   * Of a step that failed, without envelopes: the last attempt's, or its own where no attempt tells
   * one.
   */
  Optional<ReportedError> error() {
    return failed() ? reportedError().map(ReportedError::unwrapped) : Optional.empty();
  }

  private Optional<ReportedError> reportedError() {
    return reported.attempts().stream()
        .reduce((earlier, later) -> later)
        .flatMap(ToldAttempt::error)
        .or(reported::error);
  }

  List<Attempt> attempts() {
    List<Attempt> attempts = new ArrayList<>();
    for (ToldAttempt attempt : reported.attempts()) {
      attempts.add(new Attempt(attempts.size() + 1, attempt, runEnd));
    }
    return attempts;
  }

  long attemptMs() {
    return sumMs(attempts());
  }

  private static long sumMs(List<Attempt> attempts) {
    return attempts.stream().mapToLong(attempt -> attempt.durationMs().orElse(0L)).sum();
  }

  /**
   * Of a plain step; empty while that is open. Without attempts it is unknown what was backoff, and
   * 0.
   */
  Optional<Long> backoffMs() {
    return !isPlain() || attempts().isEmpty()
        ? Optional.of(0L)
        : wallMs().map(wall -> wall - attemptMs());
  }

  /** Adds when nothing of it was at work: a sleep or a wait, and backoffs. */
  void addIdle(Spans spans) {
    if (reported.type().equals("sleep") || reported.type().equals("waitForEvent")) {
      spans.add(start(), end());
    }
    List<Attempt> attempts = isPlain() ? attempts() : List.of();
    for (int i = 0; i < attempts.size(); i++) {
      boolean last = i == attempts.size() - 1;
      if (!last) {
        spans.add(attempts.get(i).end(), Optional.of(attempts.get(i + 1).reported().start()));
      } else if (outcome().equals("unfinished")) {
        spans.add(attempts.get(i).end(), end());
      }
    }
  }

  /** Adds when its attempts were at work. */
  void addAttempts(Spans spans) {
    attempts()
        .forEach(attempt -> spans.add(Optional.of(attempt.reported().start()), attempt.end()));
  }

  int retries() {
    return Math.max(0, attempts().size() - 1);
  }

  List<Attempt> failedAttempts() {
    return attempts().stream()
        .filter(attempt -> attempt.reported().success().equals(Optional.of(false)))
        .toList();
  }

  boolean firstAttemptOk() {
    return attempts().stream()
        .limit(1)
        .anyMatch(attempt -> attempt.reported().success().equals(Optional.of(true)));
  }

  /** Failed attempts' time, and the time between attempts. */
  long lostMs() {
    return sumMs(failedAttempts()) + backoffMs().orElse(0L);
  }

  /**
   * One attempt of a step.
   *
   * @param number from 1
   */
  record Attempt(int number, ToldAttempt reported, Optional<Long> runEnd) {

    Optional<Long> end() {
      return reported.end().or(() -> reported.success().isPresent() ? Optional.empty() : runEnd);
    }

    Optional<Long> durationMs() {
      return end().map(end -> end - reported.start());
    }

    Optional<ReportedError> error() {
      return reported.error().map(ReportedError::unwrapped);
    }
  }
}
