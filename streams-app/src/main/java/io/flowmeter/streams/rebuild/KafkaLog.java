package io.flowmeter.streams.rebuild;

import io.flowmeter.schemas.KafkaProvisioner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Topics and groups as a rebuild sees them: what is committed, in bytes. For one thread. */
final class KafkaLog implements AutoCloseable {
  private static final int PATIENCE_S = 30;
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int FETCH_WAITS_MS = 20;
  private static final Duration EMPTY_WITHIN = Duration.ofSeconds(60);

  private final Admin admin;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<String, Object> writing;
  private final AtomicReference<Exception> untaken = new AtomicReference<>();
  private KafkaProducer<byte[], byte[]> producer;

  KafkaLog(Map<String, Object> kafka) {
    Map<String, Object> config = withoutMember(kafka);
    admin = Admin.create(config);
    Map<String, Object> reading = new HashMap<>(config);
    reading.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    reading.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    reading.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    reading.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    // What is asked for next waits for the answer to what was asked for ahead, at the end of the
    // log.
    reading.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAITS_MS);
    consumer =
        new KafkaConsumer<>(reading, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    writing = new HashMap<>(config);
    writing.put(ProducerConfig.ACKS_CONFIG, "all");
    writing.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
  }

  /** Only who writes needs one. */
  private KafkaProducer<byte[], byte[]> producer() {
    if (producer == null) {
      producer = new KafkaProducer<>(writing, new ByteArraySerializer(), new ByteArraySerializer());
    }
    return producer;
  }

  /** Settings for clients that are in no group, or in one of their own. */
  static Map<String, Object> withoutMember(Map<String, Object> kafka) {
    Map<String, Object> config = new HashMap<>(kafka);
    config.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    return config;
  }

  Admin admin() {
    return admin;
  }

  Set<String> topics() {
    return await(admin.listTopics().names(), "list topics");
  }

  Set<String> groups() {
    return await(admin.listConsumerGroups().all(), "list groups").stream()
        .map(group -> group.groupId())
        .collect(Collectors.toSet());
  }

  List<TopicPartition> partitions(String topic) {
    return await(admin.describeTopics(List.of(topic)).allTopicNames(), "describe " + topic)
        .get(topic)
        .partitions()
        .stream()
        .map(partition -> new TopicPartition(topic, partition.partition()))
        .toList();
  }

  /** The offset of the first record that is retained, or of the next one. */
  Map<TopicPartition, Long> starts(Collection<TopicPartition> partitions) {
    return offsets(partitions, OffsetSpec.earliest());
  }

