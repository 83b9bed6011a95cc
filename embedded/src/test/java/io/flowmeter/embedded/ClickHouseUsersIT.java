package io.flowmeter.embedded;

import static io.flowmeter.embedded.ClickHouseClient.USERS;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClickHouseUsersIT {
  @TempDir static Path directory;

  private static EmbeddedClickHouse clickHouse;
  private static ClickHouseClient writer;
  private static ClickHouseClient reader;

  @BeforeAll
  static void start() throws Exception {
    clickHouse = EmbeddedClickHouse.start(directory, 0, USERS);
    writer = ClickHouseClient.writer(clickHouse);
    reader = ClickHouseClient.reader(clickHouse);
    writer.run("CREATE DATABASE flowmeter");
    writer.run("CREATE TABLE flowmeter.t (a Int64) ENGINE = MergeTree ORDER BY a");
    writer.run("INSERT INTO flowmeter.t VALUES (1)");
  }

  @AfterAll
  static void stop() {
    clickHouse.close();
  }

  @Test
  void writerMayDoWhatMigrationsDo() throws Exception {
    writer.run("CREATE TABLE flowmeter.m (a Int64, b String) ENGINE = MergeTree ORDER BY a");
    writer.run("CREATE TABLE flowmeter.n AS flowmeter.m");
    writer.run("CREATE VIEW flowmeter.v AS SELECT * FROM flowmeter.m");
    writer.run("CREATE OR REPLACE VIEW flowmeter.v AS SELECT a FROM flowmeter.m");
    writer.run(
        "ALTER TABLE flowmeter.m ADD COLUMN c Int64, MODIFY TTL toDateTime(c) + INTERVAL 1 DAY");
    writer.run("CREATE OR REPLACE FUNCTION thrice AS x -> 3 * x");
    writer.run("EXCHANGE TABLES flowmeter.m AND flowmeter.n");
    writer.run("RENAME TABLE flowmeter.n TO flowmeter.o");
    writer.run("OPTIMIZE TABLE flowmeter.m FINAL");
    writer.run("TRUNCATE TABLE flowmeter.m");
    writer.run("DROP VIEW flowmeter.v");
    writer.run("DROP TABLE flowmeter.m");
    writer.run("DROP TABLE flowmeter.o");
    writer.run("DROP FUNCTION thrice");
    writer.run("SELECT count() FROM system.parts WHERE database = 'flowmeter'");
    writer.run("SELECT count() FROM system.processes");
  }

  @Test
  void writerCannotLeaveItsDatabase() throws Exception {
    assertThat(writer.refused("CREATE DATABASE other")).contains("ACCESS_DENIED");
    assertThat(writer.refused("SELECT * FROM file('/etc/passwd', LineAsString)"))
        .contains("ACCESS_DENIED");
  }

  @Test
  void readerReadsButCannotWrite() throws Exception {
    assertThat(reader.run("SELECT a FROM flowmeter.t")).isEqualTo("1");
    assertThat(
            reader.run("SELECT table_name FROM information_schema.tables WHERE table_name = 't'"))
        .isEqualTo("t");
    for (String change :
        new String[] {
          "INSERT INTO flowmeter.t VALUES (2)",
          "ALTER TABLE flowmeter.t DELETE WHERE 1",
          "DROP TABLE flowmeter.t",
          "TRUNCATE TABLE flowmeter.t",
          "CREATE TABLE flowmeter.u (a Int64) ENGINE = MergeTree ORDER BY a",
          "CREATE DATABASE other",
          "SYSTEM STOP LISTEN HTTP",
        }) {
      assertThat(reader.refused(change)).containsAnyOf("ACCESS_DENIED", "READONLY");
    }
    assertThat(reader.refused("SELECT * FROM url('http://127.0.0.1:1/', LineAsString)"))
        .contains("ACCESS_DENIED");
    assertThat(reader.refused("SELECT * FROM system.users")).contains("ACCESS_DENIED");
  }

  @Test
  void readerMaySetSettingsWithinLimits() throws Exception {
    assertThat(
            reader.run("SELECT getSetting('max_execution_time') SETTINGS max_execution_time = 5"))
        .isEqualTo("5");
    assertThat(reader.refused("SELECT 1 SETTINGS max_execution_time = 76"))
        .contains("shouldn't be greater than 75");
    assertThat(reader.refused("SELECT 1 SETTINGS max_execution_time = 0"))
        .contains("shouldn't be less than 1");
    assertThat(reader.refused("SELECT 1 SETTINGS max_memory_usage = 0"))
        .contains("shouldn't be less than 1");
    assertThat(reader.refused("SELECT 1 SETTINGS readonly = 0")).contains("READONLY");
  }

  @Test
  void engineUserSeesNoTable() throws Exception {
    ClickHouseClient engine = new ClickHouseClient(clickHouse.httpUrl(), "default", "");
    assertThat(engine.refused("SELECT * FROM flowmeter.t")).contains("ACCESS_DENIED");
    assertThat(engine.refused("SELECT * FROM system.users")).contains("ACCESS_DENIED");
    assertThat(engine.run("SELECT name FROM system.tables")).isEmpty();
    HttpResponse<String> byLink =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create(clickHouse.httpUrl() + "/?query=SYSTEM+STOP+LISTEN+HTTP"))
                    .build(),
                BodyHandlers.ofString());
    assertThat(byLink.body()).contains("READONLY");
  }

  @Test
  void webPagesAndForeignHostNamesAreRejected() throws Exception {
    assertThat(reader.ask("SELECT 1", "Origin", "https://evil.example").statusCode())
        .isEqualTo(403);
    assertThat(statusWithHost("evil.example")).contains("403");
    assertThat(statusWithHost("127.0.0.1.evil.example:" + clickHouse.port())).contains("403");
    assertThat(statusWithHost("localhost:" + clickHouse.port())).contains("200");
  }

  @Test
  void jdbcDriverWorksForBothUsers() throws Exception {
    String url = clickHouse.jdbcUrl("flowmeter");
    try (Connection connection =
            DriverManager.getConnection(url, ClickHouseUsers.WRITER, USERS.writerPassword());
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE jdbc (a Int64) ENGINE = MergeTree ORDER BY a");
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO jdbc (a) VALUES (?)")) {
        for (long a = 1; a <= 1_000; a++) {
          insert.setLong(1, a);
          insert.addBatch();
        }
        insert.executeBatch();
      }
    }
    try (Connection connection =
            DriverManager.getConnection(url, ClickHouseUsers.READER, USERS.readerPassword());
        Statement statement = connection.createStatement();
        ResultSet sum = statement.executeQuery("SELECT sum(a) FROM jdbc")) {
      assertThat(sum.next()).isTrue();
      assertThat(sum.getLong(1)).isEqualTo(500_500);
      assertThatThrownBy(() -> statement.execute("DROP TABLE jdbc"))
          .hasMessageContaining("ACCESS_DENIED");
    }
  }

  @Test
  void passwordsAreHashedAndReadableByOwnerOnly() throws Exception {
    Path users = clickHouse.directory().resolve("users.xml");
    assertThat(users).content(UTF_8).doesNotContain("writer's", "reader's");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(users)))
        .isEqualTo("rw-------");
    assertThat(USERS.toString()).doesNotContain("writer's", "reader's");
  }

  @Test
  void timeZoneIsUtcAndInsertsAreSynchronous() throws Exception {
    assertThat(writer.run("SELECT timezone(), serverTimezone()")).isEqualTo("UTC\tUTC");
    assertThat(writer.run("SELECT getSetting('async_insert')")).isEqualTo("false");
  }

  /** Returns the status line. Java's HTTP client cannot send a custom Host header. */
  private static String statusWithHost(String host) throws Exception {
    try (Socket socket = new Socket("127.0.0.1", clickHouse.port())) {
      String request =
          "GET /?query=SELECT+1&user=flowmeter_reader&password=reader%%27s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
              .formatted(host);
      socket.getOutputStream().write(request.getBytes(US_ASCII));
      InputStream response = socket.getInputStream();
      return new String(response.readAllBytes(), US_ASCII).lines().findFirst().orElseThrow();
    }
  }
}
