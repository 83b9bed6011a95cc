package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.testkit.ClickHouseServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Period;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MigratorIT {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  private static final MigrationSettings SETTINGS = MigrationSettings.defaults();
  private static final List<String> ALL = Migration.ALL.stream().map(Migration::name).toList();

  @BeforeEach
  void withoutADatabase() throws SQLException {
    server.dropDatabase();
  }

  @Test
  void everythingIsAppliedOnceAndInOrder() throws SQLException {
    assertThat(names(Migrator.apply(server.writer(), SETTINGS))).isEqualTo(ALL);
    assertThat(Migrator.apply(server.writer(), SETTINGS)).isEmpty();

    assertThat(server.texts("SELECT name FROM schema_migrations ORDER BY applied_at"))
        .isEqualTo(ALL);
  }

  @Test
  void severalAtOnceTakeTurnsAndOneAppliesAll() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Callable<List<AppliedMigration>>> four = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        four.add(() -> Migrator.apply(server.writer(), SETTINGS));
      }
      List<List<String>> applied = new ArrayList<>();
      for (Future<List<AppliedMigration>> done : pool.invokeAll(four)) {
        applied.add(names(done.get()));
      }

      assertThat(applied).containsOnlyOnce(ALL).hasSize(4);
      assertThat(applied.stream().filter(List::isEmpty)).hasSize(3);
      assertThat(server.texts("SELECT count() FROM schema_migrations"))
          .containsExactly(Integer.toString(Migration.ALL.size()));
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void aSchemaOfASingleServerIsNotTakenForThatOfACluster() throws SQLException {
    Migrator.apply(server.writer(), SETTINGS);
    server.execute(
        "INSERT INTO schema_migrations (name, checksum, applied_at) SELECT 'cluster', 'east', now64(3)");

    assertThatThrownBy(() -> Migrator.apply(server.writer(), SETTINGS))
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("made for the cluster east")
        .hasMessageContaining("asked for a single server");
  }

  @Test
  void otherRetentionIsAppliedToWhatIsThere() throws SQLException {
    Migrator.apply(server.writer(), SETTINGS);

    List<AppliedMigration> applied =
        Migrator.apply(
            server.writer(), SETTINGS.withRetention(Period.ofDays(40), Period.ofYears(5)));

    assertThat(names(applied)).containsExactly("R002__relations", "R003__retention");
    assertThat(server.texts("SHOW CREATE TABLE step_runs_rows").get(0))
        .contains("TTL fromUnixTimestamp64Milli(run, 'UTC') + toIntervalDay(40)");
    assertThat(server.texts("SHOW CREATE TABLE step_minutes_rows").get(0))
        .contains("TTL toDateTime64(minute, 0, 'UTC') + toIntervalMonth(60)");
  }

  @Test
  void anEditedMigrationIsRefused() {
    Migrator.apply(server.writer(), SETTINGS, List.of(migration("V001__a", "SELECT 1;")));

    assertThatThrownBy(
            () ->
                Migrator.apply(
                    server.writer(), SETTINGS, List.of(migration("V001__a", "SELECT 2;"))))
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("Migration V001__a was edited after it was applied")
        .hasMessageContaining("put the change into a new migration");
  }

  @Test
  void aDatabaseOfANewerBuildIsRefused() {
    Migrator.apply(server.writer(), SETTINGS, List.of(migration("V999__later", "SELECT 1;")));

    assertThatThrownBy(() -> Migrator.apply(server.writer(), SETTINGS))
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("V999__later applied, which this build of Flowmeter does not know");
  }

  @Test
  void aHalfFailedMigrationIsNamedAndGoneOnWith() throws SQLException {
    String first = "CREATE TABLE IF NOT EXISTS half (n Int32) ENGINE = Memory;";

    assertThatThrownBy(
            () ->
                Migrator.apply(
                    server.writer(),
                    SETTINGS,
                    List.of(migration("V001__a", first + "ALTER TABLE absent DROP COLUMN n;"))))
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("Statement 2 of 2 of migration V001__a failed")
        .hasMessageContaining("ALTER TABLE absent")
        .hasMessageContaining("mend the cause and migrate again");
    assertThat(server.texts("EXISTS half")).containsExactly("1");

    List<AppliedMigration> applied =
        Migrator.apply(server.writer(), SETTINGS, List.of(migration("V001__a", first)));
    assertThat(names(applied)).containsExactly("V001__a");
  }

  @Test
  void whoWaitsTooLongLearnsWhoHoldsTheLock() throws SQLException {
    Migrator.apply(server.writer(), SETTINGS);
    try (SchemaLock held = SchemaLock.acquire(server.writer(), SETTINGS)) {
      held.requireHeld();

      assertThatThrownBy(
              () ->
                  Migrator.apply(
                      server.writer(),
                      SETTINGS.withLock(Duration.ofMillis(300), Duration.ofMinutes(1))))
          .isInstanceOf(MigrationException.class)
          .hasMessageContaining("Another migrator has held the schema for longer than PT0.3S")
          .hasMessageContaining("process " + ProcessHandle.current().pid());
    }
    assertThat(Migrator.apply(server.writer(), SETTINGS)).isEmpty();
  }

  @Test
  void theLockOfADeadMigratorIsTakenOver() throws SQLException {
    Migrator.apply(server.writer(), SETTINGS);
    server.execute(
        "CREATE TABLE schema_lock_40 (nothing UInt8) ENGINE = Memory COMMENT 'held by the dead'");

    assertThat(
            Migrator.apply(
                server.writer(), SETTINGS.withLock(Duration.ofSeconds(30), Duration.ofSeconds(3))))
        .isEmpty();
    assertThat(server.texts("SHOW TABLES LIKE 'schema_lock_%'")).containsExactly("schema_lock_41");
  }

  @Test
  void aLockIsKeptAliveAndWhoLostItStops() throws SQLException {
    Migrator.apply(server.writer(), SETTINGS);
    MigrationSettings hasty = SETTINGS.withLock(Duration.ofSeconds(5), Duration.ofSeconds(3));
    try (SchemaLock lock = SchemaLock.acquire(server.writer(), hasty)) {
      assertThatThrownBy(() -> SchemaLock.acquire(server.writer(), hasty))
          .as("the first one gives signs of life for longer than the lock's expiry")
          .hasMessageContaining("Another migrator has held the schema");
      lock.requireHeld();

      server.execute("CREATE TABLE schema_lock_99 (nothing UInt8) ENGINE = Memory COMMENT 'b'");
      assertThatThrownBy(lock::requireHeld).hasMessageContaining("went to another migrator");
    }
  }

  @Test
  void aServerThatIsNotThereIsNamedWithoutThePassword() {
    ClickHouseEndpoint nowhere = new ClickHouseEndpoint("http://127.0.0.1:1", "me", "secret");

    assertThatThrownBy(() -> Migrator.apply(nowhere, SETTINGS))
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("ClickHouse at http://127.0.0.1:1 as me")
        .hasMessageNotContaining("secret");
  }

  @Test
  void everyFileIsAppliedAndOpensWithItsReasonInTwoLines() throws IOException {
    Path folder =
        Path.of(
            System.getProperty("flowmeter.home"),
            "sql/src/main/resources/io/flowmeter/sql/migrations");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString().replace(".sql", "")))
          .containsExactlyInAnyOrderElementsOf(ALL);
    }
    for (Migration migration : Migration.ALL) {
      List<String> opening = migration.script().text().lines().limit(3).toList();
      assertThat(opening.subList(0, 2)).as(migration.name()).allMatch(l -> l.startsWith("-- "));
      assertThat(opening.get(2)).as(migration.name()).isEmpty();
    }
  }

  private static Migration migration(String name, String sql) {
    return new Migration(name, new SqlScript(sql));
  }

  private static List<String> names(List<AppliedMigration> applied) {
    return applied.stream().map(AppliedMigration::name).toList();
  }
}
