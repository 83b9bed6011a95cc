package io.flowmeter.streams.rebuild;

import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.topology.FlowmeterTopology;
import io.flowmeter.streams.topology.FlowmeterTopology.Carry;
import io.flowmeter.streams.topology.Replay;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;

/**
 * Takes state over from one generation's changelogs to the next one's. Values are bytes here: what
 * they say is known to the topology alone.
 */
final class CarriedState {
  private static final String CHANGELOG = "-changelog";

  /** Tallies of sweeps on the way from one part of the topology to the other. */
  private static final String UNDER_WAY = "-sweep_tallies-repartition";

  /** A run's key begins with account, workflow and instance, each closed by a zero byte. */
  private static final int NAMES_BEFORE_THE_RUN = 3;

  private final KafkaLog log;
  private final String before;
  private final String after;
  private final int replication;

  /**
   * @param before the generation in force
   * @param after the one that takes over
   * @param replication copies of each topic; −1 for the cluster's default
   */
  CarriedState(KafkaLog log, int before, int after, int replication) {
    this.log = log;
    this.before = StreamSettings.applicationId(before);
    this.after = StreamSettings.applicationId(after);
    this.replication = replication;
  }

  /** Whether what is known of runs is there to be taken over. */
  boolean isThere() {
    Set<String> topics = log.topics();
    return FlowmeterTopology.carries().entrySet().stream()
        .filter(store -> store.getValue() == Carry.RUNS_BEFORE_THE_BOUNDARY)
        .allMatch(store -> topics.contains(changelog(before, store.getKey())));
  }

  /**
   * Copies what the replay does not fill.
   *
   * @param committed offsets that the generation before has reached, of the topic between its parts
   *     among others
   */
  void copy(Replay replay, Map<TopicPartition, Long> committed) {
    Set<String> there = log.topics();
    Map<String, String> copies = new TreeMap<>();
    Map<String, Predicate<byte[]>> entries = new HashMap<>();
    FlowmeterTopology.carries()
        .forEach(
            (store, carry) -> {
              if (there.contains(changelog(before, store)) && isCopied(carry, replay)) {
                copies.put(changelog(after, store), changelog(before, store));
                entries.put(changelog(after, store), entries(carry, replay));
              }
            });
    if (there.contains(before + UNDER_WAY)) {
      copies.put(after + UNDER_WAY, before + UNDER_WAY);
      entries.put(after + UNDER_WAY, key -> true);
    }
    log.createLike(copies, replication);
    copies.forEach((into, from) -> log.copy(from, into, committed, entries.get(into)));
  }

  private static boolean isCopied(Carry carry, Replay replay) {
    return switch (carry) {
      case NOTHING -> false;
      case RUNS_BEFORE_THE_BOUNDARY, ALL_BUT_OF_A_WHOLE_REPLAY -> replay.boundary().isPresent();
      case ALL -> true;
    };
  }

  private static Predicate<byte[]> entries(Carry carry, Replay replay) {
    return carry == Carry.RUNS_BEFORE_THE_BOUNDARY
        ? key -> !replay.derives(runOf(key))
        : key -> true;
  }

  /** The run, in epoch milliseconds, that an entry is of. */
  static long runOf(byte[] key) {
    int names = 0;
    for (int i = 0; i < key.length; i++) {
      if (key[i] == 0 && ++names == NAMES_BEFORE_THE_RUN) {
        return ByteBuffer.wrap(key, i + 1, Long.BYTES).getLong();
      }
    }
    throw new IllegalArgumentException("expected a key of a run, came one of " + key.length + " B");
  }

  private static String changelog(String application, String store) {
    return application + '-' + store + CHANGELOG;
  }
}
