package io.flowmeter.cli.doctor;

import static io.flowmeter.cli.doctor.Finding.fine;
import static io.flowmeter.cli.doctor.Finding.wrong;

import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;

/** Whether the topics that are there are as the catalogue makes them. */
final class TopicSettings {
  private static final long FOR_EVER = -1;

  private final Settings settings;
  private final Map<String, TopicDescription> described;
  private final Map<String, Config> configs = new TreeMap<>();

  private TopicSettings(Admin admin, Settings settings)
      throws ExecutionException, TimeoutException, InterruptedException {
    this.settings = settings;
    List<String> there = Topics.ALL.stream().map(Topic::name).toList();
    this.described = new TreeMap<>(get(admin.describeTopics(there).allTopicNames()));
    List<ConfigResource> resources =
        there.stream().map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name)).toList();
    get(admin.describeConfigs(resources).all())
        .forEach((resource, config) -> configs.put(resource.name(), config));
  }

  private static <T> T get(org.apache.kafka.common.KafkaFuture<T> future)
      throws ExecutionException, TimeoutException, InterruptedException {
    return future.get(Reason.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Looks at all of them; none is missing. */
  static List<Finding> of(Admin admin, Settings settings)
      throws ExecutionException, TimeoutException, InterruptedException {
    TopicSettings looked = new TopicSettings(admin, settings);
    List<Finding> found = new ArrayList<>();
    found.addAll(looked.keeping());
    found.addAll(looked.partitions());
    found.addAll(looked.replicas());
    return found.isEmpty()
        ? List.of(
            fine("topic settings", "retention, compaction and partitions are as they were made"))
        : found;
  }

  /** What Kafka throws away too soon, or never. */
  private List<Finding> keeping() {
    List<Finding> found = new ArrayList<>();
    for (Topic<?> topic : Topics.ALL) {
      Config config = configs.get(topic.name());
      topic
          .keeping()
          .topicConfig()
          .forEach(
              (key, expected) -> {
                String came = config.get(key) == null ? "" : config.get(key).value();
                if (!isAsGood(key, came, expected)) {
                  found.add(
                      wrong(
                          "topic " + topic.name(),
                          "expected %s = %s, came %s: %s"
                              .formatted(key, expected, came, consequence(topic, key)),
                          "Run: kafka-configs --alter --topic %s --add-config %s=%s"
                              .formatted(topic.name(), key, expected)));
                }
              });
    }
    return found;
  }

  /** Longer does no harm. */
  private static boolean isAsGood(String key, String came, String expected) {
    if (!key.equals("retention.ms") || came.isEmpty()) {
      return came.equals(expected);
    }
    long ms = Long.parseLong(came);
    return ms == FOR_EVER || ms >= Long.parseLong(expected);
  }

  private static String consequence(Topic<?> topic, String key) {
    if (topic.keeping() instanceof Topic.Keeping.Latest) {
      return "what is remembered is thrown away, or is never tidied up";
    }
    return key.equals("retention.ms")
        ? "rows that wait for ClickHouse are thrown away too soon, and a rebuild reaches back less"
        : "what is read in order would be compacted";
  }

  /** The topology joins topics by partition, so that all have as many as the observations. */
  private List<Finding> partitions() {
    TopicDescription observations = described.get(Topics.OBSERVATIONS.name());
    int expected = observations.partitions().size();
    List<Finding> found = new ArrayList<>();
    String others =
        described.values().stream()
            .filter(topic -> topic.partitions().size() != expected)
            .map(topic -> "%s has %d".formatted(topic.name(), topic.partitions().size()))
            .collect(Collectors.joining(", "));
    if (!others.isEmpty()) {
      found.add(
          wrong(
              "partitions",
              "%s has %d, but %s".formatted(Topics.OBSERVATIONS.name(), expected, others),
              "Delete those topics while nothing runs, run flowmeter migrate, then flowmeter rebuild"));
    }
    int published = settings.get(Setting.TOPICS_PARTITIONS);
    if (published != expected
        && !settings.effective(Setting.TOPICS_PARTITIONS).origin().equals(Settings.DEFAULT)) {
      found.add(
          wrong(
              "partitions",
              "topics.partitions is %d, but the topics were made with %d, which stays"
                  .formatted(published, expected),
              "Set topics.partitions to " + expected));
    }
    return found;
  }

  /** Partitions that nobody leads, or that have lost copies. */
  private List<Finding> replicas() {
    List<Finding> found = new ArrayList<>();
    List<String> leaderless = partitions(part -> part.leader() == null || part.leader().isEmpty());
    if (!leaderless.isEmpty()) {
      found.add(
          wrong(
              "brokers",
              "%d partitions have no leader, so that nothing can be written to them: %s"
                  .formatted(leaderless.size(), shortened(leaderless)),
              "Start the brokers that are down"));
    }
    List<String> thin = partitions(part -> part.isr().size() < part.replicas().size());
    if (!thin.isEmpty()) {
      found.add(
          wrong(
              "brokers",
              "%d partitions have fewer copies in step than they should: %s"
                  .formatted(thin.size(), shortened(thin)),
              "Look which broker is down or slow"));
    }
    return found;
  }

  private List<String> partitions(java.util.function.Predicate<TopicPartitionInfo> which) {
    return described.values().stream()
        .flatMap(
            topic ->
                topic.partitions().stream()
                    .filter(which)
                    .map(part -> topic.name() + "-" + part.partition()))
        .toList();
  }

  private static String shortened(List<String> all) {
    return String.join(", ", all.subList(0, Math.min(3, all.size())))
        + (all.size() > 3 ? ", …" : "");
  }
}
