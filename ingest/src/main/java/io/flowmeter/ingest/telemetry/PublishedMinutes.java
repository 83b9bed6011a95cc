package io.flowmeter.ingest.telemetry;

import io.flowmeter.schemas.rollup.CollectorMinute;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The minutes of what became known, was fetched, or is lost, as running totals of one term of a
 * poller. Each is committed together with what it counts, so that whoever dies, and wherever,
 * neither loses nor doubles any of it: what was not committed is found, and counted, by the next
 * term. Used by one thread at a time.
 */
public final class PublishedMinutes {
  private final Telemetry telemetry;
  private final String account;
  private final InstantSource clock;

  /** New in every term, so that minutes of several add up. */
  private final String process = UUID.randomUUID().toString();

  private Instant minute = Instant.MIN;
  private Minute counts = new Minute();

  /** Begins a term: what an earlier one counted is none of it. */
  public PublishedMinutes(Telemetry telemetry, String account, InstantSource clock) {
    this.telemetry = telemetry;
    this.account = account;
    this.clock = clock;
    telemetry.takePublished();
  }

  /** The present minute, where something was counted since the last call. */
  public Optional<CollectorMinute> next() {
    Map<Count, Long> more = telemetry.takePublished();
    if (more.isEmpty()) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    Instant present = now.truncatedTo(ChronoUnit.MINUTES);
    if (present.isAfter(minute)) {
      minute = present;
      counts = new Minute();
    }
    more.forEach(counts::count);
    return Optional.of(counts.toRecord(account, minute, process, now));
  }
}
