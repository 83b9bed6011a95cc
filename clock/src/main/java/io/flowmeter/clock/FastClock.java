package io.flowmeter.clock;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Virtual time. It starts at an epoch in the past and runs {@code speed} times as fast as real time
 * until it has caught up with the present. From then on it is the present.
 *
 * <p>Processes with the same epoch, start and speed agree on the time as far as their machines'
 * clocks agree.
 */
public final class FastClock implements Clock {
  private static final Pattern TEXT = Pattern.compile("([^@]+)@([^@*]+)\\*([0-9.]+)");

  private final Instant epoch;
  private final Instant start;
  private final double speed;
  private final long behindNanos;
  private final long anchorNanos;

  /**
   * @param epoch the virtual moment at {@code start}; not after it
   * @param start the real moment at which virtual time starts to run; not in the future
   * @param speed virtual seconds per real second, at least 1
   */
  public FastClock(Instant epoch, Instant start, double speed) {
    if (!(speed >= 1 && speed <= 1_000_000)) {
      throw new IllegalArgumentException("expected a speed from 1 to 1000000, got " + speed);
    }
    if (epoch.isAfter(start)) {
      throw new IllegalArgumentException(
          "expected an epoch that is not after the start, because virtual time ends at the present; got "
              + epoch
              + " and "
              + start);
    }
    this.epoch = epoch;
    this.start = start;
    this.speed = speed;
    this.behindNanos = Duration.between(epoch, start).toNanos();
    long sinceStart = Duration.between(start, Clock.system().instant()).toNanos();
    this.anchorNanos = System.nanoTime() - sinceStart;
  }

  /** Returns a clock that starts at the epoch now. */
  public static FastClock from(Instant epoch, double speed) {
    return new FastClock(epoch, Clock.system().instant(), speed);
  }

  /**
   * Parses the format of {@link #toString}: {@code epoch@start*speed}.
   *
   * @throws IllegalArgumentException if the text does not have this form
   */
  public static FastClock parse(String text) {
    Matcher parts = TEXT.matcher(text);
    try {
      if (parts.matches()) {
        return new FastClock(
            Instant.parse(parts.group(1)),
            Instant.parse(parts.group(2)),
            Double.parseDouble(parts.group(3)));
      }
    } catch (DateTimeException | NumberFormatException e) {
      throw unreadable(text, e);
    }
    throw unreadable(text, null);
  }

  private static IllegalArgumentException unreadable(String text, Exception cause) {
    return new IllegalArgumentException(
        "expected a clock like 2026-01-01T00:00:00Z@2026-01-02T00:00:00Z*288, that is the virtual"
            + " epoch, the real moment at which it starts, and the speed; got "
            + text,
        cause);
  }

  /** Returns the virtual moment at the start. */
  public Instant epoch() {
    return epoch;
  }

  @Override
  public Instant instant() {
    return epoch.plusNanos(nanos());
  }

  @Override
  public long nanos() {
    long real = System.nanoTime() - anchorNanos;
    return Math.min((long) (real * speed), real + behindNanos);
  }

  @Override
  public void sleep(Duration time) throws InterruptedException {
    long until = nanos() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = until - nanos()) {
      TimeUnit.NANOSECONDS.sleep(realNanos(left));
    }
  }

  @Override
  @SuppressWarnings("WaitNotInLoop") // The caller checks again.
  public void await(Condition condition, Duration atMost) throws InterruptedException {
    condition.awaitNanos(realNanos(atMost.toNanos()));
  }

  @Override
  public Duration real(Duration time) {
    return Duration.ofNanos(realNanos(time.toNanos()));
  }

  private long realNanos(long virtual) {
    long real = System.nanoTime() - anchorNanos;
    boolean caughtUp = real * speed >= real + behindNanos;
    return caughtUp ? virtual : Math.max(1, (long) (virtual / speed));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FastClock clock && toString().equals(clock.toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  @Override
  public String toString() {
    return epoch + "@" + start + "*" + speed;
  }
}
