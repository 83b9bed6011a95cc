package io.flowmeter.cli.health;

import io.flowmeter.streams.StreamProcessing;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Says once that stream threads fail again and again. Each is replaced, so that the topology looks
 * well while it may not get on. Used by one thread.
 */
public final class FailingThreads {
  private static final int MANY = 3;

  /**
   * A failed thread stays a member of its group until Kafka misses it, 45 s by default, and only
   * then its replacement gets its partitions, to fail again.
   */
  private static final Duration WITHIN = Duration.ofMinutes(5);

  private final LongSupplier nanoTime;
  private final Deque<Long> failedAt = new ArrayDeque<>();
  private int seen;
  private boolean published;

  public FailingThreads(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** To be asked every now and then; empty where there is nothing to say, or it was said. */
  public Optional<String> newFailure(StreamProcessing topology) {
    return newFailure(topology.failures(), topology.failure());
  }

  Optional<String> newFailure(int failures, Optional<Throwable> last) {
    long now = nanoTime.getAsLong();
    for (; seen < failures; seen++) {
      failedAt.add(now);
    }
    while (!failedAt.isEmpty() && now - failedAt.peek() > WITHIN.toNanos()) {
      failedAt.remove();
    }
    if (published || failedAt.size() < MANY) {
      return Optional.empty();
    }
    published = true;
    return Optional.of(
        "the topology failed %d times within %d minutes and begins again each time, last with: %s; see the log"
            .formatted(
                failedAt.size(),
                WITHIN.toMinutes(),
                last.map(Throwable::toString).orElse("no reason told")));
  }
}
