package io.flowmeter.verify.required;

import io.flowmeter.simulator.ledger.StatusInterval;
import io.flowmeter.verify.expected.ReportedRun;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A run that is due.
 *
 * @param certainty how much of it the answers determine
 * @param run the run as the answers told it
 * @param intervals in which statuses answers showed it, in order of time
 * @param endsPublished the ends that details told, in epoch milliseconds, in order of time
 * @param details when details told of it
 * @param asReported of these, the last that came in a row and told the same: the first of them is
 *     told, and what follows is no news
 * @param endedDetails how many details told of it after an end
 * @param drawable whether it may stand for more than itself: the first end that was shown was a
 *     completion, and no detail had told of its inside before. What is decided then is not
 *     revisited, however it ends later
 * @param leftOut where it completed and was opened again before a detail told of an end: the same
 *     as it is to be told if it was left out then, for that is not revisited, though a detail of a
 *     later end was asked for by one who had missed it in lists
 * @param gone when the API removes it, if it is the instance's newest; empty where it stays
 */
public record RequiredRun(
    Certainty certainty,
    ReportedRun run,
    List<StatusInterval> intervals,
    List<Long> endsPublished,
    List<Instant> details,
    List<Instant> asReported,
    int endedDetails,
    boolean drawable,
    Optional<RequiredRun> leftOut,
    Optional<Instant> gone) {

  /** How much of a run the answers determine. */
  public enum Certainty {
    /** All of it. */
    EXACT,
    /**
     * A restart replaced it before its end was read: rows of the new life may have been taken for
     * its own, until a detail told of the restart.
     */
    CUT_OFF,
    /**
     * The instance's first life was never shown. Whoever saw a row of a later one before its detail
     * had to take it for the first.
     */
    POSSIBLE
  }

  /** Whether the API had removed it at this moment. */
  public boolean isDeleted(Instant at) {
    return gone.filter(when -> !when.isAfter(at)).isPresent();
  }

  /** When an answer first showed it. */
  public Instant firstSeen() {
    return intervals.stream()
        .map(StatusInterval::first)
        .min(Instant::compareTo)
        .orElse(Instant.MIN);
  }

  /** When an answer last showed it. */
  public Instant lastSeen() {
    return intervals.stream().map(StatusInterval::last).max(Instant::compareTo).orElse(Instant.MAX);
  }
}
