package io.flowmeter.streams.spike;

import io.flowmeter.schemas.state.EndedMinute;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Ended runs by minute and version. */
final class EndedRuns {
  private static final int MOST_GROUPS = 8;

  /**
   * So many groups are counted on once there are twice as many, the most frequent ones: where each
   * run fails with a message of its own, state would have a group for each run. A group that is
   * more than one in so many of what comes is not lost (Manku and Motwani, Approximate frequency
   * counts over data streams, VLDB 2002).
   */
  private static final int MOST_COUNTED = 32;

  private record Key(Instant minute, String version) implements Comparable<Key> {
    private static final Comparator<Key> ORDER =
        Comparator.comparing(Key::minute).thenComparing(Key::version);

    @Override
    public int compareTo(Key other) {
      return ORDER.compare(this, other);
    }
  }

  private final NavigableMap<Key, EndedMinute> byKey = new TreeMap<>();

  EndedRuns(Collection<EndedMinute> minutes) {
    minutes.forEach(this::add);
  }

  /** By time. */
  List<EndedMinute> minutes() {
    return List.copyOf(byKey.values());
  }

  void add(EndedMinute more) {
    byKey.merge(
        new Key(more.getMinute(), more.getVersionId()),
        more,
        (known, also) ->
            new EndedMinute(
                known.getMinute(),
                known.getVersionId(),
                known.getFinished() + also.getFinished(),
                known.getErrored() + also.getErrored(),
                sum(known.getGroups(), also.getGroups())));
  }

  static Map<String, Long> sum(Map<String, Long> one, Map<String, Long> other) {
    if (other.isEmpty()) {
      return one;
    }
    Map<String, Long> sum = new HashMap<>(one);
    other.forEach(
        (group, more) -> sum.merge(group, more, (a, b) -> a + b == 0 ? null : Long.valueOf(a + b)));
    if (sum.size() > 2 * MOST_COUNTED) {
      sum.keySet().retainAll(mostFrequent(sum, MOST_COUNTED));
    }
    return sum;
  }

  /** Of minutes from the first to the last, both included. */
  ErrorShare between(Instant first, Instant last) {
    ErrorShare share = ErrorShare.NONE;
    for (EndedMinute minute : range(first, last)) {
      share = share.plus(minute);
    }
    return share;
  }

  private Collection<EndedMinute> range(Instant first, Instant last) {
    return last.isBefore(first)
        ? List.of()
        : byKey.subMap(new Key(first, ""), new Key(last.plusSeconds(60), "")).values();
  }

  /** How often each group is among the errored runs of the minutes. */
  Map<String, Long> counts(Instant first, Instant last) {
    Map<String, Long> counts = Map.of();
    for (EndedMinute minute : range(first, last)) {
      counts = sum(counts, minute.getGroups());
    }
    return counts;
  }

  /** The groups of the errored runs, with those counted before; the most frequent ones first. */
  List<String> groups(Instant first, Instant last, Map<String, Long> before) {
    return mostFrequent(sum(before, counts(first, last)));
  }

  static List<String> mostFrequent(Map<String, Long> counts) {
    return mostFrequent(counts, MOST_GROUPS);
  }

  private static List<String> mostFrequent(Map<String, Long> counts, int most) {
    return counts.entrySet().stream()
        .filter(group -> group.getValue() > 0)
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(most)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** No more of minutes from the first to the last, both included. */
  void remove(Instant first, Instant last) {
    range(first, last).clear();
  }

  /** Of minutes before this one, by time. */
  Collection<EndedMinute> before(Instant minute) {
    return byKey.headMap(new Key(minute, "")).values();
  }

  /** The same, which are kept no longer. */
  List<EndedMinute> takeBefore(Instant minute) {
    NavigableMap<Key, EndedMinute> head = byKey.headMap(new Key(minute, ""), false);
    List<EndedMinute> taken = new ArrayList<>(head.values());
    head.clear();
    return taken;
  }
}
