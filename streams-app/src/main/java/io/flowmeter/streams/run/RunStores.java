package io.flowmeter.streams.run;

import io.flowmeter.schemas.state.StepSeen;
import io.flowmeter.streams.run.StoredRun.Place;
import io.flowmeter.streams.state.Contributions;
import io.flowmeter.streams.state.DictionaryPages;
import io.flowmeter.streams.state.InstanceRunIndex;
import io.flowmeter.streams.state.RunFormat;
import io.flowmeter.streams.state.StoredDictionary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Where knowledge of runs is kept: runs that live in one store, those that ended in another with
 * what they put into rollups, and which runs an instance has in a third. Names are in a dictionary
 * for each workflow. No value grows with the number of steps.
 */
final class RunStores {
  private static final int MOST_WORKFLOWS = 1_000;

  private final KeyValueStore<Bytes, byte[]> ended;
  private final KeyValueStore<Bytes, byte[]> dictionary;
  private final InstanceRunIndex runIndex;
  private final DictionaryPages livePages;
  private final DictionaryPages endedPages;

  /** How runs are kept, of the workflows that were spoken of last. */
  private final Map<Workflow, RunFormat> formats = new LruCache<>(MOST_WORKFLOWS);

  RunStores(
      KeyValueStore<Bytes, byte[]> live,
      KeyValueStore<Bytes, byte[]> ended,
      KeyValueStore<Bytes, byte[]> dictionary,
      KeyValueStore<Bytes, byte[]> instances) {
    this.ended = ended;
    this.dictionary = dictionary;
    this.runIndex = new InstanceRunIndex(instances);
    this.livePages = new DictionaryPages(live);
    this.endedPages = new DictionaryPages(ended);
  }

  /** What is known of the run; empty if nothing. */
  Optional<StoredRun> load(RunKey run) {
    Bytes key = run.bytes();
    return load(run, key, Place.LIVE).or(() -> load(run, key, Place.ENDED));
  }

  private Optional<StoredRun> load(RunKey run, Bytes key, Place place) {
    DictionaryPages pages = pages(place);
    Optional<DictionaryPages.Piece> first = pages.first(key);
    if (first.isEmpty()) {
      return Optional.empty();
    }
    RunFormat format = format(run);
    RunFormat.First read =
        format.first(first.get().content(), run.run(), run.accountId(), run.workflow());
    NavigableMap<Integer, List<StepSeen>> steps = new TreeMap<>();
    Map<Integer, Integer> pagesOf = new HashMap<>();
    pagesOf.put(0, first.get().pages());
    addTo(steps, read.steps());
    if (read.more()) {
      for (DictionaryPages.Piece piece : pages.others(key)) {
        addTo(steps, format.steps(piece.content(), run.run()));
        pagesOf.put(piece.number(), piece.pages());
      }
    }
    return Optional.of(
        new StoredRun(new RunKnowledge(read.state(), steps), place, read.contributed(), pagesOf));
  }

  private static void addTo(NavigableMap<Integer, List<StepSeen>> steps, List<StepSeen> read) {
    for (StepSeen seen : read) {
      steps.computeIfAbsent(seen.getStep().getStepIndex(), index -> new ArrayList<>(1)).add(seen);
    }
  }

  /**
   * Keeps what was learnt.
   *
   * @param contributed what an ended run has put into rollups; empty while it lives
   */
  void save(RunKey run, StoredRun stored, Optional<Contributions> contributed) {
    Place place = contributed.isPresent() ? Place.ENDED : Place.LIVE;
    Bytes key = run.bytes();
    RunFormat format = format(run);
    NavigableMap<Integer, List<StepSeen>> steps = stored.known().steps();
    boolean stays = stored.place() == place;
    if (stored.isNew()) {
      runIndex.add(run.instanceBytes(), run.run());
    } else if (!stays) {
      stored.pages().forEach((piece, pages) -> pages(stored.place()).delete(key, piece, pages));
    }
    Map<Integer, Integer> before = stays ? stored.pages() : Map.of();
    DictionaryPages pages = pages(place);
    for (int piece : stays ? pieces(stored.known().touchedSteps()) : pieces(steps)) {
      if (piece > 0) {
        NavigableMap<Integer, List<StepSeen>> those = piece(steps, piece);
        int pagesBefore = before.getOrDefault(piece, 0);
        if (those.isEmpty()) {
          pages.delete(key, piece, pagesBefore);
        } else {
          pages.put(key, piece, format.steps(run.run(), those.values()), pagesBefore);
        }
      }
    }
    boolean more = !steps.isEmpty() && RunFormat.piece(steps.lastKey()) > 0;
    byte[] first =
        format.first(
            run.run(), stored.known().state(), more, piece(steps, 0).values(), contributed);
    pages.put(key, 0, first, before.getOrDefault(0, 0));
  }

  private static NavigableSet<Integer> pieces(NavigableMap<Integer, List<StepSeen>> steps) {
    NavigableSet<Integer> pieces = new TreeSet<>();
    steps.keySet().forEach(index -> pieces.add(RunFormat.piece(index)));
    return pieces;
  }

  private static NavigableMap<Integer, List<StepSeen>> piece(
      NavigableMap<Integer, List<StepSeen>> steps, int piece) {
    int begin = piece * RunFormat.STEPS_A_PIECE;
    return steps.subMap(begin, true, begin + RunFormat.STEPS_A_PIECE - 1, true);
  }

  private DictionaryPages pages(Place place) {
    return place == Place.LIVE ? livePages : endedPages;
  }

  private RunFormat format(RunKey run) {
    return formats.computeIfAbsent(
        new Workflow(run.accountId(), run.workflow()),
        workflow -> new RunFormat(new StoredDictionary(dictionary, run.workflowBytes())));
  }

  /** Which lives of the run's instance are kept. */
  NavigableSet<Long> runIndex(RunKey run) {
    return runIndex.of(run.instanceBytes());
  }

  /**
   * Forgets ended runs that were last observed before a time. Looks at some of them, in the order
   * of keys.
   *
   * @param from where to begin: null, or what was returned the last time
   * @param most how many to look at
   * @return where to go on; empty where all were looked at
   */
  Optional<Bytes> evictEnded(Instant before, Bytes from, int most) {
    int looked = 0;
    try (KeyValueIterator<Bytes, byte[]> all =
        from == null ? ended.all() : ended.range(from, null)) {
      while (all.hasNext()) {
        KeyValue<Bytes, byte[]> entry = all.next();
        if (entry.key.get().length == DictionaryPages.KEY) {
          if (looked++ == most) {
            return Optional.of(entry.key);
          }
          long run = RunKey.run(entry.key);
          if (RunFormat.observedAt(entry.value, run).isBefore(before)) {
            endedPages.delete(entry.key);
            runIndex.remove(RunKey.instance(entry.key), run);
          }
        }
      }
    }
    return Optional.empty();
  }

  private record Workflow(String accountId, String name) {}
}
