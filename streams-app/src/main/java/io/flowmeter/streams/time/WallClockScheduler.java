package io.flowmeter.streams.time;

import io.flowmeter.clock.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessingContext;

/**
 * What a processor does every so often, from its initialization until it is closed, by the clock
 * that is handed in. Kafka Streams punctuates in real time; however fast the clock runs, rounds are
 * no closer than {@link #LEAST}, since a round costs real work.
 */
public final class WallClockScheduler {
  private static final Duration LEAST = Duration.ofMillis(100);

  private final Clock clock;
  private final List<Cancellable> scheduled = new ArrayList<>();

  public WallClockScheduler(Clock clock) {
    this.clock = clock;
  }

  /**
   * Schedules a round of a processor that is initialized.
   *
   * @param time of the clock
   */
  public void every(Duration time, ProcessingContext context, Runnable round) {
    Duration real = clock.real(time);
    scheduled.add(
        context.schedule(
            real.compareTo(LEAST) < 0 ? LEAST : real,
            PunctuationType.WALL_CLOCK_TIME,
            now -> round.run()));
  }

  /** No more of them. A task that is revived keeps what was scheduled before, and adds to it. */
  public void stop() {
    scheduled.forEach(Cancellable::cancel);
    scheduled.clear();
  }
}
