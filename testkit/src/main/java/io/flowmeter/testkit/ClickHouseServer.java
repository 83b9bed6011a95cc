package io.flowmeter.testkit;

import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedClickHouse;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.MigrationSettings;
import io.flowmeter.sql.Migrator;
import io.flowmeter.sql.SqlScript;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;

/**
 * A real ClickHouse server, started once for all test classes that this JVM runs. Each class makes
 * the database anew, so that it finds nothing of another.
 */
public final class ClickHouseServer implements BeforeAllCallback {

  private static final ClickHouseUsers USERS = ClickHouseUsers.of("writes", "reads");

  private Shared shared;

  /** The server, and a connection for each user: opening one takes longer than most statements. */
  private static final class Shared implements AutoCloseable {
    private final Path directory;
    private EmbeddedClickHouse server;
    private Connection writer;
    private Connection reader;

    Shared() {
      try {
        directory = Files.createTempDirectory("flowmeter-clickhouse");
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot make a folder for ClickHouse", e);
      }
      server = EmbeddedClickHouse.start(directory, 0, USERS);
    }

    ClickHouseEndpoint endpoint(String user, String password) {
      return new ClickHouseEndpoint(server.httpUrl().toString(), user, password);
    }

    void killAndStartAgain() throws SQLException {
      ProcessHandle process = ProcessHandle.of(server.pid()).orElseThrow();
      process.destroyForcibly();
      process.onExit().join();
      disconnect();
      server.close();
      server = EmbeddedClickHouse.start(directory, 0, USERS);
    }

    void disconnect() throws SQLException {
      if (writer != null) {
        writer.close();
        reader.close();
        writer = null;
        reader = null;
      }
    }

    @Override
    public void close() throws IOException, SQLException {
      disconnect();
      server.close();
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) throws SQLException {
    shared =
        context
            .getStore(StoreScope.LAUNCHER_SESSION, Namespace.create(ClickHouseServer.class))
            .getOrComputeIfAbsent(Shared.class, type -> new Shared(), Shared.class);
    dropDatabase();
  }

  /** Kills it as {@code kill -9} does, and starts it again on what it had written. */
  public void killAndStartAgain() throws SQLException {
    shared.killAndStartAgain();
  }

  public ClickHouseEndpoint writer() {
    return shared.endpoint(ClickHouseUsers.WRITER, "writes");
  }

  public ClickHouseEndpoint reader() {
    return shared.endpoint(ClickHouseUsers.READER, "reads");
  }

  private Connection connected(boolean writes) throws SQLException {
    if (shared.writer == null) {
      shared.writer = writer().connect();
      shared.reader = reader().connect();
    }
    return writes ? shared.writer : shared.reader;
  }

  /** An up-to-date schema without a row. */
  public void startAfresh() throws SQLException {
    dropDatabase();
    Migrator.apply(writer(), MigrationSettings.defaults());
  }

  /** An up-to-date schema with a day of two workflows that ends now. */
  public void startWithSampleFleet() throws SQLException {
    startAfresh();
    stopSumming();
    insert("fleet.sql");
  }

  /**
   * The same, and what is rare: restarts, pauses, waits for events, a run that retries for hours.
   */
  public void startWithOddRuns() throws SQLException {
    startWithSampleFleet();
    insert("odd_runs.sql");
  }

  private void insert(String script) throws SQLException {
    for (String statement : script(script).statements()) {
      execute(statement);
    }
  }

  /**
   * All is read from minutes from now on. ClickHouse sums hours once a minute: rows of the past
   * that a test inserts would be missing from hours that are summed already, until the next minute.
   */
  private void stopSumming() throws SQLException {
    List<String> views =
        texts("SELECT view FROM system.view_refreshes WHERE database = currentDatabase()");
    for (String view : views) {
      execute("SYSTEM STOP VIEW " + view);
      execute("SYSTEM CANCEL VIEW " + view);
    }
    execute("TRUNCATE TABLE sums_rows");
  }

  private static SqlScript script(String name) {
    try (InputStream in = ClickHouseServer.class.getResourceAsStream(name)) {
      return new SqlScript(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + name, e);
    }
  }

  public void dropDatabase() throws SQLException {
    try (Connection connection = writer().connectToServer();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP DATABASE IF EXISTS flowmeter SYNC");
    }
  }

  public void execute(String sql) throws SQLException {
    try (Statement statement = connected(true).createStatement()) {
      statement.execute(sql);
    }
  }

  /** The rows by column name, read as the read-only user. */
  public List<Map<String, Object>> query(String sql) throws SQLException {
    try (Statement statement = connected(false).createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<Map<String, Object>> result = new ArrayList<>();
      while (rows.next()) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          row.put(rows.getMetaData().getColumnLabel(i), rows.getObject(i));
        }
        result.add(row);
      }
      return result;
    }
  }

  /** The first column as text, read as the writer, who may also see system tables. */
  public List<String> texts(String sql) throws SQLException {
    try (Statement statement = connected(true).createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> result = new ArrayList<>();
      while (rows.next()) {
        result.add(rows.getString(1));
      }
      return result;
    }
  }
}
