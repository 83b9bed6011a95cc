package io.flowmeter.cli.console;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.slf4j.Marker;

/**
 * Keeps what some loggers warn of again and again to one line a minute, whichever values stand in
 * it: while something is away, its clients say so several times a second, and each of them.
 */
final class LogThrottle extends TurboFilter {
  private static final Duration EVERY = Duration.ofMinutes(1);

  /** What Kafka's clients put before a message: who says it. Then values that stand in it. */
  private static final Pattern VARIES = Pattern.compile("^\\[[^\\]]*\\] |\\S*\\d\\S*");

  private final Set<String> loggers;
  private final LongSupplier nanoTime;
  private final Map<String, Long> publishedAt = new HashMap<>();

  LogThrottle(Set<String> loggers, LongSupplier nanoTime) {
    this.loggers = Set.copyOf(loggers);
    this.nanoTime = nanoTime;
  }

  @Override
  public FilterReply decide(
      Marker marker, Logger logger, Level level, String format, Object[] values, Throwable thrown) {
    // Without a message it is only asked whether the level is on.
    if (level != Level.WARN || format == null || !loggers.contains(logger.getName())) {
      return FilterReply.NEUTRAL;
    }
    return isTime(VARIES.matcher(format).replaceAll("")) ? FilterReply.NEUTRAL : FilterReply.DENY;
  }

  private synchronized boolean isTime(String line) {
    long now = nanoTime.getAsLong();
    Long before = publishedAt.get(line);
    if (before != null && now - before < EVERY.toNanos()) {
      return false;
    }
    publishedAt.put(line, now);
    return true;
  }
}
