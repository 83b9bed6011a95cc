package io.flowmeter.streams.deadletter;

import io.flowmeter.clock.Clock;
import java.util.Map;

/**
 * How dead letters are replayed.
 *
 * @param kafka the Kafka client's own settings, {@code bootstrap.servers} among them
 * @param filter which letters are meant
 * @param again whether those are meant, too, that were replayed before
 * @param dryRun whether to look only
 * @param clock tells which timestamps Kafka would take for too old
 */
public record DeadLetterReplaySettings(
    Map<String, Object> kafka,
    DeadLetterFilter filter,
    boolean again,
    boolean dryRun,
    Clock clock) {

  public DeadLetterReplaySettings {
    kafka = Map.copyOf(kafka);
  }

  /** Every letter that was not replayed yet. */
  public static DeadLetterReplaySettings of(Map<String, Object> kafka) {
    return new DeadLetterReplaySettings(kafka, DeadLetterFilter.ALL, false, false, Clock.system());
  }

  /** The same for some letters. */
  public DeadLetterReplaySettings only(DeadLetterFilter other) {
    return new DeadLetterReplaySettings(kafka, other, again, dryRun, clock);
  }

  /** The same from the beginning. */
  public DeadLetterReplaySettings fromTheBeginning() {
    return new DeadLetterReplaySettings(kafka, filter, true, dryRun, clock);
  }

  /** The same without writing anything. */
  public DeadLetterReplaySettings looking() {
    return new DeadLetterReplaySettings(kafka, filter, again, true, clock);
  }

  /** The same by another clock. */
  public DeadLetterReplaySettings withClock(Clock other) {
    return new DeadLetterReplaySettings(kafka, filter, again, dryRun, other);
  }
}
