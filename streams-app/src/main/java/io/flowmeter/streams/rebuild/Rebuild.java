package io.flowmeter.streams.rebuild;

import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.state.Generation;
import io.flowmeter.schemas.state.Swap;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.Migrator;
import io.flowmeter.sql.RebuiltTables;
import io.flowmeter.sql.RebuiltTables.Difference;
import io.flowmeter.streams.StreamProcessing;
import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.topology.Replay;
import io.flowmeter.streams.writer.ClickHouseWriter;
import io.flowmeter.streams.writer.Route;
import io.flowmeter.streams.writer.WriterSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.TopicPartition;

/**
 * Derives anew every run all of whose observations are retained, carries all else over, and puts
 * the result in the place of what is in use. Until the swap is decided nothing that is in use is
 * touched; once it is, another rebuild finishes it, should this one be interrupted.
 */
public final class Rebuild implements AutoCloseable {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

  /** A group that was left just now takes a moment to be empty. */
  private static final Duration EMPTY_WITHIN = Duration.ofSeconds(60);

  /** The topology tells open minutes once a second and commits them up to 200 ms later. */
  private static final Duration QUIET = Duration.ofMillis(2_500);

  /** Threads that fail are replaced; what fails so often does not mend itself. */
  private static final int MOST_FAILURES = 5;

  private static final Pattern INTERNAL =
      Pattern.compile("flowmeter-streams(?:-g(\\d+))?-.+-(?:changelog|repartition)");
  private static final Pattern APPLICATION = Pattern.compile("flowmeter-streams(?:-g(\\d+))?");

  private final RebuildSettings settings;
  private final SchemaRegistry registry;
  private final ClickHouseEndpoint clickHouse;
  private final RebuildListener listener;
  private final KafkaLog log;

  private Rebuild(
      RebuildSettings settings,
      SchemaRegistry registry,
      ClickHouseEndpoint clickHouse,
      RebuildListener listener) {
    this.settings = settings;
    this.registry = registry;
    this.clickHouse = clickHouse;
    this.listener = listener;
    log = new KafkaLog(settings.stream().kafka());
  }

  /**
   * Rebuilds.
   *
   * @return what it came to; empty where it finished an earlier one that was interrupted
   * @throws RebuildException where it is refused; nothing in use was touched then
   */
  public static Optional<RebuildResult> run(
      RebuildSettings settings,
      SchemaRegistry registry,
      ClickHouseEndpoint clickHouse,
      RebuildListener listener)
      throws InterruptedException {
    try (Rebuild rebuild = new Rebuild(settings, registry, clickHouse, listener)) {
      return rebuild.run();
    } catch (SQLException e) {
      throw new RebuildException(clickHouse + " failed: " + e.getMessage(), e);
    }
  }

  private Optional<RebuildResult> run() throws SQLException, InterruptedException {
    requireSingleServer();
    requireMigrated();
    Generation generation = Generations.read(log);
    requireNobody(generation.getNumber());
    if (generation.getSwap() == null) {
      remakeMissingTables();
    }
    try (RebuiltTables tables = RebuiltTables.lock(clickHouse, settings.schema())) {
      if (generation.getSwap() != null) {
        finish(tables, generation);
        listener.told(
            "Finished the rebuild that was interrupted while its tables took their place");
        return Optional.empty();
      }
      forgetAllBut(generation.getNumber(), tables);
      try {
        return Optional.of(rebuild(generation.getNumber(), tables));
      } finally {
        if (Generations.read(log).getSwap() == null) {
          forgetAllBut(Generations.read(log).getNumber(), tables);
        }
      }
    }
  }

  private RebuildResult rebuild(int generation, RebuiltTables tables)
      throws SQLException, InterruptedException {
    int next = generation + 1;
    writeWhatWaits();
    Map<TopicPartition, Long> learnt = log.committed(StreamSettings.applicationId(generation));
    ObservedRange range = ObservedRange.of(log, learnt, settings.stream().clock());
    CarriedState state = new CarriedState(log, generation, next, settings.stream().replication());
    requireKnown(range, state);
    tellBoundary(range);

    Replay replay =
        new Replay(
            range.boundary(),
            range.ends().entrySet().stream()
                .collect(Collectors.toMap(end -> end.getKey().partition(), Map.Entry::getValue)));
    listener.working("carrying state over", 0, 0);
    state.copy(replay, learnt);
    makeScratchTopics(log.partitions(Topics.OBSERVATIONS.name()).size());
    tables.make();
    log.commit(StreamSettings.applicationId(next), range.starts());
    replay(next, replay, range);
    long skipped = unprocessable();
    long derived = tables.derived(range.boundary());
    long carried = 0;
    if (range.boundary().isPresent()) {
      listener.working("carrying rows over", 0, 0);
      requireNoStrays(tables, range.boundary().get());
      carried = tables.carry(range.boundary().get());
    }
    listener.working("comparing", 0, 0);
    List<Difference> differences = tables.differences(range.boundary());
    if (settings.swaps()) {
      requireUntouched(generation, learnt);
      Map<TopicPartition, Long> goOn = new HashMap<>(range.ends());
      learnt.forEach(
          (partition, offset) -> {
            if (partition.topic().equals(Topics.DEAD_LETTERS)) {
              goOn.put(partition, offset);
            }
          });
      commitOnceEmpty(StreamSettings.applicationId(next), goOn);
      Generation decided = new Generation(generation, new Swap(next, tables.identities()));
      Generations.write(log, decided);
      finish(tables, decided);
    }
    return new RebuildResult(
        range.boundary(), derived, carried, skipped, differences, settings.swaps());
  }

