package io.flowmeter.embedded;

import static io.flowmeter.embedded.ClickHouseClient.USERS;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedClickHouseIT {
  @TempDir Path directory;

  @Test
  void rowsFunctionsAndPortSurviveRestart() throws Exception {
    int port;
    try (EmbeddedClickHouse clickHouse = EmbeddedClickHouse.start(directory, 0, USERS)) {
      port = clickHouse.port();
      ClickHouseClient writer = ClickHouseClient.writer(clickHouse);
      writer.run("CREATE DATABASE flowmeter");
      writer.run("CREATE TABLE flowmeter.t (a Int64) ENGINE = ReplacingMergeTree ORDER BY a");
      writer.run("CREATE FUNCTION twice AS x -> 2 * x");
      writer.run("INSERT INTO flowmeter.t VALUES (7)");
    }
    try (EmbeddedClickHouse clickHouse = EmbeddedClickHouse.start(directory, port, USERS)) {
      assertThat(clickHouse.port()).isEqualTo(port);
      assertThat(ClickHouseClient.reader(clickHouse).run("SELECT twice(a) FROM flowmeter.t FINAL"))
          .isEqualTo("14");
    }
  }

  @Test
  void portInUseIsReplaced() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        EmbeddedClickHouse clickHouse =
            EmbeddedClickHouse.start(directory, other.getLocalPort(), USERS)) {
      assertThat(clickHouse.port()).isNotEqualTo(other.getLocalPort());
      assertThat(clickHouse.httpUrl()).hasToString("http://127.0.0.1:" + clickHouse.port());
    }
  }

  @Test
  void directoryInUseIsRejectedAndOwnerContinues() throws Exception {
    try (EmbeddedClickHouse clickHouse = EmbeddedClickHouse.start(directory, 0, USERS)) {
      assertThatThrownBy(() -> EmbeddedClickHouse.start(directory, 0, USERS))
          .isInstanceOf(EmbeddedServiceException.class)
          .hasMessageContaining(
              "clickhouse requires exclusive use of the data directory " + directory)
          .hasMessageContaining("but this process uses it");
      assertThat(ClickHouseClient.writer(clickHouse).run("SELECT 1")).isEqualTo("1");
    }
  }

  @Test
  void newPasswordsApplyFromNextStart() throws Exception {
    EmbeddedClickHouse.start(directory, 0, ClickHouseUsers.of("old", "old")).close();
    try (EmbeddedClickHouse clickHouse = EmbeddedClickHouse.start(directory, 0, USERS)) {
      assertThat(ClickHouseClient.writer(clickHouse).run("SELECT 1")).isEqualTo("1");
      assertThat(
              new ClickHouseClient(clickHouse.httpUrl(), ClickHouseUsers.WRITER, "old")
                  .refused("SELECT 1"))
          .contains("AUTHENTICATION_FAILED");
    }
  }

  /** Without a terminal, the engine would abort on the first of these. */
  @Test
  void garbageOnPortIsHarmless() throws Exception {
    try (EmbeddedClickHouse clickHouse = EmbeddedClickHouse.start(directory, 0, USERS)) {
      Random random = new Random(7);
      for (int i = 0; i < 20; i++) {
        byte[] garbage = new byte[1 + random.nextInt(100_000)];
        random.nextBytes(garbage);
        send(clickHouse.port(), garbage);
        send(clickHouse.port(), "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n".getBytes(US_ASCII));
      }
      assertThat(ClickHouseClient.writer(clickHouse).run("SELECT 1")).isEqualTo("1");
      assertThat(clickHouse.isAlive()).isTrue();
    }
  }

  private static void send(int port, byte[] bytes) {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.getOutputStream().write(bytes);
      socket.shutdownOutput();
      socket.getInputStream().readAllBytes();
    } catch (IOException closed) {
      assertThat(closed).hasMessageMatching("Broken pipe|Connection reset.*");
    }
  }
}
