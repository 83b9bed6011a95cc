package io.flowmeter.sql;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one migrator at a time change the schema, on a server that has neither keeper nor
 * transactions.
 *
 * <p>What ClickHouse does atomically is to create a table. So the lock is a table named by its
 * generation, {@code schema_lock_7}. Who wants it looks at the highest generation, and may create
 * the next one when that one was released or its owner is dead. The highest generation is never
 * dropped, thus numbers are not used twice, and a late one learns from a higher number that it lost
 * the lock. The table holds no rows: its comment names the owner, and touching the comment sets
 * {@code metadata_modification_time}, by the server's own clock, which is the sign of life.
 */
final class SchemaLock implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(SchemaLock.class);

  private static final String PREFIX = "schema_lock_";
  private static final String RELEASED = "released";
  private static final Duration LOOK_AGAIN = Duration.ofMillis(250);

  private record Generation(long number, String comment, Duration silent) {
    boolean isFree(Duration expiry) {
      return comment.equals(RELEASED) || silent.compareTo(expiry) > 0;
    }
  }

  private final ClickHouseEndpoint endpoint;
  private final String owner;
  private final long generation;
  private final ScheduledExecutorService heart;

  private SchemaLock(ClickHouseEndpoint endpoint, String owner, long generation, Duration expiry) {
    this.endpoint = endpoint;
    this.owner = owner;
    this.generation = generation;
    this.heart =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "schema-lock");
              thread.setDaemon(true);
              return thread;
            });
    long beat = expiry.toMillis() / 4;
    heart.scheduleAtFixedRate(this::beat, beat, beat, TimeUnit.MILLISECONDS);
  }

  /** Waits for the lock. */
  static SchemaLock acquire(ClickHouseEndpoint endpoint, MigrationSettings settings) {
    String owner = "held by " + me();
    long deadline = System.nanoTime() + settings.lockWait().toNanos();
    boolean published = false;
    try (Connection connection = endpoint.connect()) {
      while (true) {
        Optional<Generation> last = highest(connection);
        if (last.isEmpty() || last.get().isFree(settings.lockExpiry())) {
          long next = last.map(Generation::number).orElse(0L) + 1;
          if (create(connection, next, owner)) {
            return new SchemaLock(endpoint, owner, next, settings.lockExpiry());
          }
        } else if (System.nanoTime() > deadline) {
          throw new MigrationException(
              ("Another migrator has held the schema for longer than %s: %s, last sign of life %d s ago."
                      + " Wait for it, or stop it: it is taken for dead after %s of silence.")
                  .formatted(
                      settings.lockWait(),
                      last.get().comment(),
                      last.get().silent().toSeconds(),
                      settings.lockExpiry()));
        } else if (!published) {
          log.info("Waiting for another migrator: {}", last.get().comment());
          published = true;
        }
        Thread.sleep(LOOK_AGAIN.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException("Interrupted while waiting for another migrator", e);
    } catch (SQLException e) {
      throw new MigrationException(
          "Cannot lock the schema at " + endpoint + ": " + e.getMessage(), e);
    }
  }

  /** Throws when the lock went to another, which took this one for dead. */
  void requireHeld() {
    try (Connection connection = endpoint.connect()) {
      Optional<Generation> highest = highest(connection);
      if (highest.isEmpty() || highest.get().number() != generation) {
        throw new MigrationException(
            "The lock on the schema went to another migrator while this one was silent for too long."
                + " Migrate again.");
      }
    } catch (SQLException e) {
      throw new MigrationException("Cannot look at the schema's lock: " + e.getMessage(), e);
    }
  }

  /** Releases the lock and drops earlier generations. */
  @Override
  public void close() {
    heart.shutdown();
    try (Connection connection = endpoint.connect()) {
      heart.awaitTermination(10, TimeUnit.SECONDS);
      comment(connection, RELEASED);
      for (Generation earlier : generations(connection)) {
        if (earlier.number() < generation) {
          execute(connection, "DROP TABLE IF EXISTS " + PREFIX + earlier.number());
        }
      }
    } catch (SQLException e) {
      log.warn("The schema's lock was not released and will expire: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void beat() {
    try (Connection connection = endpoint.connect()) {
      comment(connection, owner);
    } catch (SQLException | RuntimeException e) {
      // A later beat may succeed, which an exception let go would prevent.
      log.warn("No sign of life at the schema's lock: {}", e.getMessage());
    }
  }

  private void comment(Connection connection, String comment) throws SQLException {
    execute(connection, "ALTER TABLE " + PREFIX + generation + " MODIFY COMMENT '" + comment + "'");
  }

  /**
   * False when another was faster: of several that create a table if it is missing, one sets its
   * comment.
   */
  private static boolean create(Connection connection, long number, String owner)
      throws SQLException {
    String table = PREFIX + number;
    execute(
        connection,
        "CREATE TABLE IF NOT EXISTS "
            + table
            + " (nothing UInt8) ENGINE = Memory COMMENT '"
            + owner
            + "'");
    List<Generation> all = generations(connection);
    boolean mine = all.stream().anyMatch(g -> g.number() == number && g.comment().equals(owner));
    boolean late = all.stream().anyMatch(generation -> generation.number() > number);
    if (mine && late) {
      execute(connection, "DROP TABLE IF EXISTS " + table);
    }
    return mine && !late;
  }

  private static Optional<Generation> highest(Connection connection) throws SQLException {
    return generations(connection).stream().max(Comparator.comparingLong(Generation::number));
  }

  private static List<Generation> generations(Connection connection) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            """
                SELECT toUInt64(substring(name, length(?) + 1)) AS number, comment,
                       dateDiff('second', metadata_modification_time, now()) AS silent_s
                FROM system.tables
                WHERE database = ? AND match(name, ?)
                """)) {
      query.setString(1, PREFIX);
      query.setString(2, ClickHouseEndpoint.DATABASE);
      query.setString(3, "^" + PREFIX + "[0-9]+$");
      List<Generation> found = new ArrayList<>();
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          found.add(
              new Generation(
                  rows.getLong("number"),
                  rows.getString("comment"),
                  Duration.ofSeconds(rows.getLong("silent_s"))));
        }
      }
      return found;
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Host, process and a number of its own, in characters that need no quoting. */
  private static String me() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9.-]", "_");
    } catch (UnknownHostException e) {
      host = "unknown-host";
    }
    return host + ", process " + ProcessHandle.current().pid() + ", " + UUID.randomUUID();
  }
}
