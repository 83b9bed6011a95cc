package io.flowmeter.streams.rebuild;

import io.flowmeter.failpoint.Failpoint;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.state.Generation;
import io.flowmeter.schemas.state.Swap;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.Migrator;
import io.flowmeter.sql.RebuiltTables;
import io.flowmeter.sql.RebuiltTables.Difference;
import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.topology.Replay;
import io.flowmeter.streams.writer.Route;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;

/**
 * Derives anew every run all of whose observations are retained, carries all else over, and puts
 * the result in the place of what is in use. Until the swap is decided nothing that is in use is
 * touched; once it is, another rebuild finishes it, should this one be interrupted.
 */
public final class Rebuild implements AutoCloseable {
  private static final Pattern INTERNAL =
      Pattern.compile("flowmeter-streams(?:-g(\\d+))?-.+-(?:changelog|repartition)");
  private static final Pattern APPLICATION = Pattern.compile("flowmeter-streams(?:-g(\\d+))?");

  private final RebuildSettings settings;
  private final SchemaRegistry registry;
  private final ClickHouseEndpoint clickHouse;
  private final RebuildListener listener;
  private final KafkaLog log;
  private final RebuildPreconditions require;

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
    require = new RebuildPreconditions(settings, clickHouse, listener, log);
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
    require.singleServer();
    require.migrated();
    Generation before = Generations.read(log);
    require.requireNoMembers(before.getNumber());
    if (before.getSwap() == null) {
      remakeMissingTables(before.getNumber());
    }
    try (RebuiltTables tables = RebuiltTables.lock(clickHouse, settings.schema())) {
      // Another rebuild may have had the lock until now.
      Generation generation = Generations.read(log);
      require.requireNoMembers(generation.getNumber());
      if (generation.getSwap() != null) {
        finish(tables, generation);
        listener.onProgress(
            "Finished the rebuild that was interrupted while its tables took their place");
        return Optional.empty();
      }
      dropAllBut(generation.getNumber(), tables);
      try {
        return Optional.of(rebuild(generation.getNumber(), tables));
      } finally {
        if (Generations.read(log).getSwap() == null) {
          dropAllBut(Generations.read(log).getNumber(), tables);
        }
      }
    }
  }

  private RebuildResult rebuild(int generation, RebuiltTables tables)
      throws SQLException, InterruptedException {
    int next = generation + 1;
    Derivation derivation =
        new Derivation(settings, registry, clickHouse, listener, log, scratchDirectory());
    derivation.writeWhatWaits();
    Map<TopicPartition, Long> learnt = log.committed(StreamSettings.applicationId(generation));
    ObservedRange range = ObservedRange.of(log, learnt, settings.stream().clock());
    CarriedState state = new CarriedState(log, generation, next, settings.stream().replication());
    require.known(range, state);
    reportBoundary(range);

    Replay replay =
        new Replay(
            range.boundary(),
            range.ends().entrySet().stream()
                .collect(Collectors.toMap(end -> end.getKey().partition(), Map.Entry::getValue)));
    listener.working("carrying state over", 0, 0);
    state.copy(replay, learnt);
    derivation.makeScratchTopics(log.partitions(Topics.OBSERVATIONS.name()).size());
    tables.make();
    log.commit(StreamSettings.applicationId(next), range.starts());
    derivation.replay(next, replay, range);
    long skipped = require.unprocessable();
    long derived = tables.derived(range.boundary());
    long carried = 0;
    if (range.boundary().isPresent()) {
      listener.working("carrying rows over", 0, 0);
      RebuildPreconditions.noStrays(tables, range.boundary().get());
      carried = tables.carry(range.boundary().get());
    }
    listener.working("comparing", 0, 0);
    List<Difference> differences = tables.differences(range.boundary());
    if (settings.swaps()) {
      require.untouched(generation, learnt);
      Map<TopicPartition, Long> goOn = new HashMap<>(range.ends());
      learnt.forEach(
          (partition, offset) -> {
            if (partition.topic().equals(Topics.DEAD_LETTERS)) {
              goOn.put(partition, offset);
            }
          });
      log.commitOnceEmpty(StreamSettings.applicationId(next), goOn);
      Generation decided = new Generation(generation, new Swap(next, tables.identities()));
      Failpoint.SWAP_BEFORE_DECISION.reached();
      Generations.write(log, decided, settings.stream().clock().instant());
      Failpoint.SWAP_AFTER_DECISION.reached();
      finish(tables, decided);
    }
    return new RebuildResult(
        range.boundary(), derived, carried, skipped, differences, settings.swaps());
  }

  /** From here on there is no way back, and every step can be repeated. */
  private void finish(RebuiltTables tables, Generation decided)
      throws SQLException, InterruptedException {
    require.requireNoMembers(decided.getNumber());
    Swap swap = decided.getSwap();
    listener.working("taking its place", 0, 0);
    // Whoever began to stream just before the decision told rows of the generation that goes.
    log.commitOnceEmpty(
        Route.LIVE.group(),
        log.ends(
            Topics.OF_RUNS.stream()
                .flatMap(topic -> log.partitions(topic.name()).stream())
                .toList()));
    Failpoint.SWAP_BEFORE_TABLES.reached();
    tables.swap(swap.getTables());
    Failpoint.SWAP_AFTER_TABLES.reached();
    Failpoint.SWAP_BEFORE_GENERATION.reached();
    Generations.write(log, new Generation(swap.getTo(), null), settings.stream().clock().instant());
    Failpoint.SWAP_AFTER_GENERATION.reached();
    dropAllBut(swap.getTo(), tables);
  }

  /** Removes what rebuilds left, and the state of generations that are not in force. */
  private void dropAllBut(int generation, RebuiltTables tables) throws SQLException {
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
    for (Path stores : children(settings.stream().stateDir())) {
      if (isOfAnother(APPLICATION, stores.getFileName().toString(), generation)) {
        delete(stores);
      }
    }
  }

  private static boolean isOfAnother(Pattern pattern, String name, int generation) {
    Matcher matcher = pattern.matcher(name);
    return matcher.matches()
        && (matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1))) != generation;
  }

  private void reportBoundary(ObservedRange range) {
    listener.onProgress(
        range
            .boundary()
            .map(
                at ->
                    "Boundary "
                        + Instant.ofEpochMilli(at)
                        + ": runs named from then on are derived anew, those before are carried over")
            .orElse("Boundary none: no observation was ever deleted, all runs are derived anew"));
  }

  private void remakeMissingTables(int generation) throws SQLException {
    List<String> missing =
        RebuiltTables.missing(
            clickHouse, Topics.OF_RELATIONS.stream().map(Topic::relation).toList());
    if (!missing.isEmpty()) {
      require.recountable(
          missing,
          ObservedRange.of(
              log,
              log.committed(StreamSettings.applicationId(generation)),
              settings.stream().clock()));
      Migrator.remake(clickHouse, settings.schema(), missing);
      listener.onProgress(
          "Made anew, empty: "
              + String.join(", ", missing)
              + ". What they held of before the boundary is lost, but for minutes that facts tell");
    }
  }

  private Path scratchDirectory() {
    return settings.stream().stateDir().resolve("rebuild");
  }

  private static List<Path> children(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(directory)) {
      return children.toList();
    } catch (IOException e) {
      throw new RebuildException("cannot read %s: %s".formatted(directory, e), e);
    }
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
