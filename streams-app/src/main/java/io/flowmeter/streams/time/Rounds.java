package io.flowmeter.streams.time;

import io.flowmeter.clock.Clock;
import java.time.Duration;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessingContext;

/**
 * What a processor does every so often, by the clock that is handed in. Kafka Streams punctuates in
 * real time; however fast the clock runs, rounds are no closer than {@link #LEAST}, since a round
 * costs real work.
 */
public final class Rounds {
  private static final Duration LEAST = Duration.ofMillis(100);

  private Rounds() {}

  /**
   * Schedules the rounds of a processor that is initialized.
   *
   * @param time of the clock
   */
  public static void every(Duration time, Clock clock, ProcessingContext context, Runnable round) {
    Duration real = clock.real(time);
    context.schedule(
        real.compareTo(LEAST) < 0 ? LEAST : real,
        PunctuationType.WALL_CLOCK_TIME,
        now -> round.run());
  }
}