  /** From here on there is no way back, and every step can be repeated. */
  private void finish(RebuiltTables tables, Generation decided)
      throws SQLException, InterruptedException {
    requireNobody(decided.getNumber());
    Swap swap = decided.getSwap();
    listener.working("taking its place", 0, 0);
    // Whoever began to stream just before the decision told rows of the generation that goes.
    commitOnceEmpty(
        Route.LIVE.group(),
        log.ends(
            Topics.OF_RUNS.stream()
                .flatMap(topic -> log.partitions(topic.name()).stream())
                .toList()));
    tables.swap(swap.getTables());
    Generations.write(log, new Generation(swap.getTo(), null));
    forgetAllBut(swap.getTo(), tables);
    delete(settings.stream().stateDir().resolve(StreamSettings.applicationId(decided.getNumber())));
  }

  /** Removes what rebuilds left, and the state of generations that are not in force. */
  private void forgetAllBut(int generation, RebuiltTables tables) throws SQLException {
    tables.drop();
    log.deleteGroups(
        Stream.concat(
                log.groups().stream().filter(group -> isOfAnother(APPLICATION, group, generation)),
                Stream.of(Route.REBUILD.group()))
            .toList());
    log.deleteTopics(
        log.topics().stream()
            .filter(
                topic ->
                    topic.startsWith(Topic.SCRATCH_PREFIX)
                        || isOfAnother(INTERNAL, topic, generation))
            .toList());
    delete(scratchDirectory());
  }

