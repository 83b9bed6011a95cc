package io.flowmeter.streams.rebuild;

import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.run.RunKey;
import io.flowmeter.streams.state.InstanceRunIndex;
import io.flowmeter.streams.topology.FlowmeterTopology;
import io.flowmeter.streams.topology.FlowmeterTopology.Carry;
import io.flowmeter.streams.topology.Replay;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;

/**
 * Takes state over from one generation's changelogs to the next one's. Values are bytes here: what
 * they say is known to the topology alone.
 */
final class CarriedState {
  private static final String CHANGELOG = "-changelog";

  /** Tallies of sweeps on the way from one part of the topology to the other. */
  private static final String UNDER_WAY = "-sweep_tallies-repartition";

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
    Map<String, Copying> copies = new TreeMap<>();
    FlowmeterTopology.carries()
        .forEach(
            (store, carry) -> {
              if (there.contains(changelog(before, store)) && isCopied(carry, replay)) {
                copies.put(
                    changelog(after, store), entries(changelog(before, store), carry, replay));
              }
            });
    if (there.contains(before + UNDER_WAY)) {
      copies.put(after + UNDER_WAY, Copying.of(before + UNDER_WAY));
    }
    Map<String, String> likes = new TreeMap<>();
    copies.forEach((topic, copying) -> likes.put(topic, copying.topic()));
    log.createLike(likes, replication);
    log.copy(copies, committed);
  }

  private static boolean isCopied(Carry carry, Replay replay) {
    return switch (carry) {
      case NOTHING -> false;
      case RUNS_BEFORE_THE_BOUNDARY, LIVES_BEFORE_THE_BOUNDARY, ALL_BUT_OF_A_WHOLE_REPLAY ->
          replay.boundary().isPresent();
      case ALL -> true;
    };
  }

  private static Copying entries(String changelog, Carry carry, Replay replay) {
    Copying all = Copying.of(changelog);
    return switch (carry) {
      case RUNS_BEFORE_THE_BOUNDARY ->
          all.only(key -> !replay.derives(RunKey.run(Bytes.wrap(key))));
      case LIVES_BEFORE_THE_BOUNDARY ->
          all.with(value -> InstanceRunIndex.keeping(value, run -> !replay.derives(run)));
      default -> all;
    };
  }

  private static String changelog(String application, String store) {
    return application + '-' + store + CHANGELOG;
  }
}