  /** Behind the last record that is committed. */
  Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions) {
    return offsets(partitions, OffsetSpec.latest());
  }

  private Map<TopicPartition, Long> offsets(Collection<TopicPartition> of, OffsetSpec which) {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    of.forEach(partition -> asked.put(partition, which));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    await(
            admin.listOffsets(asked, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)).all(),
            "tell offsets")
        .forEach((partition, at) -> offsets.put(partition, at.offset()));
    return offsets;
  }

  /** What a group has committed; empty where it has not, or is not there. */
  Map<TopicPartition, Long> committed(String group) {
    Map<TopicPartition, Long> committed = new HashMap<>();
    await(
            admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(),
            "tell the offsets of " + group)
        .forEach(
            (partition, at) -> {
              if (at != null) {
                committed.put(partition, at.offset());
              }
            });
    return committed;
  }

  /** Sets what a group without members goes on from. */
  void commit(String group, Map<TopicPartition, Long> offsets) {
    Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
    offsets.forEach((partition, offset) -> next.put(partition, new OffsetAndMetadata(offset)));
    await(admin.alterConsumerGroupOffsets(group, next).all(), "set the offsets of " + group);
  }

  /** The same; a group that was left just now takes a moment to be empty. */
  void commitOnceEmpty(String group, Map<TopicPartition, Long> offsets)
      throws InterruptedException {
    long deadline = System.nanoTime() + EMPTY_WITHIN.toNanos();
    while (!members(group).isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(POLL.toMillis());
    }
    commit(group, offsets);
  }

  /** The static or other names of a group's members. */
  List<String> members(String group) {
    try {
      return await(
              admin.describeConsumerGroups(List.of(group)).all(), "describe the group " + group)
          .get(group)
          .members()
          .stream()
          .map(member -> member.groupInstanceId().orElse(member.consumerId()))
          .toList();
    } catch (RebuildException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return List.of();
      }
      throw e;
    }
  }

  void removeMembers(String group) {
    await(
        admin
            .removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions())
            .all(),
        "remove the members of " + group);
  }

  /** The first record at or after an offset that is one of those meant, if there is one. */
  Optional<ConsumerRecord<byte[], byte[]>> first(
      TopicPartition partition, long from, Predicate<ConsumerRecord<byte[], byte[]>> meant) {
    long end = ends(List.of(partition)).get(partition);
    consumer.assign(List.of(partition));
    consumer.seek(partition, from);
    while (consumer.position(partition) < end) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (meant.test(record)) {
          return Optional.of(record);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Partitions in which a record, and not only markers of transactions, lies between two offsets.
   *
   * @param from offsets by partition
   * @param to not behind the last record that is committed
   */
  Set<TopicPartition> withRecords(Map<TopicPartition, Long> from, Map<TopicPartition, Long> to) {
    Map<TopicPartition, Long> left = new HashMap<>(from);
    left.entrySet().removeIf(at -> at.getValue() >= to.get(at.getKey()));
    Set<TopicPartition> found = new HashSet<>();
    consumer.assign(left.keySet());
    left.forEach(consumer::seek);
    while (!left.isEmpty()) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        if (record.offset() < to.get(partition)) {
          found.add(partition);
        }
      }
      left.keySet()
          .removeIf(
              partition ->
                  found.contains(partition) || consumer.position(partition) >= to.get(partition));
    }
    return found;
  }

  /** The last record of a partition that holds few; empty where the topic is not there. */
  Optional<ConsumerRecord<byte[], byte[]>> last(TopicPartition partition) {
    if (!topics().contains(partition.topic())) {
      return Optional.empty();
    }
    List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
    read(starts(List.of(partition)), all::add);
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }

  /** How many records a topic holds. */
  long count(String topic) {
    long[] records = {0};
    read(starts(partitions(topic)), record -> records[0]++);
    return records[0];
  }

  /** Reads from offsets to the end that there is now. */
  private void read(
      Map<TopicPartition, Long> from, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
    Map<TopicPartition, Long> ends = ends(from.keySet());
    Set<TopicPartition> left = new HashSet<>();
    ends.forEach(
        (partition, end) -> {
          if (from.get(partition) < end) {
            left.add(partition);
          }
        });
    consumer.assign(left);
    left.forEach(partition -> consumer.seek(partition, from.get(partition)));
    while (!left.isEmpty()) {
      consumer.poll(POLL).forEach(reader);
      left.removeIf(partition -> consumer.position(partition) >= ends.get(partition));
    }
  }

  /**
   * Creates topics like others, with their partitions and settings.
   *
   * @param likes the topic that each is like, by name
   * @param replication copies of each; −1 for the cluster's default
   */
  void createLike(Map<String, String> likes, int replication) {
    Map<String, TopicDescription> described =
        await(admin.describeTopics(likes.values()).allTopicNames(), "describe topics");
    Map<String, Map<String, String>> settings = ownSettings(described.keySet());
    create(
        likes.entrySet().stream()
            .map(
                each ->
                    newTopic(
                            each.getKey(),
                            described.get(each.getValue()).partitions().size(),
                            replication)
                        .configs(settings.get(each.getValue())))
            .toList());
  }

  static NewTopic newTopic(String name, int partitions, int replication) {
    return new NewTopic(
        name,
        Optional.of(partitions),
        replication < 0 ? Optional.empty() : Optional.of((short) replication));
  }

  /**
   * Copies records into the partitions of the same numbers of other topics.
   *
   * @param copies what is copied into which topic
   * @param from offsets by partition; what is not told is read from its start
   */
  void copy(Map<String, Copying> copies, Map<TopicPartition, Long> from) {
    Map<String, String> into = new HashMap<>();
    copies.forEach((topic, copying) -> into.put(copying.topic(), topic));
    Map<TopicPartition, Long> offsets =
        starts(into.keySet().stream().flatMap(topic -> partitions(topic).stream()).toList());
    offsets.replaceAll((partition, start) -> Math.max(start, from.getOrDefault(partition, 0L)));
    read(
        offsets,
        record -> {
          String topic = into.get(record.topic());
          Copying copying = copies.get(topic);
          if (copying.keys().test(record.key())) {
            producer()
                .send(
                    new ProducerRecord<>(
                        topic,
                        record.partition(),
                        record.timestamp(),
                        record.key(),
                        copying.value(record.value()),
                        record.headers()),
                    (taken, failure) -> {
                      if (failure != null) {
                        untaken.compareAndSet(null, failure);
                      }
                    });
          }
        });
    flush();
  }

  /** Writes one record, and returns when it is there for good. */
  void write(TopicPartition partition, long timestamp, byte[] key, byte[] value) {
    await(
        producer()
            .send(
                new ProducerRecord<>(
                    partition.topic(), partition.partition(), timestamp, key, value)),
        "take a record of " + partition.topic());
  }

  /** What was sent is there for good; flushing alone is silent about what Kafka did not take. */
  private void flush() {
    if (producer != null) {
      producer.flush();
    }
    Exception failure = untaken.get();
    if (failure != null) {
      throw new RebuildException(
          "Kafka did not take a copy of state: " + failure.getMessage(), failure);
    }
  }

  private Map<String, Map<String, String>> ownSettings(Collection<String> topics) {
    Map<String, Map<String, String>> settings = new HashMap<>();
    await(
            admin
                .describeConfigs(
                    topics.stream()
                        .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
                        .toList())
                .all(),
            "describe topics")
        .forEach(
            (resource, config) -> {
              Map<String, String> own = new TreeMap<>();
              config.entries().stream()
                  .filter(entry -> entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG)
                  .forEach(entry -> own.put(entry.name(), entry.value()));
              settings.put(resource.name(), own);
            });
    return settings;
  }

  /** Returns when they are served, so that what is written to them next is not out of order. */
  void create(Collection<NewTopic> topics) {
    await(
        admin.createTopics(topics).all(), "create " + topics.stream().map(NewTopic::name).toList());
    List<TopicPartition> created = new ArrayList<>();
    for (NewTopic topic : topics) {
      for (int partition = 0; partition < topic.numPartitions(); partition++) {
        created.add(new TopicPartition(topic.name(), partition));
      }
    }
    try {
      KafkaProvisioner.awaitServed(admin, created);
    } catch (IllegalStateException e) {
      throw new RebuildException(e.getMessage(), e.getCause());
    }
  }

  void deleteTopics(Collection<String> topics) {
    if (!topics.isEmpty()) {
      await(admin.deleteTopics(topics).all(), "delete " + topics);
    }
  }

  /** Deletes groups, with the members that a process left there which was killed. */
  void deleteGroups(Collection<String> groups) {
    Set<String> there = new HashSet<>(groups());
    there.retainAll(groups);
    there.stream().filter(group -> !members(group).isEmpty()).forEach(this::removeMembers);
    if (!there.isEmpty()) {
      await(admin.deleteConsumerGroups(there).all(), "delete the groups " + there);
    }
  }

  static <T> T await(org.apache.kafka.common.KafkaFuture<T> result, String what) {
    return await((Future<T>) result.toCompletionStage().toCompletableFuture(), what);
  }

  private static <T> T await(Future<T> result, String what) {
    try {
      return result.get(PATIENCE_S, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new RebuildException(
          "Kafka could not " + what + ": " + e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new RebuildException(
          "Kafka did not " + what + " within " + PATIENCE_S + " s: check that the brokers run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RebuildException("interrupted while Kafka was asked to " + what, e);
    }
  }

  @Override
  public void close() {
    consumer.close();
    if (producer != null) {
      producer.close();
    }
    admin.close();
  }
}
