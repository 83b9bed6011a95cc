package io.flowmeter.sql;

import io.flowmeter.failpoint.Failpoint;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a ClickHouse server to this build's schema, by the history kept in {@code
 * flowmeter.schema_migrations}.
 *
 * <p>It is safe to repeat, and goes on where a failed or killed one stopped: a migration enters the
 * history after its last statement, and every statement can be repeated. Several at once take turns
 * by a {@link SchemaLock}.
 */
public final class Migrator {

  private static final Logger log = LoggerFactory.getLogger(Migrator.class);

  static final String HISTORY =
      """
      CREATE TABLE IF NOT EXISTS schema_migrations
      (
          name       String,
          checksum   String COMMENT 'SHA-256 of the file, in R… with its settings filled in',
          applied_at DateTime64(3, 'UTC'),
          took_ms    Int64
      )
      ENGINE = ReplacingMergeTree(applied_at)
      ORDER BY name
      """;

  /** The entry of the history that tells the cluster instead of a checksum. */
  private static final String CLUSTER = "cluster";

  /** ClickHouse's codes UNKNOWN_TABLE and UNKNOWN_DATABASE. */
  private static final Set<Integer> NOT_THERE = Set.of(60, 81);

  /** What a statement makes or changes, if that is a table. */
  private static final Pattern SUBJECT =
      Pattern.compile("^(?:CREATE TABLE IF NOT EXISTS|ALTER TABLE) (\\w+)\\b", Pattern.MULTILINE);

  private Migrator() {}

  /**
   * Creates the database where it is missing and applies what is missing in it.
   *
   * @return what was applied, in order; empty where the schema was up to date
   * @throws MigrationException when the server is too old, an applied migration was edited, the
   *     database is newer than this build, another migrator holds the lock for too long, or a
   *     statement fails
   */
  public static List<AppliedMigration> apply(
      ClickHouseEndpoint endpoint, MigrationSettings settings) {
    return apply(endpoint, settings, Migration.ALL);
  }

  static List<AppliedMigration> apply(
      ClickHouseEndpoint endpoint, MigrationSettings settings, List<Migration> migrations) {
    createDatabase(endpoint, settings);
    try (SchemaLock lock = SchemaLock.acquire(endpoint, settings);
        Connection connection = endpoint.connect();
        Statement statement = connection.createStatement()) {
      ServerVersion.require(statement, endpoint);
      statement.execute(
          settings
              .cluster()
              .map(name -> new Cluster(name).everywhere(HISTORY, "schema_migrations"))
              .orElse(HISTORY));
      Map<String, String> history = history(statement);
      requireSameCluster(settings, history, connection);
      refuseUnknown(migrations, history.keySet());
      List<AppliedMigration> applied = new ArrayList<>();
      for (Migration migration : migrations) {
        if (isDue(migration, settings, history)) {
          applied.add(apply(migration, settings, lock, connection));
        }
      }
      return List.copyOf(applied);
    } catch (SQLException e) {
      throw new MigrationException(
          "The schema at " + endpoint + " could not be read: " + e.getMessage(), e);
    }
  }

  /**
   * What {@link #apply} would apply; the whole schema where the database is not there.
   *
   * @throws MigrationException where the schema cannot be read, or is not this build's
   */
  public static List<String> pending(ClickHouseEndpoint endpoint, MigrationSettings settings) {
    List<Migration> due = new ArrayList<>();
    try (Connection connection = endpoint.connect();
        Statement statement = connection.createStatement()) {
      Map<String, String> history = history(statement);
      if (!history.isEmpty()) {
        requireSameCluster(settings, history, connection);
      }
      refuseUnknown(Migration.ALL, history.keySet());
      for (Migration migration : Migration.ALL) {
        if (isDue(migration, settings, history)) {
          due.add(migration);
        }
      }
    } catch (SQLException e) {
      if (!NOT_THERE.contains(e.getErrorCode())) {
        throw new MigrationException(
            "The schema at " + endpoint + " could not be read: " + e.getMessage(), e);
      }
      due.addAll(Migration.ALL);
    }
    return due.stream().map(Migration::name).toList();
  }

  /**
   * Makes tables that were dropped anew, empty, as all migrations so far would have left them.
   *
   * @param tables their names
   */
  public static void remake(
      ClickHouseEndpoint endpoint, MigrationSettings settings, List<String> tables) {
    try (SchemaLock lock = SchemaLock.acquire(endpoint, settings);
        Connection connection = endpoint.connect();
        Statement statement = connection.createStatement()) {
      for (Migration migration : Migration.ALL) {
        for (String sql : migration.statements(settings)) {
          Matcher subject = SUBJECT.matcher(sql);
          if (subject.find() && tables.contains(subject.group(1))) {
            lock.requireHeld();
            statement.execute(sql);
          }
        }
      }
      new MinuteSums(connection)
          .drop(
              MinuteSums.RELATIONS.stream()
                  .filter(sums -> tables.contains(RebuiltTables.table(sums)))
                  .toList());
    } catch (SQLException e) {
      throw new MigrationException(
          "The tables %s could not be made anew: %s".formatted(tables, e.getMessage()), e);
    }
  }

