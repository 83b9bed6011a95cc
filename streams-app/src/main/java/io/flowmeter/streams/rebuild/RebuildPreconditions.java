package io.flowmeter.streams.rebuild;

import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.Migrator;
import io.flowmeter.sql.RebuiltTables;
import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.writer.Route;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.TopicPartition;

/** What a rebuild requires; each is a {@link RebuildException} where it is not so. */
record RebuildPreconditions(
    RebuildSettings settings,
    ClickHouseEndpoint clickHouse,
    RebuildListener listener,
    KafkaLog log) {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

  /** Tables are swapped on one server. */
  void singleServer() {
    if (settings.schema().cluster().isPresent()) {
      throw new RebuildException(
          "expected a single ClickHouse server, came the cluster %s: a rebuild cannot swap the tables of a cluster yet"
              .formatted(settings.schema().cluster().get()));
    }
  }

  /** Tables and topics are this build's. */
  void migrated() {
    List<String> pending = Migrator.pending(clickHouse, settings.schema());
    if (!pending.isEmpty()) {
      throw new RebuildException(
          "expected this build's tables, but %s are not applied: run flowmeter migrate first"
              .formatted(String.join(", ", pending)));
    }
    Set<String> topics = log.topics();
    Stream.concat(Topics.ALL.stream().map(Topic::name), Stream.of(Topics.GENERATIONS))
        .filter(topic -> !topics.contains(topic))
        .findFirst()
        .ifPresent(
            topic -> {
              throw new RebuildException(
                  "expected the topic %s, it is not there: run flowmeter migrate first"
                      .formatted(topic));
            });
  }

  /** Nobody streams in the generation in force; waits for those who are about to leave. */
  void requireNoMembers(int generation) throws InterruptedException {
    for (String group : List.of(StreamSettings.applicationId(generation), Route.LIVE.group())) {
      long deadline = System.nanoTime() + settings.leftWithin().toNanos();
      List<String> members = others(group);
      while (!members.isEmpty()) {
        if (System.nanoTime() > deadline) {
          throw new RebuildException(
              "expected nobody to stream, but the group %s has %d members (%s): stop flowmeter stream and up everywhere, then run the rebuild again"
                  .formatted(group, members.size(), String.join(", ", members)));
        }
        listener.working(
            "waiting for " + group + " to be left by " + String.join(", ", members), 0, 0);
        Thread.sleep(LOOK_AGAIN.toMillis());
        members = others(group);
      }
    }
  }

  /** Members of a group but for those that bear this process's own name, which ended before. */
  private List<String> others(String group) {
    Object ours = settings.stream().kafka().get(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    List<String> members = log.members(group);
    boolean allOurs =
        ours != null && members.stream().allMatch(member -> member.startsWith(ours.toString()));
    if (!members.isEmpty() && allOurs) {
      log.removeMembers(group);
      return log.members(group);
    }
    return members;
  }

  /** There is something to derive, and what is not derived can go on. */
  void known(ObservedRange range, CarriedState state) {
    if (range.size() == 0) {
      throw new RebuildException(
          "expected observations to derive runs from, but none are retained that the topology has"
              + " learnt: nothing can be derived anew");
    }
    if (range.boundary().isEmpty()) {
      return;
    }
    if (!state.isThere() || !range.isLearnt()) {
      throw new RebuildException(
          "expected the topology's state, for observations before %s are gone and runs of before could not go on; but its changelogs or its group's offsets are not in Kafka. Restore them, or start flowmeter stream, which goes on without what is lost"
              .formatted(Instant.ofEpochMilli(range.boundary().get())));
    }
    Instant factsFrom =
        settings.stream()
            .clock()
            .instant()
            .atOffset(ZoneOffset.UTC)
            .minus(settings.schema().factsRetention())
            .toInstant();
    if (factsFrom.toEpochMilli() > range.boundary().get()) {
      throw new RebuildException(
          "expected facts to be kept longer than observations, but those before %s are gone and the boundary is %s: minutes to which runs of before belong, too, could not be told. Raise retention.facts"
              .formatted(factsFrom, Instant.ofEpochMilli(range.boundary().get())));
    }
  }

  /**
   * Minutes since the boundary are recounted from the facts of runs that are carried over: where
   * these are gone, so would be what the runs put into minutes that nobody dropped.
   *
   * @param missing tables
   */
  void recountable(List<String> missing, ObservedRange range) {
    List<String> needed = missing.stream().filter(RebuiltTables.RECOUNTED_FROM::contains).toList();
    boolean goesOn = settings.goesOnWithoutDropped() && settings.swaps();
    if (range.boundary().isPresent() && !needed.isEmpty() && !goesOn) {
      throw new RebuildException(
          "expected the table %s, for observations before %s are gone and it alone tells of earlier runs: restore it from a backup, or go on with --without-dropped and without --dry-run. Then its rows of these runs are lost, and what they put into minutes since then"
              .formatted(
                  String.join(" and ", needed), Instant.ofEpochMilli(range.boundary().get())));
    }
  }

  /** Minutes of runs after the boundary lie after it, too. */
  static void noStrays(RebuiltTables tables, long boundary) throws SQLException {
    long stray = tables.strayMinutes(boundary);
    if (stray > 0) {
      throw new RebuildException(
          "expected runs to lie after their names, but %d rows of minutes lie well before the boundary %s: which part of those minutes is theirs cannot be told"
              .formatted(stray, Instant.ofEpochMilli(boundary)));
    }
  }

  /** How many observations could not be processed, where that is allowed. */
  long unprocessable() {
    long deadLetters = log.count(Topics.SCRATCH_DEAD_LETTERS);
    if (deadLetters > 0 && !settings.skipsUnprocessable()) {
      throw new RebuildException(
          "expected every observation to be processed, but %d of them could not be; they are in %s, too. Look at their causes, or leave them out with --skip-unprocessable"
              .formatted(deadLetters, Topics.DEAD_LETTERS));
    }
    return deadLetters;
  }

  /** Nobody has streamed since offsets were asked for. */
  void untouched(int generation, Map<TopicPartition, Long> learnt) throws InterruptedException {
    requireNoMembers(generation);
    if (!log.committed(StreamSettings.applicationId(generation)).equals(learnt)) {
      throw new RebuildException(
          "expected nobody to stream meanwhile, but somebody did: stop flowmeter stream and up"
              + " everywhere, then run the rebuild again");
    }
  }
}
