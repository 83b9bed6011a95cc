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
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A real ClickHouse server for the tests of one class. */
public final class ClickHouseServer implements BeforeAllCallback, AfterAllCallback {

  private Path directory;
  private EmbeddedClickHouse server;

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    directory = Files.createTempDirectory("flowmeter-clickhouse");
    server = EmbeddedClickHouse.start(directory, 0, ClickHouseUsers.of("writes", "reads"));
  }

  /** Kills it as {@code kill -9} does, and starts it again on what it had written. */
  public void killAndStartAgain() {
    ProcessHandle process = ProcessHandle.of(server.pid()).orElseThrow();
    process.destroyForcibly();
    process.onExit().join();
    server.close();
    server = EmbeddedClickHouse.start(directory, 0, ClickHouseUsers.of("writes", "reads"));
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    if (server != null) {
      server.close();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  public ClickHouseEndpoint writer() {
    return new ClickHouseEndpoint(server.httpUrl().toString(), ClickHouseUsers.WRITER, "writes");
  }

  public ClickHouseEndpoint reader() {
    return new ClickHouseEndpoint(server.httpUrl().toString(), ClickHouseUsers.READER, "reads");
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
    try (Connection connection = writer().connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The rows by column name, read as the read-only user. */
  public List<Map<String, Object>> query(String sql) throws SQLException {
    try (Connection connection = reader().connect();
        Statement statement = connection.createStatement();
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
    try (Connection connection = writer().connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> result = new ArrayList<>();
      while (rows.next()) {
        result.add(rows.getString(1));
      }
      return result;
    }
  }
}
