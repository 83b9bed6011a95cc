package io.flowmeter.streams.rebuild;

import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.topology.FlowmeterTopology;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * State of the generation in force that another build's topology wrote and this one's has no store
 * for. It lies in Kafka, nobody reads it, and nothing else would say so.
 */
public final class UnknownState {
  private static final Pattern CHANGELOG =
      Pattern.compile("(flowmeter-streams(?:-g\\d+)?)-(.+)-changelog");

  private UnknownState() {}

  /**
   * What is there, what that means, and what to do; empty where nothing of the kind is.
   *
   * @param settings in the generation in force
   */
  public static Optional<String> of(StreamSettings settings) {
    TreeSet<String> stores = new TreeSet<>();
    try (KafkaLog log = new KafkaLog(settings.kafka())) {
      for (String topic : log.topics()) {
        Matcher changelog = CHANGELOG.matcher(topic);
        if (changelog.matches()
            && changelog.group(1).equals(settings.applicationId())
            && !FlowmeterTopology.carries().containsKey(changelog.group(2))) {
          stores.add(changelog.group(2));
        }
      }
    }
    return stores.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "state of another version is in Kafka, which this one does not read: stores %s of %s. What that knew of runs is not known here, so that what they have put into minutes is not taken back when they change. Stop streaming and run flowmeter rebuild: it derives runs anew, and removes that state"
                .formatted(String.join(", ", stores), settings.applicationId()));
  }
}
