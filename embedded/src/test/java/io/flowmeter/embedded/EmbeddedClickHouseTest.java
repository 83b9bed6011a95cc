package io.flowmeter.embedded;

import static io.flowmeter.embedded.ClickHouseUsers.WRITER;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedClickHouseTest {
  private static final ClickHouseUsers USERS = ClickHouseUsers.of("writer's", "reader's");
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir Path directory;

  @Test
  void rowsSurviveARestart() throws Exception {
    int port;
    try (EmbeddedClickHouse clickHouse = EmbeddedClickHouse.start(directory, 0, USERS)) {
      port = clickHouse.port();
      write(clickHouse, "CREATE DATABASE flowmeter");
      write(clickHouse, "CREATE TABLE flowmeter.t (a Int64) ENGINE = MergeTree ORDER BY a");
      write(clickHouse, "INSERT INTO flowmeter.t VALUES (7)");
    }
    try (EmbeddedClickHouse clickHouse = EmbeddedClickHouse.start(directory, port, USERS)) {
      assertThat(clickHouse.port()).isEqualTo(port);
      assertThat(write(clickHouse, "SELECT a FROM flowmeter.t")).isEqualTo("7\n");
    }
  }

  private static String write(EmbeddedClickHouse clickHouse, String sql) throws Exception {
    HttpResponse<String> answer = ask(clickHouse, WRITER, "writer's", sql);
    assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(200);
    return answer.body();
  }

  private static HttpResponse<String> ask(
      EmbeddedClickHouse clickHouse, String user, String password, String sql)
      throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(clickHouse.httpUrl())
            .header("X-ClickHouse-User", user)
            .header("X-ClickHouse-Key", password)
            .POST(BodyPublishers.ofString(sql))
            .build(),
        BodyHandlers.ofString());
  }
}
