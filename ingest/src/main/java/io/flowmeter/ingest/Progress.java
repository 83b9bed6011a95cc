package io.flowmeter.ingest;

import io.flowmeter.ingest.poll.PollPlan;
import io.flowmeter.ingest.telemetry.Totals;
import java.time.Instant;
import java.util.Optional;

/**
 * Where the poller stands.
 *
 * @param isLeader whether this process polls the account; else another one does, and this one
 *     stands by, knowing nothing of workflows and instances
 * @param workflows known
 * @param instances known
 * @param live instances that have not ended
 * @param ended instances that have
 * @param detailsFetched since the start
 * @param observations told since the start
 * @param requests that left since the start, repeated ones too
 * @param rateLimited requests answered with 429 since the start
 * @param failed requests that told nothing for another reason, since the start
 * @param lastSweepAt when the last sweep of any workflow ended, by the source's clock
 * @param skippedRows rows of the last sweep of each workflow that could not be used
 * @param backlog details that wait to be fetched, and units that wait to be committed
 * @param planning what the planner decided, and why; empty where this process stands by
 * @param lastProblem what the last failure said; it stays after the failure is over
 */
public record Progress(
    boolean isLeader,
    int workflows,
    int instances,
    int live,
    int ended,
    long detailsFetched,
    long observations,
    long requests,
    long rateLimited,
    long failed,
    Optional<Instant> lastSweepAt,
    int skippedRows,
    long backlog,
    Optional<PollPlan> planning,
    Optional<String> lastProblem) {

  /** Of a process that stands by. */
  static Progress standingBy(Totals totals) {
    return new Progress(
        false,
        0,
        0,
        0,
        0,
        0,
        0,
        totals.requests(),
        totals.rateLimited(),
        totals.failed(),
        Optional.empty(),
        0,
        0,
        Optional.empty(),
        Optional.empty());
  }
}
