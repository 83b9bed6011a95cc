package io.flowmeter.streams.letters;

import io.flowmeter.streams.error.ErrorPattern;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Letters by where they came from and why, as they come by. */
final class LetterGroups {
  private record Key(String topic, String cause, String impossible) {}

  private final Map<Key, LetterReplayResult.Group> groups = new LinkedHashMap<>();

  /**
   * @param impossible why the letter cannot be replayed; empty where it can
   */
  void add(Letter letter, String impossible) {
    Key key = new Key(letter.topic().orElse(""), cause(letter), impossible);
    groups.merge(key, alone(key, letter), LetterGroups::together);
  }

  /** The largest first. */
  List<LetterReplayResult.Group> all() {
    List<LetterReplayResult.Group> all = new ArrayList<>(groups.values());
    all.sort(Comparator.comparingLong(LetterReplayResult.Group::letters).reversed());
    return all;
  }

  private static String cause(Letter letter) {
    String pattern = ErrorPattern.of(letter.message());
    return pattern.isEmpty() ? letter.exception() : letter.exception() + ": " + pattern;
  }

  private static LetterReplayResult.Group alone(Key key, Letter letter) {
    Instant at = letter.at();
    return new LetterReplayResult.Group(
        key.topic(),
        key.cause(),
        key.impossible(),
        1,
        letter.replays() > 0 ? 1 : 0,
        at,
        at,
        letter.key(),
        letter.partition().partition() + "@" + letter.offset());
  }

  private static LetterReplayResult.Group together(
      LetterReplayResult.Group some, LetterReplayResult.Group others) {
    return new LetterReplayResult.Group(
        some.topic(),
        some.cause(),
        some.impossible(),
        some.letters() + others.letters(),
        some.replayedBefore() + others.replayedBefore(),
        some.first().isBefore(others.first()) ? some.first() : others.first(),
        some.last().isAfter(others.last()) ? some.last() : others.last(),
        some.sampleKey(),
        some.sample());
  }
}
