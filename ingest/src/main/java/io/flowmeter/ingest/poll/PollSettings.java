package io.flowmeter.ingest.poll;

import java.time.Duration;

/**
 * How often and how much is polled.
 *
 * @param interval between lists of the workflows, at least
 * @param concurrency requests on their way at a time
 * @param rechecks when unchanged instances are looked at again
 * @param looksPerSweep details of unchanged instances in one sweep of whole lists
 * @param publicationInterval a sweep's end is told at least so often
 * @param retention how long ended instances are remembered at most
 * @param versionsEvery versions are listed at least so often
 */
public record PollSettings(
    Duration interval,
    int concurrency,
    RecheckPolicy rechecks,
    int looksPerSweep,
    Duration publicationInterval,
    Duration retention,
    Duration versionsEvery) {

  /** As production is polled by default. */
  public static PollSettings production(Duration interval, int concurrency) {
    Duration retention = Duration.ofDays(31);
    RecheckPolicy rechecks =
        new RecheckPolicy(
            Duration.ofMinutes(1), Duration.ofMinutes(15), false, Duration.ofMinutes(1), retention);
    return new PollSettings(
        interval,
        concurrency,
        rechecks,
        0,
        Duration.ofMinutes(1),
        retention,
        Duration.ofMinutes(30));
  }
}