  private static boolean isOfAnother(Pattern pattern, String name, int generation) {
    Matcher matcher = pattern.matcher(name);
    return matcher.matches()
        && (matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1))) != generation;
  }

  // What is required

  private void requireSingleServer() {
    if (settings.schema().cluster().isPresent()) {
      throw new RebuildException(
          "expected a single ClickHouse server, came the cluster %s: a rebuild cannot swap the tables of a cluster yet"
              .formatted(settings.schema().cluster().get()));
    }
  }

  private void requireMigrated() {
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

  private void requireNobody(int generation) throws InterruptedException {
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
      KafkaLog.await(
          log.admin()
              .removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions())
              .all(),
          "remove the members of " + group);
      return log.members(group);
    }
    return members;
  }

  private void requireKnown(ObservedRange range, CarriedState state) {
    if (range.size() == 0) {
      throw new RebuildException(
          "expected observations to derive runs from, but none are retained that the topology has"
              + " learnt: nothing can be derived anew");
    }
    if (range.boundary().isEmpty()) {
      return;
    }
    if (!state.isThere()) {
      throw new RebuildException(
          "expected the topology's state, for observations before %s are gone and runs of before could not go on; but it is not in Kafka. Restore its changelogs, or start flowmeter stream, which goes on without what is lost"
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

  private void tellBoundary(ObservedRange range) {
    listener.told(
        range
            .boundary()
            .map(
                at ->
                    "Boundary "
                        + Instant.ofEpochMilli(at)
                        + ": runs named from then on are derived anew, those before are carried over")
            .orElse("Boundary none: no observation was ever deleted, all runs are derived anew"));
  }

  private static void requireNoStrays(RebuiltTables tables, long boundary) throws SQLException {
    long stray = tables.strayMinutes(boundary);
    if (stray > 0) {
      throw new RebuildException(
          "expected runs to lie after their names, but %d rows of minutes lie well before the boundary %s: which part of those minutes is theirs cannot be told"
              .formatted(stray, Instant.ofEpochMilli(boundary)));
    }
  }

  private long unprocessable() {
    long letters = log.count(Topics.SCRATCH_DEAD_LETTERS);
    if (letters > 0 && !settings.skipsUnprocessable()) {
      throw new RebuildException(
          "expected every observation to be processed, but %d of them could not be; they are in %s, too. Look at their causes, or leave them out with --skip-unprocessable"
              .formatted(letters, Topics.DEAD_LETTERS));
    }
    return letters;
  }

  private void requireUntouched(int generation, Map<TopicPartition, Long> learnt)
      throws InterruptedException {
    requireNobody(generation);
    if (!log.committed(StreamSettings.applicationId(generation)).equals(learnt)) {
      throw new RebuildException(
          "expected nobody to stream meanwhile, but somebody did: stop flowmeter stream and up"
              + " everywhere, then run the rebuild again");
    }
  }

  private void remakeMissingTables() throws SQLException {
    List<String> missing =
        RebuiltTables.missing(
            clickHouse, Topics.OF_RELATIONS.stream().map(Topic::relation).toList());
    if (!missing.isEmpty()) {
      Migrator.remake(clickHouse, settings.schema(), missing);
      listener.told(
          "Made anew, empty: "
              + String.join(", ", missing)
              + ". What they held of before the boundary is lost, but for minutes, which facts tell");
    }
  }

  // What is done

  /**
   * Writes what waits for the writer, for what is carried over has to be whole. What is not derived
   * from runs is told once more, as far back as its topics go.
   */
  private void writeWhatWaits() throws InterruptedException {
    List<Topic<?>> ofMoments =
        Topics.OF_RELATIONS.stream().filter(topic -> !Topics.OF_RUNS.contains(topic)).toList();
    Map<TopicPartition, Long> again = new HashMap<>();
    for (Topic<?> topic : ofMoments) {
      again.putAll(log.starts(log.partitions(topic.name())));
    }
    commitOnceEmpty(Route.LIVE.group(), again);
    try (ClickHouseWriter writer = writer(Route.LIVE)) {
      awaitWritten(
          writer, Route.LIVE.group(), Topics.OF_RELATIONS.stream().map(Topic::name).toList());
    }
  }

  private ClickHouseWriter writer(Route route) {
    return ClickHouseWriter.start(
        WriterSettings.of(KafkaLog.withoutMember(settings.stream().kafka()))
            .withClock(settings.stream().clock()),
        route,
        registry,
        clickHouse);
  }

  private void replay(int generation, Replay replay, ObservedRange range)
      throws InterruptedException {
    StreamSettings stream = settings.stream();
    StreamSettings once =
        new StreamSettings(
            KafkaLog.withoutMember(stream.kafka()),
            scratchDirectory(),
            stream.threads(),
            stream.commitInterval(),
            stream.replication(),
            stream.topology().replaying(replay),
            generation,
            stream.clock());
    List<String> scratch = Topics.OF_RUNS.stream().map(Topic::scratchName).toList();
    try (ClickHouseWriter writer = writer(Route.REBUILD)) {
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
      Map<TopicPartition, Long> committed = log.committed(group);
      long left = 0;
      boolean done = true;
      for (Map.Entry<TopicPartition, Long> end : range.ends().entrySet()) {
        long at = committed.getOrDefault(end.getKey(), range.starts().get(end.getKey()));
        if (at < end.getValue() && log.hasRecords(end.getKey(), at, end.getValue())) {
          left += end.getValue() - at;
          done = false;
        }
      }
      listener.working("reading observations", range.size() - left, range.size());
      if (done) {
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
    while (System.nanoTime() - quietSince < QUIET.toNanos()) {
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
    Map<TopicPartition, Long> starts = log.starts(partitions);
    Map<TopicPartition, Long> ends = log.ends(partitions);
    return partitions.stream()
        .noneMatch(
            partition ->
                log.hasRecords(
                    partition,
                    Math.max(starts.get(partition), committed.getOrDefault(partition, 0L)),
                    ends.get(partition)));
  }

  private static void requireAlive(StreamProcessing topology, ClickHouseWriter writer) {
    topology
        .failure()
        .filter(failure -> isGone(failure) || topology.failures() > MOST_FAILURES)
        .ifPresent(
            failure -> {
              throw new RebuildException(
                  isGone(failure)
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
  private static boolean isGone(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .anyMatch(InvalidOffsetException.class::isInstance);
  }

  private static void requireAlive(ClickHouseWriter writer) {
    if (!writer.isRunning()) {
      throw new RebuildException(
          "the writer stopped: " + writer.progress().trouble().orElse("see the log"));
    }
  }

  private void makeScratchTopics(int partitions) {
    short replication = (short) settings.stream().replication();
    Stream.concat(
            Topics.OF_RUNS.stream().map(Topic::scratchName), Stream.of(Topics.SCRATCH_DEAD_LETTERS))
        .forEach(
            topic ->
                log.create(
                    new NewTopic(
                            topic,
                            Optional.of(partitions),
                            replication < 0 ? Optional.empty() : Optional.of(replication))
                        // Facts are stamped like their observations, which can be old.
                        .configs(Map.of("retention.ms", "-1"))));
  }

  private void commitOnceEmpty(String group, Map<TopicPartition, Long> offsets)
      throws InterruptedException {
    long deadline = System.nanoTime() + EMPTY_WITHIN.toNanos();
    while (!log.members(group).isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(LOOK_AGAIN.toMillis());
    }
    log.commit(group, offsets);
  }

  private Path scratchDirectory() {
    return settings.stream().stateDir().resolve("rebuild");
  }

  private static void delete(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new RebuildException(
          "cannot remove %s: %s. Remove it and run the rebuild again".formatted(directory, e), e);
    }
  }

  @Override
  public void close() {
    log.close();
  }
}