  /**
   * The tables of a cluster are others than those of a single server, and no migration turns one
   * into the other: what was chosen at first is in the history, and is not changed.
   */
  private static void requireSameCluster(
      MigrationSettings settings, Map<String, String> history, Connection connection)
      throws SQLException {
    boolean fresh = history.isEmpty();
    String before = Optional.ofNullable(history.remove(CLUSTER)).orElse("");
    String now = settings.cluster().orElse("");
    if (fresh && !now.isEmpty()) {
      enterHistory(connection, CLUSTER, now, Duration.ZERO);
    } else if (!fresh && !before.equals(now)) {
      throw new MigrationException(
          "The schema was made for "
              + (before.isEmpty() ? "a single server" : "the cluster " + before)
              + ", but is asked for "
              + (now.isEmpty() ? "a single server" : "the cluster " + now)
              + ". Set the cluster back, or migrate an empty database and copy the rows.");
    }
  }

  private static void createDatabase(ClickHouseEndpoint endpoint, MigrationSettings settings) {
    try (Connection connection = endpoint.connectToServer();
        Statement statement = connection.createStatement()) {
      statement.execute(
          settings
              .cluster()
              .map(name -> new Cluster(name).database(ClickHouseEndpoint.DATABASE))
              .orElse("CREATE DATABASE IF NOT EXISTS " + ClickHouseEndpoint.DATABASE));
    } catch (SQLException e) {
      throw new MigrationException(
          "Cannot create the database "
              + ClickHouseEndpoint.DATABASE
              + " in "
              + endpoint
              + ": "
              + e.getMessage()
              + "\nThe server has to be up, and the user needs CREATE, ALTER, DROP, INSERT and SELECT on flowmeter.*"
              + " and CREATE FUNCTION.",
          e);
    }
  }

  private static Map<String, String> history(Statement statement) throws SQLException {
    Map<String, String> checksums = new HashMap<>();
    try (ResultSet rows =
        statement.executeQuery("SELECT name, checksum FROM schema_migrations FINAL")) {
      while (rows.next()) {
        checksums.put(rows.getString("name"), rows.getString("checksum"));
      }
    }
    return checksums;
  }

  private static void refuseUnknown(List<Migration> migrations, Set<String> appliedNames) {
    Set<String> known = migrations.stream().map(Migration::name).collect(Collectors.toSet());
    appliedNames.stream()
        .filter(name -> !known.contains(name))
        .sorted()
        .findFirst()
        .ifPresent(
            name -> {
              throw new MigrationException(
                  "The database has "
                      + name
                      + " applied, which this build of Flowmeter does not know. Run the newer build that applied it.");
            });
  }

  private static boolean isDue(
      Migration migration, MigrationSettings settings, Map<String, String> history) {
    String applied = history.get(migration.name());
    if (applied == null) {
      return true;
    }
    String now = migration.checksum(settings.placeholders());
    if (!applied.equals(now) && !migration.repeatable()) {
      throw new MigrationException(
          "Migration "
              + migration.name()
              + " was edited after it was applied: expected SHA-256 "
              + applied
              + ", found "
              + now
              + ". Undo the edit and put the change into a new migration.");
    }
    return !applied.equals(now);
  }

  private static AppliedMigration apply(
      Migration migration, MigrationSettings settings, SchemaLock lock, Connection connection)
      throws SQLException {
    long start = System.nanoTime();
    List<String> statements = migration.statements(settings);
    for (int i = 0; i < statements.size(); i++) {
      lock.requireHeld();
      try (Statement statement = connection.createStatement()) {
        Failpoint.MIGRATION_STATEMENT_BEFORE.reached();
        statement.execute(statements.get(i));
        Failpoint.MIGRATION_STATEMENT_AFTER.reached();
      } catch (SQLException e) {
        throw new MigrationException(
            ("Statement %d of %d of migration %s failed: %s\n%s\n"
                    + "What came before it stays; mend the cause and migrate again.")
                .formatted(
                    i + 1, statements.size(), migration.name(), e.getMessage(), statements.get(i)),
            e);
      }
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    Failpoint.MIGRATION_HISTORY_BEFORE.reached();
    enterHistory(connection, migration.name(), migration.checksum(settings.placeholders()), took);
    Failpoint.MIGRATION_HISTORY_AFTER.reached();
    log.info("Applied {} in {} ms", migration.name(), took.toMillis());
    return new AppliedMigration(migration.name(), took);
  }

  private static void enterHistory(
      Connection connection, String name, String checksum, Duration took) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO schema_migrations (name, checksum, applied_at, took_ms)"
                + " SELECT ?, ?, now64(3), ?")) {
      insert.setString(1, name);
      insert.setString(2, checksum);
      insert.setLong(3, took.toMillis());
      insert.execute();
    }
  }
}
