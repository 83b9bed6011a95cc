package io.flowmeter.streams.run;

import io.flowmeter.schemas.fact.Transition;
import io.flowmeter.schemas.state.EndSeen;
import io.flowmeter.schemas.state.StatusSample;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The changes of a run's status. Its queueing, start and ends are exact, by the API's timestamps.
 * What lies between is sampled by polls and says so: it happened in ({@code not_before}, {@code
 * at}].
 */
final class TransitionDerivation {
  private final RunKey run;
  private final List<Transition> transitions = new ArrayList<>();

  private TransitionDerivation(RunKey run) {
    this.run = run;
  }

  /**
   * @param startedAt null where the run did not start, or nobody told when
   * @param endedAt of a run that ended though no detail told so; else null
   */
  static List<Transition> of(
      RunKey run,
      Instant queuedAt,
      Instant startedAt,
      Instant endedAt,
      List<StatusSample> samples,
      List<EndSeen> ends) {
    TransitionDerivation derivation = new TransitionDerivation(run);
    derivation.exact(Status.QUEUED, queuedAt);
    if (startedAt != null) {
      derivation.exact(Status.RUNNING, startedAt);
    }
    Instant known = startedAt == null ? queuedAt : startedAt;
    for (EndSeen end : ends) {
      derivation.sampled(samples, known, end.getAt());
      derivation.exact(end.getStatus(), end.getAt());
      // A live status that was seen before a detail told the end was stale, not a re-opening.
      known = end.getSeenAt();
    }
    derivation.sampled(samples, known, ends.isEmpty() ? endedAt : null);
    if (ends.isEmpty() && endedAt != null) {
      String status =
          samples.stream()
              .map(StatusSample::getStatus)
              .filter(Status::isTerminal)
              .reduce((earlier, later) -> later)
              .orElse("");
      if (!status.isEmpty()) {
        derivation.exact(status, endedAt);
      }
    }
    if (ends.isEmpty() && endedAt == null) {
      derivation.latest(samples);
    }
    return derivation.transitions;
  }

  /**
   * Sightings after the one time and before the other, which may be null for no bound. One of an
   * end may belong to the exact one that follows, for clocks differ, unless it was left again.
   */
  private void sampled(List<StatusSample> samples, Instant after, Instant before) {
    for (StatusSample sample : samples) {
      boolean outside =
          !sample.getAt().isAfter(after) || (before != null && !sample.getAt().isBefore(before));
      boolean ending =
          before != null
              && Status.isTerminal(sample.getStatus())
              && !isLeft(samples, sample.getAt(), before);
      if (!outside && !ending && !sample.getStatus().isEmpty()) {
        add(sample.getStatus(), sample.getAt(), false, sample.getNotBefore());
      }
    }
  }

  private static boolean isLeft(List<StatusSample> samples, Instant after, Instant before) {
    return samples.stream()
        .filter(sample -> sample.getAt().isAfter(after) && sample.getAt().isBefore(before))
        .anyMatch(sample -> !Status.isTerminal(sample.getStatus()));
  }

  /**
   * A live run is in the status last seen. The clock of sightings may be behind that of the run's
   * start by the fraction of a second that a Date leaves out, and more.
   */
  private void latest(List<StatusSample> samples) {
    if (!samples.isEmpty()) {
      StatusSample sample = samples.get(samples.size() - 1);
      if (!sample.getStatus().isEmpty()) {
        add(sample.getStatus(), sample.getAt(), false, sample.getNotBefore());
      }
    }
  }

  private void exact(String status, Instant at) {
    add(status, at, true, at);
  }

  private void add(String status, Instant seen, boolean exact, Instant notBefore) {
    Transition previous = transitions.isEmpty() ? null : transitions.get(transitions.size() - 1);
    if (previous != null && previous.getToStatus().equals(status)) {
      return;
    }
    Instant at = previous == null || seen.isAfter(previous.getAt()) ? seen : previous.getAt();
    Instant earliest = previous == null ? at : previous.getAt();
    Instant bound = notBefore != null && notBefore.isAfter(earliest) ? notBefore : earliest;
    Transition transition = new Transition();
    transition.setAccountId(run.accountId());
    transition.setWorkflow(run.workflow());
    transition.setInstanceId(run.instanceId());
    transition.setRun(run.run());
    transition.setSeq(transitions.size() + 1);
    transition.setFromStatus(previous == null ? "" : previous.getToStatus());
    transition.setToStatus(status);
    transition.setAt(at);
    transition.setAtIsExact(exact);
    transition.setNotBefore(exact || bound.isAfter(at) ? at : bound);
    transition.setPreviousMs(
        previous == null ? 0 : at.toEpochMilli() - previous.getAt().toEpochMilli());
    transition.setRevision(0);
    transitions.add(transition);
  }
}
