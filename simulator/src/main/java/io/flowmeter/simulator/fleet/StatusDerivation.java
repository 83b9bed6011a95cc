package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.model.Attempt;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.simulator.model.StatusChange;
import io.flowmeter.simulator.model.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Derives the statuses of a life from its steps. */
final class StatusDerivation {
  /** An instance that has nothing to do for so long hibernates; shorter waits never show. */
  static final long HIBERNATES_AFTER_MS = 2_000;

  private StatusDerivation() {}

  private record Span(long from, long to, SimulatedStatus status) {}

  /**
   * The status changes from {@code queued} to the outcome. No two at the same moment, but that an
   * instance can start in the millisecond it was queued in.
   */
  static List<StatusChange> of(
      Instant queued,
      Optional<Instant> start,
      Instant end,
      SimulatedStatus outcome,
      List<Step> steps,
      Optional<Execution.Paused> paused) {
    List<StatusChange> line = new ArrayList<>();
    change(line, queued.toEpochMilli(), SimulatedStatus.QUEUED);
    if (start.isPresent()) {
      long endMs = end.toEpochMilli();
      change(line, start.get().toEpochMilli(), SimulatedStatus.RUNNING);
      for (Span span : spans(start.get().toEpochMilli(), endMs, steps, paused)) {
        if (span.from() < endMs) {
          change(line, span.from(), span.status());
        }
        if (span.to() < endMs) {
          change(line, span.to(), SimulatedStatus.RUNNING);
        }
      }
    }
    change(line, end.toEpochMilli(), outcome);
    return List.copyOf(line);
  }

  private static void change(List<StatusChange> line, long at, SimulatedStatus status) {
    if (line.size() > 1 && line.get(line.size() - 1).at().toEpochMilli() == at) {
      line.remove(line.size() - 1);
    }
    if (line.isEmpty() || line.get(line.size() - 1).status() != status) {
      line.add(new StatusChange(Instant.ofEpochMilli(at), status));
    }
  }

  /** The stretches that are not {@code running}, in order and apart from each other. */
  private static List<Span> spans(
      long start, long end, List<Step> steps, Optional<Execution.Paused> paused) {
    List<Span> busy = new ArrayList<>();
    for (Step step : steps) {
      if (step instanceof Step.Do work) {
        for (Attempt attempt : work.attempts()) {
          long until = attempt.end().map(Instant::toEpochMilli).orElse(end);
          busy.add(new Span(attempt.start().toEpochMilli(), until, SimulatedStatus.RUNNING));
        }
      }
    }
    List<Span> spans = new ArrayList<>();
    Optional<Step> rollback = steps.stream().filter(Step.Rollback.class::isInstance).findFirst();
    if (rollback.isPresent()) {
      // From the first on, whether one is at work or waits for its next attempt.
      Span undoing =
          new Span(rollback.get().start().toEpochMilli(), end, SimulatedStatus.ROLLING_BACK);
      busy.add(undoing);
      spans.add(undoing);
    }
    if (paused.isPresent()) {
      Execution.Paused pause = paused.get();
      busy.add(new Span(pause.asked(), pause.resumed(), SimulatedStatus.PAUSED));
      if (pause.asked() < pause.paused()) {
        spans.add(new Span(pause.asked(), pause.paused(), SimulatedStatus.WAITING_FOR_PAUSE));
      }
      spans.add(new Span(pause.paused(), pause.resumed(), SimulatedStatus.PAUSED));
    }
    busy.sort(Comparator.comparingLong(Span::from));
    long idleSince = start;
    for (Span span : busy) {
      addIfLong(spans, idleSince, Math.min(span.from(), end));
      idleSince = Math.max(idleSince, span.to());
    }
    addIfLong(spans, idleSince, end);
    spans.sort(Comparator.comparingLong(Span::from));
    return spans;
  }

  private static void addIfLong(List<Span> spans, long from, long to) {
    if (to - from >= HIBERNATES_AFTER_MS) {
      spans.add(new Span(from, to, SimulatedStatus.WAITING));
    }
  }
}
