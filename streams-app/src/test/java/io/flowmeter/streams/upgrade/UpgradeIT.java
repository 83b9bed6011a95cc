package io.flowmeter.streams.upgrade;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.clock.Clock;
import io.flowmeter.clock.FastClock;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.sql.MigrationSettings;
import io.flowmeter.sql.RebuiltTables.Difference;
import io.flowmeter.streams.InstanceHistory;
import io.flowmeter.streams.rebuild.Pipeline;
import io.flowmeter.streams.rebuild.RebuildResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Period;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * This build continues from the topics, state, schemas and tables of each release. They are kept as
 * they were on disk, without the directory of local state, so that stores are restored from their
 * changelogs. docs/compatibility.md says when a release is recorded.
 */
class UpgradeIT {
  /** A file for each release, named after it. */
  private static final Path KEPT = Path.of("src/test/resources/upgrade");

  private static final String RECORD = "upgrade.record";
  private static final Path RELATIONS = Path.of("relations.txt");

  /** By the calendar of the story, whatever year it is: nothing is to be too old. */
  private static final MigrationSettings SCHEMA =
      MigrationSettings.defaults().withRetention(Period.ofYears(60), Period.ofYears(60));

  private static final Pattern NOT_KEPT =
      Pattern.compile(".*[.]lock|registry[.]log|clickhouse[.]log|(config|users)[.]xml");

  @TempDir Path data;

  static List<Path> releases() throws IOException {
    try (Stream<Path> files = Files.list(KEPT)) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("releases")
  void whatAReleaseLeftIsReadAndContinued(Path release) throws Exception {
    Archive.unpack(release, data);
    try (Pipeline pipeline = new Pipeline(data, clock(Duration.ofDays(1)), SCHEMA)) {
      assertThat(relations(pipeline, kept(data.resolve(RELATIONS))))
          .isEqualTo(Files.readAllLines(data.resolve(RELATIONS)));

      pipeline.start();
      new Story().goOn(pipeline);
      assertThat(pipeline.inTrouble()).isFalse();
      pipeline.stop();

      RebuildResult fromTheBeginning =
          pipeline
              .rebuild(pipeline.rebuilding().comparing().skipping(), new ArrayList<>())
              .orElseThrow();
      assertThat(fromTheBeginning.boundary()).isEmpty();
      assertThat(fromTheBeginning.derived()).isEqualTo(Story.RUNS);
      assertThat(fromTheBeginning.skipped()).isEqualTo(2);
      assertThat(fromTheBeginning.differences())
          .hasSameSizeAs(Topics.OF_RUNS)
          .allSatisfy(UpgradeIT::isNone);
      assertThat(whatIsToldOfItsMoment(pipeline))
          .containsExactlyInAnyOrder("late 2", "dead letters 2", "sweeps 2");
    }
  }

  /** Keeps what this build leaves as that of the release in the property. */
  @Test
  @EnabledIfSystemProperty(named = RECORD, matches = "\\d+[.]\\d+[.]\\d+")
  void record() throws Exception {
    try (Pipeline pipeline = new Pipeline(data, clock(Duration.ofHours(4)), SCHEMA)) {
      pipeline.start();
      new Story().begin(pipeline);
      keepForEver(pipeline);
      pipeline.stop();
      Files.write(data.resolve(RELATIONS), relations(pipeline, columns(pipeline)));
    }
    Files.createDirectories(KEPT);
    Archive.pack(data, UpgradeIT::isKept, KEPT.resolve(System.getProperty(RECORD) + ".bin"));
  }

  /** Neither local state nor what each start writes anew. */
  private static boolean isKept(Path path) {
    return !path.startsWith("streams")
        && !NOT_KEPT.matcher(path.getFileName().toString()).matches();
  }

  private static void isNone(Difference difference) {
    assertThat(difference)
        .isEqualTo(new Difference(difference.relation(), difference.rows(), 0, 0, 0));
    assertThat(difference.rows()).isPositive();
  }

  private static List<String> whatIsToldOfItsMoment(Pipeline pipeline) throws SQLException {
    return pipeline.select(
        "SELECT 'late ' || toString(sum(late_ignored)) FROM collector_minutes"
            + " UNION ALL SELECT 'dead letters ' || toString(sum(dead_letters)) FROM collector_minutes"
            + " UNION ALL SELECT 'sweeps ' || toString(uniqExact(minute)) FROM status_counts");
  }

  private static Clock clock(Duration sinceTheStoryBegan) {
    return FastClock.from(InstanceHistory.EPOCH.plus(sinceTheStoryBegan), 20);
  }

  /** The columns of each relation: a later build may have more of both. */
  private static Map<String, String> columns(Pipeline pipeline) throws SQLException {
    Map<String, String> columns = new HashMap<>();
    for (String relation : relations().toList()) {
      columns.put(
          relation,
          String.join(
              ", ",
              pipeline.select(
                  "SELECT name FROM system.columns WHERE database = 'flowmeter' AND table = '"
                      + relation
                      + "' AND name != 'inserted_at' ORDER BY position")));
    }
    return columns;
  }

  private static Map<String, String> kept(Path file) throws IOException {
    Map<String, String> columns = new HashMap<>();
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith("# ")) {
        String[] parts = line.substring(2).split(": ", 2);
        columns.put(parts[0], parts[1]);
      }
    }
    return columns;
  }

  private static List<String> relations(Pipeline pipeline, Map<String, String> columns)
      throws SQLException {
    List<String> lines = new ArrayList<>();
    for (String relation : columns.keySet().stream().sorted().toList()) {
      lines.add("# " + relation + ": " + columns.get(relation));
      lines.addAll(
          pipeline.select(
              "SELECT " + columns.get(relation) + " FROM " + relation + " ORDER BY ALL"));
    }
    return lines;
  }

  private static Stream<String> relations() {
    return Stream.concat(
        Topics.OF_RELATIONS.stream().map(Topic::relation), Stream.of("error_groups"));
  }

  /** Kafka deletes by its own calendar. */
  private static void keepForEver(Pipeline pipeline) throws Exception {
    AlterConfigOp forEver =
        new AlterConfigOp(
            new ConfigEntry(TopicConfig.RETENTION_MS_CONFIG, "-1"), AlterConfigOp.OpType.SET);
    try (Admin admin = Admin.create(pipeline.kafka())) {
      Map<ConfigResource, Collection<AlterConfigOp>> all = new HashMap<>();
      for (String topic : admin.listTopics().names().get()) {
        all.put(new ConfigResource(ConfigResource.Type.TOPIC, topic), List.of(forEver));
      }
      admin.incrementalAlterConfigs(all).all().get();
    }
  }
}
