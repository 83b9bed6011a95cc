package io.flowmeter.simulator.ledger;

import io.flowmeter.simulator.model.SimulatedRun;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A life that some answer showed: the truth of it, and what was shown when. What an answer at a
 * moment told of it is {@code life.asOf(moment)}.
 *
 * @param instanceId as in the API
 * @param createdOn the {@code created_on} of the instance's rows, the same for all its lives
 * @param position 0 for the instance's first life, 1 for the next
 * @param run the whole truth, past and to come; {@code queued} names it within its instance
 * @param rows how many rows of lists showed it
 * @param intervals which statuses rows and details showed, in order of time; never empty
 * @param details those served, in order of time; empty when only rows showed this life
 * @param gone when the API removes the instance, its last life's retention being over; empty where
 *     that life never ends
 */
public record ServedRun(
    String workflow,
    String instanceId,
    Instant createdOn,
    int position,
    SimulatedRun run,
    int rows,
    List<StatusInterval> intervals,
    List<ServedDetail> details,
    Optional<Instant> gone) {

  /** When an answer first showed it. */
  public Instant firstSeen() {
    return intervals.get(0).first();
  }

  /** When an answer last showed it. */
  public Instant lastSeen() {
    return intervals.get(intervals.size() - 1).last();
  }

  /** The last detail with steps that showed the life ended; empty when none did. */
  public Optional<Instant> finalDetailAt() {
    return lastDetail(this::hasEnded);
  }

  /** The last detail with steps that showed the life not ended; empty when none did. */
  public Optional<Instant> liveDetailAt() {
    return lastDetail(at -> !hasEnded(at));
  }

  private boolean hasEnded(Instant at) {
    return run.asOf(at).end().isPresent();
  }

  private Optional<Instant> lastDetail(Predicate<Instant> wanted) {
    return details.stream()
        .filter(ServedDetail::whole)
        .map(ServedDetail::at)
        .filter(wanted)
        .reduce((earlier, later) -> later);
  }
}
