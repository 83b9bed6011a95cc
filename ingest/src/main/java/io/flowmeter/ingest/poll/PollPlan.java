package io.flowmeter.ingest.poll;

import java.time.Duration;
import java.util.Optional;

/**
 * What the planner decided, and why.
 *
 * @param interval between lists of the workflows, in force
 * @param reason why it is as long, in words
 * @param requestsPerSecond that the budget grants under load; infinite where nothing limits them
 * @param endedPerSecond runs that end, as known
 * @param sampling of the completed runs of the workflow that is sampled most, one of so many is
 *     fetched; 1 where all are
 * @param listRequests since the start, of workflows and of instances, without the backfill
 * @param listBound the least number of such requests, as far as the planner knows: each interval
 *     one for 100 workflows, and for each whose counts moved one for 100 new and one for 100 live
 *     instances
 * @param backlog details of ended runs that are owed
 * @param backfill what was there before the first start
 */
public record PollPlan(
    Duration interval,
    String reason,
    double requestsPerSecond,
    double endedPerSecond,
    long sampling,
    long listRequests,
    long listBound,
    long backlog,
    Backfilling backfill) {

  /**
   * How far the backfill went since the start of this process.
   *
   * @param known ended runs that were listed
   * @param fetched of these with their details
   * @param ahead instances that are not listed yet, about; at most, where it was resumed, for what
   *     an earlier process listed and forgot is among them
   * @param left the time until all is fetched, expected from the pace since the start; empty while
   *     there is no pace to go by, zero where all is done
   * @param resumed an earlier process began it, and what that did is not in these numbers
   */
  public record Backfilling(
      long known, long fetched, long ahead, Optional<Duration> left, boolean resumed) {
    /** Share that is done, from 0 to 1; of what is left since the start, where it was resumed. */
    public double done() {
      return known + ahead == 0 ? 1 : (double) fetched / (known + ahead);
    }
  }
}
