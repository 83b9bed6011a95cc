package io.flowmeter.ingest.telemetry;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a poller did since its start.
 *
 * @param requested requests that left, repeated ones too
 * @param responses requests that came to something, by what they came to
 * @param budgetLeft requests that might still go now within the share of the limit; empty where
 *     nothing limits them, or nobody asked yet
 * @param known ended runs that became known
 * @param fetched ended runs whose whole detail was told for the first time
 * @param lost ended runs that are never fetched
 * @param skippedRows rows without id, or without both status and created_on
 * @param freshness from a run's end until it was told
 * @param lastSweep when the last sweep of any workflow ended, by the poller's clock
 * @param sweepLag since the end of the last complete sweep of the workflow that waits longest, or
 *     since it was first listed; never negative; empty while none is listed
 */
public record Totals(
    Map<RequestKind, Long> requested,
    Map<RequestKind, Map<Outcome, Long>> responses,
    OptionalLong budgetLeft,
    long known,
    long fetched,
    Map<LossReason, Long> lost,
    long skippedRows,
    Freshness freshness,
    Optional<Instant> lastSweep,
    Optional<Duration> sweepLag) {

  public Totals {
    requested = Map.copyOf(requested);
    responses = Map.copyOf(responses);
    lost = Map.copyOf(lost);
  }

  /** Requests that left, repeated ones too. */
  public long requests() {
    return requested.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Requests of any kind that came to this. */
  public long responses(Outcome outcome) {
    return responses.values().stream().mapToLong(each -> each.getOrDefault(outcome, 0L)).sum();
  }

  /** Requests that were answered with 429. */
  public long rateLimited() {
    return responses(Outcome.RATE_LIMITED);
  }

  /** Requests that told nothing for another reason; that a thing is not there tells something. */
  public long failed() {
    long published = responses(Outcome.OK) + responses(Outcome.NOT_FOUND) + rateLimited();
    return responses.values().stream()
            .flatMap(each -> each.values().stream())
            .mapToLong(Long::longValue)
            .sum()
        - published;
  }

  /** Ended runs fetched ÷ ended runs known of; empty while none is known. */
  public Optional<Double> coverage() {
    return known == 0 ? Optional.empty() : Optional.of((double) fetched / known);
  }
}
