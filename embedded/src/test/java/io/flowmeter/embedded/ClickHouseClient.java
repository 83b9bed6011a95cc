package io.flowmeter.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Base64;

/** An HTTP client for one user of a server. */
record ClickHouseClient(URI server, String user, String password) {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  static final ClickHouseUsers USERS = ClickHouseUsers.of("writer's", "reader's");

  static ClickHouseClient writer(EmbeddedClickHouse server) {
    return new ClickHouseClient(server.httpUrl(), ClickHouseUsers.WRITER, USERS.writerPassword());
  }

  static ClickHouseClient reader(EmbeddedClickHouse server) {
    return new ClickHouseClient(server.httpUrl(), ClickHouseUsers.READER, USERS.readerPassword());
  }

  /** Returns the TSV result of a statement that is expected to succeed. */
  String run(String sql) throws IOException, InterruptedException {
    HttpResponse<String> response = ask(sql);
    assertThat(response.statusCode()).describedAs(sql + ": " + response.body()).isEqualTo(200);
    return response.body().strip();
  }

  /** Returns the error message of a statement that is expected to fail. */
  String refused(String sql) throws IOException, InterruptedException {
    HttpResponse<String> response = ask(sql);
    assertThat(response.statusCode()).describedAs(sql + ": " + response.body()).isNotEqualTo(200);
    return response.body();
  }

  HttpResponse<String> ask(String sql, String... headers) throws IOException, InterruptedException {
    String login = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server)
            .header("Authorization", "Basic " + login)
            .POST(BodyPublishers.ofString(sql));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HTTP.send(request.build(), BodyHandlers.ofString());
  }
}
