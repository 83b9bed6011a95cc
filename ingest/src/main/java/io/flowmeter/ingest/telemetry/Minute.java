package io.flowmeter.ingest.telemetry;

import io.flowmeter.schemas.rollup.CollectorMinute;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;

/** What was counted in a minute. Its revision is the number of changes, so it rises with each. */
final class Minute {
  private final Map<Count, Long> counts = new EnumMap<>(Count.class);
  private Long budgetLeft;
  private long revision;
  private long publishedRevision;

  void count(Count what, long more) {
    counts.merge(what, more, Long::sum);
    revision++;
  }

  void budgetLeft(long requests) {
    budgetLeft = requests;
    revision++;
  }

  void markPublished(long storedRevision) {
    publishedRevision = Math.max(publishedRevision, storedRevision);
  }

  boolean isPublished() {
    return publishedRevision == revision;
  }

  private long counted(Count what) {
    return counts.getOrDefault(what, 0L);
  }

  CollectorMinute toRecord(String account, Instant minute, String process, Instant now) {
    return CollectorMinute.newBuilder()
        .setAccountId(account)
        .setMinute(minute)
        .setProcess(process)
        .setRequests(counted(Count.REQUESTS))
        .setRejected429(counted(Count.REJECTED_429))
        .setFailed(counted(Count.FAILED))
        .setBudgetLeft(budgetLeft)
        .setKnown(counted(Count.KNOWN))
        .setFetched(counted(Count.FETCHED))
        .setLostSampledOut(counted(Count.LOST_SAMPLED_OUT))
        .setLostRestarted(counted(Count.LOST_RESTARTED))
        .setLostVanished(counted(Count.LOST_VANISHED))
        .setSkippedRows(counted(Count.SKIPPED_ROWS))
        .setObservedAt(now)
        .setRevision(revision)
        .build();
  }
}
