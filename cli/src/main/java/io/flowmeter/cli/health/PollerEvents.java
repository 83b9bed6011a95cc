package io.flowmeter.cli.health;

import io.flowmeter.ingest.telemetry.LossReason;
import io.flowmeter.ingest.telemetry.Totals;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * A line, once a minute at most, when ended runs became known that can never be fetched. Used by
 * one thread.
 */
public final class PollerEvents {
  private static final Logger LOG = LoggerFactory.getLogger(PollerEvents.class);
  private static final Duration EVERY = Duration.ofMinutes(1);

  private final LongSupplier nanoTime;
  private final Map<String, Map<LossReason, Long>> told = new HashMap<>();
  private final Map<String, Long> publishedAt = new HashMap<>();

  public PollerEvents(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** To be told every now and then what a poller did since its start. */
  public void check(String account, Totals totals) {
    long now = nanoTime.getAsLong();
    if (publishedAt.containsKey(account) && now - publishedAt.get(account) < EVERY.toNanos()) {
      return;
    }
    Map<LossReason, Long> before = told.getOrDefault(account, Map.of());
    Map<LossReason, Long> more = new EnumMap<>(LossReason.class);
    totals
        .lost()
        .forEach(
            (loss, runs) -> {
              long since = runs - before.getOrDefault(loss, 0L);
              if (since > 0) {
                more.put(loss, since);
              }
            });
    if (more.isEmpty()) {
      return;
    }
    told.put(account, totals.lost());
    publishedAt.put(account, now);
    LoggingEventBuilder line =
        LOG.atWarn().addKeyValue("event", "runs_lost").addKeyValue("account", account);
    for (Map.Entry<LossReason, Long> each : more.entrySet()) {
      line = line.addKeyValue(word(each.getKey()), each.getValue());
    }
    line.log(
        "ended runs of {} that can never be fetched: {}",
        account,
        more.entrySet().stream()
            .map(each -> each.getValue() + " " + word(each.getKey()))
            .collect(Collectors.joining(", ")));
  }

  private static String word(LossReason loss) {
    return loss.name().toLowerCase(Locale.ROOT);
  }
}
