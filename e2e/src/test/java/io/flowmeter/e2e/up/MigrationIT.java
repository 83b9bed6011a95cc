package io.flowmeter.e2e.up;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.console.ProgressListener;
import io.flowmeter.cli.doctor.Diagnostics;
import io.flowmeter.cli.doctor.Finding;
import io.flowmeter.cli.doctor.Finding.Verdict;
import io.flowmeter.cli.migrate.BackendMigration;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.dev.up.Up;
import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedStack;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a Kafka, a registry and a ClickHouse that are there already, as an operator's are. */
class MigrationIT {
  @TempDir Path temp;

  @Test
  void whatIsMissingIsToldThenMadeOnceThenUsedByUp() throws Exception {
    try (EmbeddedStack theirs =
        EmbeddedStack.in(temp.resolve("theirs"))
            .withKafka(0)
            .withRegistry(0)
            .withClickHouse(0, ClickHouseUsers.of("writer-secret", "reader-secret"))
            .start()) {
      Settings settings = settings(theirs);
      Backends backends = Backends.find(settings);
      try (Admin admin = backends.admin();
          SchemaRegistry registry = backends.registry()) {
        assertThat(BackendMigration.missingTopics(admin))
            .hasSize(Topics.ALL.size() + 1)
            .contains("flowmeter.observations", "flowmeter.dead_letters");
        assertThat(BackendMigration.missingSchemas(registry)).hasSize(Topics.ALL.size());
      }
      assertThat(findings(backends, Verdict.WRONG))
          .hasSize(3)
          .allMatch(text -> text.contains("flowmeter migrate"));

      assertThat(BackendMigration.topicsAndSchemas(backends)).isNotEmpty();
      assertThat(BackendMigration.tables(backends)).isNotEmpty();
      assertThat(findings(backends, Verdict.WRONG)).isEmpty();
      assertThat(BackendMigration.topicsAndSchemas(backends)).isEmpty();
      assertThat(BackendMigration.tables(backends)).isEmpty();

      steps(backends, "order {}");
      assertThat(findings(backends, Verdict.FINE))
          .contains("ids are folded to {} since there are more than 200: orders (1 steps)");
      steps(backends, "(other)");
      assertThat(findings(backends, Verdict.WRONG))
          .singleElement(as(STRING))
          .contains("(other): orders (7 step runs). Keep what differs from run to run out");

      stateOfAnotherVersion(backends);
      String strange = "this one does not read: stores runs of flowmeter-streams. ";
      assertThat(findings(backends, Verdict.WRONG))
          .anySatisfy(text -> assertThat(text).contains(strange, "run flowmeter rebuild"));
      List<String> warnings = new CopyOnWriteArrayList<>();

      try (Up up = Up.start(settings, new Warned(warnings))) {
        assertThat(warnings).singleElement(as(STRING)).contains(strange);
        assertThat(up.clickHouseUrl()).isEqualTo(theirs.clickHouse().httpUrl());
        assertThat(up.readerPassword()).isEqualTo("reader-secret");
        await("rows of step_runs")
            .atMost(Duration.ofMinutes(2))
            .until(() -> up.rowsWritten(Topics.STEP_RUNS) > 0);
      }
      assertThat(temp.resolve("data"))
          .isDirectoryNotContaining("glob:**/{kafka,registry,clickhouse}");
    }
  }

  /** A store that there is no more, and one of another generation. */
  private static void stateOfAnotherVersion(Backends backends) throws Exception {
    try (Admin admin = backends.admin()) {
      admin
          .createTopics(
              List.of(
                  new NewTopic("flowmeter-streams-runs-changelog", 1, (short) 1),
                  new NewTopic("flowmeter-streams-g7-runs-changelog", 1, (short) 1)))
          .all()
          .get();
    }
  }

  /** Keeps what is warned of. */
  private record Warned(List<String> warnings) implements ProgressListener {
    @Override
    public void onProgress(String line) {}

    @Override
    public void warn(String line) {
      warnings.add(line);
    }
  }

  private static void steps(Backends backends, String step) throws SQLException {
    try (Connection connection = backends.writer().connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "INSERT INTO step_minutes_rows (account_id, workflow, step, type, minute, runs)"
              + " VALUES ('local', 'orders', '"
              + step
              + "', 'step', toStartOfMinute(now('UTC')), 7)");
    }
  }

  private Settings settings(EmbeddedStack theirs) throws Exception {
    Path writer = secret("writer", "writer-secret");
    Path reader = secret("reader", "reader-secret");
    return Settings.read(
        Map.of(
            "data.dir", temp.resolve("data").toString(),
            "kafka.bootstrap.servers", theirs.kafka().bootstrapServers(),
            "registry.url", theirs.registry().url().toString(),
            "clickhouse.url", theirs.clickHouse().httpUrl().toString(),
            "clickhouse.password.file", writer.toString(),
            "clickhouse.reader.password.file", reader.toString()),
        Map.of(),
        Optional.empty());
  }

  private Path secret(String name, String text) throws Exception {
    Path file = Files.writeString(temp.resolve(name), text);
    Files.setPosixFilePermissions(
        file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  private static List<String> findings(Backends backends, Verdict verdict) {
    Diagnostics diagnostics = new Diagnostics(backends);
    List<Finding> all = new ArrayList<>(diagnostics.kafka());
    all.addAll(diagnostics.registry());
    all.addAll(diagnostics.clickHouse());
    return all.stream().filter(each -> each.verdict() == verdict).map(Finding::text).toList();
  }
}
