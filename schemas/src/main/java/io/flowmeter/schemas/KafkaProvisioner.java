package io.flowmeter.schemas;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Creates the topics and schemas in Kafka and the registry that this version of Flowmeter needs.
 * Idempotent.
 */
public final class KafkaProvisioner {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Duration RETRY_AFTER = Duration.ofMillis(50);
  private static final int PARALLEL_REQUESTS = 6;

  /**
   * The settings of new topics.
   *
   * @param partitions of the observations and of the topics derived from them: the number of stream
   *     tasks. It cannot be changed later without moving instances between tasks.
   * @param replication copies of each partition; empty for the cluster's default
   */
  public record Settings(int partitions, Optional<Short> replication) {
    public static final Settings DEFAULTS = new Settings(4, Optional.empty());

    public Settings {
      if (partitions < 1) {
        throw new IllegalArgumentException(
            "expected at least 1 partition, got " + partitions + ": set topics.partitions");
      }
    }

    /**
     * Returns a topic's configuration. With it, a record is acknowledged only when a copy of it
     * survives its leader.
     */
    private Map<String, String> config(Map<String, String> topic) {
      Map<String, String> config = new HashMap<>(topic);
      replication
          .flatMap(copies -> inSync(copies))
          .ifPresent(
              copies ->
                  config.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(copies)));
      return config;
    }
  }

  private KafkaProvisioner() {}

  /**
   * Returns the number of in-sync copies that acknowledge a record. With three or more copies it is
   * all but one: one broker may be unavailable and another may fail without a loss. With fewer it
   * is the cluster's default, because otherwise one unavailable broker would stop everything.
   */
  public static Optional<Integer> inSync(int replication) {
    return replication < 3 ? Optional.empty() : Optional.of(replication - 1);
  }

  /**
   * Creates the missing topics. Then sets each incomplete subject to FULL_TRANSITIVE and registers
   * its schema, in order. All subjects are checked in parallel first, because at every start but
   * the first nothing else is left to do.
   *
   * @return one line per change; empty if there was none
   * @throws SchemaRegistryException if a schema is rejected
   * @throws IllegalStateException if an existing topic has another number of partitions
   */
  public static List<String> apply(Admin admin, SchemaRegistry registry, Settings settings) {
    List<String> done = new ArrayList<>(createTopics(admin, settings));
    for (Topic<?> topic : incompleteSubjects(registry)) {
      if (!isCompatible(registry, topic)) {
        registry.setCompatibility(topic.subject(), SchemaRegistry.FULL_TRANSITIVE);
        done.add("set " + topic.subject() + " to " + SchemaRegistry.FULL_TRANSITIVE);
      }
      registry.register(topic.subject(), topic.schema());
    }
    return done;
  }

  private static List<Topic<?>> incompleteSubjects(SchemaRegistry registry) {
    ExecutorService threads = Executors.newFixedThreadPool(PARALLEL_REQUESTS);
    try {
      Map<Topic<?>, CompletableFuture<Boolean>> complete = new LinkedHashMap<>();
      for (Topic<?> topic : Topics.ALL) {
        complete.put(
            topic, CompletableFuture.supplyAsync(() -> isComplete(registry, topic), threads));
      }
      return Topics.ALL.stream().filter(topic -> !complete.get(topic).join()).toList();
    } catch (CompletionException e) {
      throw e.getCause() instanceof SchemaRegistryException failure ? failure : e;
    } finally {
      threads.shutdownNow();
    }
  }

  private static boolean isComplete(SchemaRegistry registry, Topic<?> topic) {
    try {
      registry.idOf(topic.subject(), topic.schema());
      return isCompatible(registry, topic);
    } catch (UnknownSchemaException e) {
      return false;
    }
  }

  private static boolean isCompatible(SchemaRegistry registry, Topic<?> topic) {
    return registry.compatibility(topic.subject()).equals(SchemaRegistry.FULL_TRANSITIVE);
  }

  private static List<String> createTopics(Admin admin, Settings settings) {
    Set<String> existing = await(admin.listTopics().names().toCompletionStage(), "list topics");
    List<NewTopic> missing = new ArrayList<>();
    List<String> present = new ArrayList<>();
    for (Topic<?> topic : Topics.ALL) {
      if (existing.contains(topic.name())) {
        present.add(topic.name());
      } else {
        missing.add(newTopic(topic.name(), settings, topic.keeping().topicConfig()));
      }
    }
    if (!existing.contains(Topics.DEAD_LETTERS)) {
      missing.add(
          newTopic(
              Topics.DEAD_LETTERS,
              settings,
              new Topic.Keeping.For(Duration.ofDays(35)).topicConfig()));
    }
    if (!existing.contains(Topics.LEAD)) {
      missing.add(
          new NewTopic(Topics.LEAD, Optional.of(1), settings.replication())
              .configs(settings.config(Map.of())));
    }
    for (String compacted : List.of(Topics.GENERATIONS, Topics.REPLAYS)) {
      if (!existing.contains(compacted)) {
        missing.add(
            new NewTopic(compacted, Optional.of(1), settings.replication())
                .configs(settings.config(new Topic.Keeping.Latest().topicConfig())));
      }
    }
    Map<String, TopicDescription> described =
        await(admin.describeTopics(present).allTopicNames().toCompletionStage(), "describe topics");
    int partitions =
        described.values().stream()
            .filter(topic -> topic.name().equals(Topics.OBSERVATIONS.name()))
            .map(topic -> topic.partitions().size())
            .findFirst()
            .orElse(settings.partitions());
    if (partitions != settings.partitions() && !missing.isEmpty() && !present.isEmpty()) {
      throw new IllegalStateException(
          "expected "
              + settings.partitions()
              + " partitions, but "
              + Topics.OBSERVATIONS.name()
              + " has "
              + partitions
              + ": set topics.partitions to "
              + partitions);
    }
    List<String> done = new ArrayList<>();
    Set<TopicPartition> created = new HashSet<>();
    CreateTopicsResult results = admin.createTopics(missing);
    for (NewTopic topic : missing) {
      String name = topic.name();
      try {
        await(results.values().get(name).toCompletionStage(), "create topic " + name);
        int count = await(results.numPartitions(name).toCompletionStage(), "describe topics");
        for (int partition = 0; partition < count; partition++) {
          created.add(new TopicPartition(name, partition));
        }
        done.add("created topic " + name);
      } catch (IllegalStateException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw e;
        }
      }
    }
    awaitServed(admin, created);
    return done;
  }

  /**
   * Waits until the partitions of newly created topics are served. Only a leader that serves its
   * partition can return an end offset.
   *
   * <p>A producer that writes earlier may be stuck for its delivery timeout, because the broker
   * takes its second batch for its first. The request is repeated while a broker does not know a
   * new topic yet.
   *
   * @throws IllegalStateException if Kafka cannot serve them, or does not within 30 s
   */
  public static void awaitServed(Admin admin, Collection<TopicPartition> created) {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    created.forEach(partition -> ends.put(partition, OffsetSpec.latest()));
    long until = System.nanoTime() + TIMEOUT.toNanos();
    while (true) {
      try {
        await(admin.listOffsets(ends).all().toCompletionStage(), "serve topics that were created");
        return;
      } catch (IllegalStateException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
            || System.nanoTime() > until) {
          throw e;
        }
      }
      LockSupport.parkNanos(RETRY_AFTER.toNanos());
    }
  }

  private static NewTopic newTopic(String name, Settings settings, Map<String, String> config) {
    return new NewTopic(name, Optional.of(settings.partitions()), settings.replication())
        .configs(settings.config(config));
  }

  private static <T> T await(java.util.concurrent.CompletionStage<T> stage, String what) {
    try {
      return stage.toCompletableFuture().get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "Kafka could not " + what + ": " + e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "Kafka did not "
              + what
              + " within "
              + TIMEOUT.toSeconds()
              + " s: check that the brokers are running and that the address is correct",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for Kafka to " + what, e);
    }
  }
}
