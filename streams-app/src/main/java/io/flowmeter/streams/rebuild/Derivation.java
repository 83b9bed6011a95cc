package io.flowmeter.streams.rebuild;

import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.streams.StreamProcessing;
import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.topology.Replay;
import io.flowmeter.streams.writer.ClickHouseWriter;
import io.flowmeter.streams.writer.Route;
import io.flowmeter.streams.writer.WriterSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.TopicPartition;

/**
 * Runs a topology and a writer for as long as a rebuild needs them.
 *
 * @param scratchDirectory where the topology's stores live meanwhile
 */
record Derivation(
    RebuildSettings settings,
    SchemaRegistry registry,
    ClickHouseEndpoint clickHouse,
    RebuildListener listener,
    KafkaLog log,
    Path scratchDirectory) {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

  /** For what waits already: nobody adds to it, and running totals would wait ten times as long. */
  private static final Duration SHORT_LINGER = Duration.ofMillis(100);

  /** The topology tells open minutes once a second of its clock. */
  private static final Duration TELLS_EVERY = Duration.ofSeconds(1);

  /** It commits what it told up to 500 ms later, and may be late. */
  private static final Duration COMMITS_WITHIN = Duration.ofMillis(1_500);

  /** Threads that fail are replaced; what fails so often does not mend itself. */
  private static final int MOST_FAILURES = 5;

  /**
   * Writes what waits for the writer, for what is carried over has to be whole. What is not derived
   * from runs is told once more, as far back as its topics go.
   */
  void writeWhatWaits() throws InterruptedException {
    List<Topic<?>> ofMoments =
        Topics.OF_RELATIONS.stream().filter(topic -> !Topics.OF_RUNS.contains(topic)).toList();
    Map<TopicPartition, Long> again = new HashMap<>();
    for (Topic<?> topic : ofMoments) {
      again.putAll(log.starts(log.partitions(topic.name())));
    }
    log.commitOnceEmpty(Route.LIVE.group(), again);
    try (ClickHouseWriter writer =
        ClickHouseWriter.start(
            writing().withLinger(SHORT_LINGER), Route.LIVE, registry, clickHouse)) {
      awaitWritten(
          writer, Route.LIVE.group(), Topics.OF_RELATIONS.stream().map(Topic::name).toList());
    }
  }

  private WriterSettings writing() {
    return WriterSettings.of(KafkaLog.withoutMember(settings.stream().kafka()))
        .withClock(settings.stream().clock());
  }

  /** Reads observations once more, and returns when what they tell is in the scratch tables. */
  void replay(int generation, Replay replay, ObservedRange range) throws InterruptedException {
    StreamSettings stream = settings.stream();
    StreamSettings once =
        new StreamSettings(
            KafkaLog.withoutMember(stream.kafka()),
            scratchDirectory,
            stream.threads(),
            stream.commitInterval(),
            stream.replication(),
            stream.topology().replaying(replay),
            generation,
            stream.clock());
    List<String> scratch = Topics.OF_RUNS.stream().map(Topic::scratchName).toList();
    try (ClickHouseWriter writer =
        ClickHouseWriter.start(writing(), Route.REBUILD, registry, clickHouse)) {
      try (StreamProcessing topology = StreamProcessing.start(once, registry)) {
        awaitReplayed(topology, writer, once.applicationId(), range);
        awaitQuiet(topology, writer, scratch);
      }
      awaitWritten(writer, Route.REBUILD.group(), scratch);
    }
  }

  private void awaitReplayed(
      StreamProcessing topology, ClickHouseWriter writer, String group, ObservedRange range)
      throws InterruptedException {
    while (true) {
      requireAlive(topology, writer);
      Map<TopicPartition, Long> read = log.committed(group);
      Map<TopicPartition, Long> at = new HashMap<>(range.starts());
      at.replaceAll((partition, start) -> read.getOrDefault(partition, start));
      Set<TopicPartition> unread = log.withRecords(at, range.ends());
      long left =
          unread.stream()
              .mapToLong(partition -> range.ends().get(partition) - at.get(partition))
              .sum();
      listener.working("reading observations", range.size() - left, range.size());
      if (unread.isEmpty()) {
        return;
      }
      Thread.sleep(LOOK_AGAIN.toMillis());
    }
  }

  /** Until what the topology holds back has been told. */
  private void awaitQuiet(StreamProcessing topology, ClickHouseWriter writer, List<String> topics)
      throws InterruptedException {
    List<TopicPartition> partitions =
        topics.stream().flatMap(topic -> log.partitions(topic).stream()).toList();
    Map<TopicPartition, Long> before = Map.of();
    long quietSince = System.nanoTime();
    Duration quiet = settings.stream().clock().real(TELLS_EVERY).plus(COMMITS_WITHIN);
    while (System.nanoTime() - quietSince < quiet.toNanos()) {
      requireAlive(topology, writer);
      Map<TopicPartition, Long> now = log.ends(partitions);
      if (!now.equals(before)) {
        before = now;
        quietSince = System.nanoTime();
      }
      Thread.sleep(LOOK_AGAIN.toMillis());
    }
  }

  private void awaitWritten(ClickHouseWriter writer, String group, List<String> topics)
      throws InterruptedException {
    List<TopicPartition> partitions =
        topics.stream().flatMap(topic -> log.partitions(topic).stream()).toList();
    while (true) {
      requireAlive(writer);
      long lag = writer.progress().lag().orElse(1);
      listener.working(
          "writing rows", writer.progress().totalRows(), writer.progress().totalRows() + lag);
      if (lag == 0 && isWritten(group, partitions)) {
        return;
      }
      Thread.sleep(LOOK_AGAIN.toMillis());
    }
  }

  private boolean isWritten(String group, List<TopicPartition> partitions) {
    Map<TopicPartition, Long> committed = log.committed(group);
    Map<TopicPartition, Long> from = log.starts(partitions);
    from.replaceAll((partition, start) -> Math.max(start, committed.getOrDefault(partition, 0L)));
    return log.withRecords(from, log.ends(partitions)).isEmpty();
  }

  private static void requireAlive(StreamProcessing topology, ClickHouseWriter writer) {
    topology
        .failure()
        .filter(failure -> isMissing(failure) || topology.failures() > MOST_FAILURES)
        .ifPresent(
            failure -> {
              throw new RebuildException(
                  isMissing(failure)
                      ? "Kafka deleted observations that were yet to be read: run the rebuild again, it will find a later boundary"
                      : "the topology failed "
                          + topology.failures()
                          + " times while it read observations once more, last with: "
                          + failure.getMessage(),
                  failure);
            });
    requireAlive(writer);
  }

  /** What the replay was to read next is not there. */
  private static boolean isMissing(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .anyMatch(InvalidOffsetException.class::isInstance);
  }

  private static void requireAlive(ClickHouseWriter writer) {
    if (!writer.isRunning()) {
      throw new RebuildException(
          "the writer stopped: " + writer.progress().failure().orElse("see the log"));
    }
  }

  /** The topics that a replay writes, with as many partitions as the observations. */
  void makeScratchTopics(int partitions) {
    log.create(
        Stream.concat(
                Topics.OF_RUNS.stream().map(Topic::scratchName),
                Stream.of(Topics.SCRATCH_DEAD_LETTERS))
            .map(
                topic ->
                    KafkaLog.newTopic(topic, partitions, settings.stream().replication())
                        // Facts of old observations have a day to be written, and a rebuild may
                        // take longer.
                        .configs(Map.of("retention.ms", "-1")))
            .toList());
  }
}
