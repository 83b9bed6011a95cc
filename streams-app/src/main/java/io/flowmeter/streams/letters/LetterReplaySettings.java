package io.flowmeter.streams.letters;

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
public record LetterReplaySettings(
    Map<String, Object> kafka, LetterFilter filter, boolean again, boolean dryRun, Clock clock) {

  public LetterReplaySettings {
    kafka = Map.copyOf(kafka);
  }

  /** Every letter that was not replayed yet. */
  public static LetterReplaySettings of(Map<String, Object> kafka) {
    return new LetterReplaySettings(kafka, LetterFilter.ALL, false, false, Clock.system());
  }

  /** The same for some letters. */
  public LetterReplaySettings only(LetterFilter other) {
    return new LetterReplaySettings(kafka, other, again, dryRun, clock);
  }

  /** The same from the beginning. */
  public LetterReplaySettings fromTheBeginning() {
    return new LetterReplaySettings(kafka, filter, true, dryRun, clock);
  }

  /** The same without writing anything. */
  public LetterReplaySettings looking() {
    return new LetterReplaySettings(kafka, filter, again, true, clock);
  }

  /** The same by another clock. */
  public LetterReplaySettings withClock(Clock other) {
    return new LetterReplaySettings(kafka, filter, again, dryRun, other);
  }
}
