package io.flowmeter.ingest.telemetry;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.rollup.CollectorMinute;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Counts what the poller of an account does: in total since its start, and in each minute of its
 * clock. Safe for use by many threads.
 */
public final class Telemetry {
  private final Clock clock;

  /** New at every start, so that minutes of several processes add up. */
  private final String process = UUID.randomUUID().toString();

  // Guarded by this.
  private final Map<RequestKind, Long> requested = new EnumMap<>(RequestKind.class);
  private final Map<RequestKind, Map<Outcome, Long>> responded = new EnumMap<>(RequestKind.class);
  private final Map<Count, Long> counted = new EnumMap<>(Count.class);
  private final List<Long> freshness = new ArrayList<>();
  private double freshnessSum;
  private OptionalLong budgetLeft = OptionalLong.empty();

  /** When each workflow was last swept, by the clock's nanos, for wall clocks are put back. */
  private final Map<String, Long> sweeps = new HashMap<>();

  private Optional<Instant> lastSweep = Optional.empty();
  private long publishedNanos = System.nanoTime();

  /**
   * Counted of what was told since that was last taken; {@link PublishedMinutes} has its minutes.
   */
  private final Map<Count, Long> ofPublished = new EnumMap<>(Count.class);

  /** Minutes of which something is not told yet, and the present one. */
  private final NavigableMap<Instant, Minute> minutes = new TreeMap<>();

  public Telemetry(Clock clock) {
    this.clock = clock;
    for (int bucket = 0; bucket <= Freshness.BOUNDS_SECONDS.size(); bucket++) {
      freshness.add(0L);
    }
  }

  /** A request leaves. */
  public synchronized void requested(RequestKind call) {
    requested.merge(call, 1L, Long::sum);
    count(Count.REQUESTS, 1);
  }

  /** What became of a request that left. */
  public synchronized void responded(RequestKind call, Outcome outcome) {
    responded
        .computeIfAbsent(call, any -> new EnumMap<>(Outcome.class))
        .merge(outcome, 1L, Long::sum);
    switch (outcome) {
      case OK -> publishedSomething();
      case NOT_FOUND -> {}
      case RATE_LIMITED -> count(Count.REJECTED_429, 1);
      case REFUSED, FAILED, TIMED_OUT, MALFORMED -> count(Count.FAILED, 1);
    }
  }

  /** A request told something, if only that a thing is not there. */
  public synchronized void publishedSomething() {
    publishedNanos = System.nanoTime();
  }

  /** So many requests might still go now within the share of the limit. */
  public synchronized void budgetLeft(long requests) {
    budgetLeft = OptionalLong.of(requests);
    minute().budgetLeft(requests);
  }

  /** Ended runs became known. */
  public void known(long runs) {
    count(Count.KNOWN, runs);
  }

  /** Ended runs were told with their whole detail, for the first time. */
  public void fetched(long runs) {
    count(Count.FETCHED, runs);
  }

  /** Ended runs will never be fetched. */
  public void lost(LossReason loss, long runs) {
    count(Count.of(loss), runs);
  }

  /** Rows could not be used. */
  public void skippedRows(long rows) {
    count(Count.SKIPPED_ROWS, rows);
  }

  /**
   * An ended run was told.
   *
   * @param sinceEnd since its end, both by the source's clock
   */
  public synchronized void published(Duration sinceEnd) {
    int bucket = Freshness.bucket(sinceEnd);
    freshness.set(bucket, freshness.get(bucket) + 1);
    freshnessSum += Freshness.seconds(sinceEnd);
  }

  /** The workflow is listed: if it was never swept, it waits for that from now on. */
  public synchronized void listed(String workflow) {
    sweeps.putIfAbsent(workflow, clock.nanos());
  }

  /**
   * A sweep of the workflow ended now in which all was read, or its counts just said that there is
   * nothing to sweep.
   */
  public synchronized void swept(String workflow) {
    sweeps.put(workflow, clock.nanos());
    lastSweep = Optional.of(clock.instant());
  }

  /** The workflow was deleted: nobody waits for its next sweep. */
  public synchronized void deleted(String workflow) {
    sweeps.remove(workflow);
  }

  /** This process begins to poll. */
  public synchronized void start() {
    publishedNanos = System.nanoTime();
  }

  /** In real time, since a request last told something, or since the polling began. */
  public synchronized Duration sinceResponse() {
    return Duration.ofNanos(System.nanoTime() - publishedNanos);
  }

  /** Another process leads now: no workflow is swept here. */
  public synchronized void standBy() {
    sweeps.clear();
  }

  private synchronized void count(Count what, long more) {
    if (more > 0) {
      counted.merge(what, more, Long::sum);
      if (what.isOfPublished()) {
        ofPublished.merge(what, more, Long::sum);
      } else {
        minute().count(what, more);
      }
    }
  }

  private Minute minute() {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MINUTES);
    return minutes.computeIfAbsent(now, any -> new Minute());
  }

  /** What was counted since the start. */
  public synchronized Totals totals() {
    Map<LossReason, Long> lost = new EnumMap<>(LossReason.class);
    for (LossReason loss : LossReason.values()) {
      lost.put(loss, total(Count.of(loss)));
    }
    Map<RequestKind, Map<Outcome, Long>> outcomes = new EnumMap<>(RequestKind.class);
    responded.forEach((call, counts) -> outcomes.put(call, Map.copyOf(counts)));
    return new Totals(
        requested,
        outcomes,
        budgetLeft,
        total(Count.KNOWN),
        total(Count.FETCHED),
        lost,
        total(Count.SKIPPED_ROWS),
        new Freshness(freshness, freshnessSum),
        lastSweep,
        sweepLag());
  }

  private Optional<Duration> sweepLag() {
    long now = clock.nanos();
    return sweeps.values().stream()
        .map(swept -> Duration.ofNanos(now - swept))
        .max(Comparator.naturalOrder());
  }

  private long total(Count what) {
    return counted.getOrDefault(what, 0L);
  }

  /** What was counted of what is told since the last call. */
  synchronized Map<Count, Long> takePublished() {
    Map<Count, Long> taken = Map.copyOf(ofPublished);
    ofPublished.clear();
    return taken;
  }

  /** The minutes of which something is not told yet, as they stand now, oldest first. */
  synchronized List<CollectorMinute> unpublished(String account) {
    Instant now = clock.instant();
    List<CollectorMinute> pending = new ArrayList<>();
    minutes.forEach(
        (minute, counts) -> {
          if (!counts.isPublished()) {
            pending.add(counts.toRecord(account, minute, process, now));
          }
        });
    return pending;
  }

  /** These are stored. What was counted in their minutes since is still to be told. */
  synchronized void stored(List<CollectorMinute> published) {
    Instant present = clock.instant().truncatedTo(ChronoUnit.MINUTES);
    for (CollectorMinute each : published) {
      Minute minute = minutes.get(each.getMinute());
      if (minute != null) {
        minute.markPublished(each.getRevision());
      }
    }
    minutes.headMap(present).values().removeIf(Minute::isPublished);
  }
}
