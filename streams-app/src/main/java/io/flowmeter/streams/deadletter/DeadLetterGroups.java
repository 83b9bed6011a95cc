package io.flowmeter.streams.deadletter;

import io.flowmeter.streams.error.ErrorPattern;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Letters by where they came from and why, as they come by. */
final class DeadLetterGroups {
  private record Key(String topic, String cause, String impossible) {}

  private final Map<Key, DeadLetterReplayResult.Group> groups = new LinkedHashMap<>();

  /**
   * @param impossible why the letter cannot be replayed; empty where it can
   */
  void add(DeadLetterRecord deadLetter, String impossible) {
    Key key = new Key(deadLetter.topic().orElse(""), cause(deadLetter), impossible);
    groups.merge(key, alone(key, deadLetter), DeadLetterGroups::together);
  }

  /** The largest first. */
  List<DeadLetterReplayResult.Group> all() {
    List<DeadLetterReplayResult.Group> all = new ArrayList<>(groups.values());
    all.sort(Comparator.comparingLong(DeadLetterReplayResult.Group::deadLetters).reversed());
    return all;
  }

  private static String cause(DeadLetterRecord deadLetter) {
    String pattern = ErrorPattern.of(deadLetter.message());
    return pattern.isEmpty() ? deadLetter.exception() : deadLetter.exception() + ": " + pattern;
  }

  private static DeadLetterReplayResult.Group alone(Key key, DeadLetterRecord deadLetter) {
    Instant at = deadLetter.at();
    return new DeadLetterReplayResult.Group(
        key.topic(),
        key.cause(),
        key.impossible(),
        1,
        deadLetter.replays() > 0 ? 1 : 0,
        at,
        at,
        deadLetter.key(),
        deadLetter.partition().partition() + "@" + deadLetter.offset());
  }

  private static DeadLetterReplayResult.Group together(
      DeadLetterReplayResult.Group some, DeadLetterReplayResult.Group others) {
    return new DeadLetterReplayResult.Group(
        some.topic(),
        some.cause(),
        some.impossible(),
        some.deadLetters() + others.deadLetters(),
        some.replayedBefore() + others.replayedBefore(),
        some.first().isBefore(others.first()) ? some.first() : others.first(),
        some.last().isAfter(others.last()) ? some.last() : others.last(),
        some.sampleKey(),
        some.sample());
  }
}
