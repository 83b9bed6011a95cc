package io.flowmeter.streams.deadletter;

import io.flowmeter.schemas.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Takes dead letters in again: each record goes back, unchanged, to where it came from. Which
 * letters were replayed is kept in the transaction in which their records are, so that each is
 * replayed once, whenever the process dies; of two replays at a time the later one goes on alone. A
 * letter that is still poison becomes another dead letter, behind the end up to which a replay
 * reads.
 */
public final class DeadLetterReplay implements AutoCloseable {
  private static final String TRANSACTIONS = "flowmeter-replay";
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int LETTERS_AT_ONCE = 500;

  private final DeadLetterReplaySettings settings;
  private final Consumer<byte[], byte[]> consumer;
  private final Optional<KafkaProducer<byte[], byte[]>> producer;
  private final DeadLetterGroups groups = new DeadLetterGroups();
  private ReplayProgress memory;
  private ReplayDestinations targets;
  private long replayed;
  private long before;
  private long leftOut;
  private long impossible;

  private DeadLetterReplay(DeadLetterReplaySettings settings) {
    this.settings = settings;
    Map<String, Object> reading = new HashMap<>(settings.kafka());
    reading.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, LETTERS_AT_ONCE);
    consumer = ReplayProgress.consumer(reading, PATIENCE);
    Map<String, Object> writing = new HashMap<>(settings.kafka());
    writing.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    writing.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, TRANSACTIONS);
    writing.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, (int) TRANSACTION_TIMEOUT.toMillis());
    writing.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    producer =
        settings.dryRun()
            ? Optional.empty()
            : Optional.of(
                new KafkaProducer<>(writing, new ByteArraySerializer(), new ByteArraySerializer()));
  }

  /**
   * Replays the letters that are there now.
   *
   * @param stopping asked between transactions: what is left is left for the next replay
   * @throws DeadLetterReplayException where Kafka does not let it, or another replay took its place
   */
  public static DeadLetterReplayResult run(
      DeadLetterReplaySettings settings, BooleanSupplier stopping) {
    try (DeadLetterReplay replay = new DeadLetterReplay(settings)) {
      return replay.run(stopping);
    } catch (ProducerFencedException | InvalidProducerEpochException e) {
      throw new DeadLetterReplayException(
          "expected to replay alone, but another replay began: it goes on from where this one was",
          e);
    } catch (InterruptException e) {
      throw new DeadLetterReplayException(
          "interrupted: the next replay goes on from where this one was", e);
    } catch (KafkaException e) {
      throw new DeadLetterReplayException(
          "dead letters could not be replayed: %s. Check that the brokers run and may be written to; the next replay goes on from where this one was"
              .formatted(e.getMessage()),
          e);
    }
  }

  private DeadLetterReplayResult run(BooleanSupplier stopping) {
    // What another replay has half done is decided first: what is committed then stays.
    producer.ifPresent(KafkaProducer::initTransactions);
    List<TopicPartition> deadLetters = partitions(Topics.DEAD_LETTERS);
    requireThere(Topics.DEAD_LETTERS, !deadLetters.isEmpty());
    requireThere(Topics.REPLAYS, ReplayProgress.isThere(consumer));
    Map<TopicPartition, Long> ends = consumer.endOffsets(deadLetters);
    memory = ReplayProgress.read(consumer, topicId(), consumer.beginningOffsets(deadLetters));
    targets =
        new ReplayDestinations(topic -> partitions(topic).size(), newestSwap(), settings.clock());
    Set<TopicPartition> left = new HashSet<>(deadLetters);
    consumer.assign(deadLetters);
    // All of them, for the counts' sake: those that were replayed are passed by.
    consumer.seekToBeginning(deadLetters);
    left.removeIf(partition -> isRead(partition, ends));
    while (!left.isEmpty() && !stopping.getAsBoolean()) {
      List<DeadLetterRecord> read = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        DeadLetterRecord deadLetter = new DeadLetterRecord(record);
        if (deadLetter.offset() < ends.get(deadLetter.partition())) {
          read.add(deadLetter);
        }
      }
      replay(read);
      left.removeIf(partition -> isRead(partition, ends));
    }
    return new DeadLetterReplayResult(replayed, before, leftOut, impossible, groups.all());
  }

  private boolean isRead(TopicPartition partition, Map<TopicPartition, Long> ends) {
    return consumer.position(partition) >= ends.get(partition);
  }

  private static void requireThere(String topic, boolean isThere) {
    if (!isThere) {
      throw new DeadLetterReplayException(
          "expected the topic %s, it is not there: run flowmeter migrate first".formatted(topic));
    }
  }

  /** What is in force is told anew by each rebuild that takes its place, and by nothing else. */
  private Optional<Instant> newestSwap() {
    return CompactedTopicReader.of(consumer, Topics.GENERATIONS, PATIENCE).stream()
        .map(published -> Instant.ofEpochMilli(published.timestamp()))
        .max(Comparator.naturalOrder());
  }

  private Uuid topicId() {
    try (Admin admin = Admin.create(ReplayProgress.withoutMember(settings.kafka()))) {
      return taken(
              admin
                  .describeTopics(List.of(Topics.DEAD_LETTERS))
                  .allTopicNames()
                  .toCompletionStage()
                  .toCompletableFuture())
          .get(Topics.DEAD_LETTERS)
          .topicId();
    }
  }

  /** Letters and what is remembered of them, both or none. */
  private void replay(List<DeadLetterRecord> read) {
    List<DeadLetterRecord> chosen = new ArrayList<>();
    Set<TopicPartition> touched = new HashSet<>();
    for (DeadLetterRecord deadLetter : read) {
      ReplayedDeadLetters replayedLetters = memory.of(deadLetter.partition());
      if (!settings.again() && replayedLetters.contains(deadLetter.offset())) {
        before++;
        continue;
      }
      touched.add(deadLetter.partition());
      if (!settings.filter().matches(deadLetter)) {
        leftOut++;
        if (!replayedLetters.contains(deadLetter.offset())) {
          replayedLetters.leave(deadLetter.offset());
        }
        continue;
      }
      String why = targets.impossible(deadLetter);
      groups.add(deadLetter, why);
      if (why.isEmpty()) {
        chosen.add(deadLetter);
      } else {
        impossible++;
      }
      replayedLetters.add(deadLetter.offset());
    }
    if (!touched.isEmpty()) {
      producer.ifPresent(writing -> commit(writing, chosen, touched));
    }
    replayed += chosen.size();
  }

  private void commit(
      KafkaProducer<byte[], byte[]> writing,
      List<DeadLetterRecord> chosen,
      Set<TopicPartition> touched) {
    List<ProducerRecord<byte[], byte[]>> kept = touched.stream().map(memory::record).toList();
    writing.beginTransaction();
    List<Future<?>> sent = new ArrayList<>();
    chosen.forEach(deadLetter -> sent.add(writing.send(targets.record(deadLetter))));
    kept.forEach(record -> sent.add(writing.send(record)));
    writing.flush();
    for (Future<?> each : sent) {
      taken(each);
    }
    writing.commitTransaction();
  }

  private static <T> T taken(Future<T> result) {
    try {
      return result.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException failure
          ? failure
          : new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private List<TopicPartition> partitions(String topic) {
    try {
      List<PartitionInfo> there = consumer.partitionsFor(topic);
      return there == null
          ? List.of()
          : there.stream().map(each -> new TopicPartition(topic, each.partition())).toList();
    } catch (UnknownTopicOrPartitionException e) {
      return List.of();
    }
  }

  /** Aborts a transaction that is open. */
  @Override
  public void close() {
    producer.ifPresent(writing -> writing.close(Duration.ofSeconds(2)));
    consumer.close();
  }
}
