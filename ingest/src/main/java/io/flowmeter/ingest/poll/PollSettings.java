package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.budget.Allowance;
import java.time.Duration;

/**
 * How often and how much is polled. The bounds let a sweep go in time, so that neither what is old
 * nor what is still keeps it from what is new.
 *
 * @param interval between sweeps of a workflow, at least
 * @param concurrency sweeps, and beside them details, on their way at a time
 * @param looks when unchanged instances are looked at again
 * @param visitsPerList details of new and changed instances from one list of one sweep, and of
 *     those that no list holds any more
 * @param looksPerSweep details of unchanged instances in one sweep
 * @param lookAllowance for all details of unchanged instances
 * @param toldAtLeast a sweep's end is told at least so often
 * @param retention how long ended instances are remembered
 * @param versionsEvery versions are listed at least so often
 */
public record PollSettings(
    Duration interval,
    int concurrency,
    Looks looks,
    int visitsPerList,
    int looksPerSweep,
    Allowance lookAllowance,
    Duration toldAtLeast,
    Duration retention,
    Duration versionsEvery) {}
