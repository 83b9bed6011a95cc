package io.flowmeter.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests what every listener does. Which callers it accepts is tested with the metrics and the
 * preview.
 */
class ListenerIT {

  private final Listener listener = start(ListenerIT::echo);

  @AfterEach
  void stop() {
    listener.close();
  }

  private static Listener start(Function<Request, Response> handler) {
    try {
      return Listener.start(
          "127.0.0.1",
          0,
          Access.THIS_MACHINE,
          "listener-test",
          new Listener.Limits(2, 10),
          handler);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Response echo(Request request) {
    String body = new String(request.body(), StandardCharsets.UTF_8);
    return Response.text(200, request.method() + " " + request.path() + " " + body)
        .with("X-More", "yes");
  }

  @Test
  void requestAndResponseArriveUnchanged() throws Exception {
    HttpResponse<String> response = send("POST", "1234567890");

    assertThat(response.body()).isEqualTo("POST /some path 1234567890");
    assertThat(response.headers().firstValue("X-More")).hasValue("yes");
    assertThat(response.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
  }

  @Test
  void tooLongBodyIsRejected() throws Exception {
    assertThat(send("POST", "12345678901").statusCode()).isEqualTo(413);
  }

  @Test
  void headReturnsNoBody() throws Exception {
    assertThat(send("HEAD", "").body()).isEmpty();
    assertThat(send("GET", "").body()).isEqualTo("GET /some path ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "DELETE", "OPTIONS", "TRACE"})
  void otherMethodsAreRejected(String method) throws Exception {
    assertThat(send(method, "").statusCode()).isEqualTo(405);
  }

  @Test
  void openPathWithoutPasswordReturnsFirstLineOnly() throws Exception {
    Access access = new Access(Optional.of("0123456789abcdef"), Set.of("/open"));
    try (Listener guarded =
        Listener.start(
            "127.0.0.1",
            0,
            access,
            "listener-test",
            new Listener.Limits(1, 0),
            request -> Response.text(503, "not ready\nClickHouse is unavailable\n"))) {
      HttpRequest.Builder open = HttpRequest.newBuilder(guarded.url("/open"));
      HttpClient client = HttpClient.newHttpClient();

      assertThat(client.send(open.build(), BodyHandlers.ofString()).body())
          .isEqualTo("not ready\n");
      open.header("Authorization", "Bearer 0123456789abcdef");
      assertThat(client.send(open.build(), BodyHandlers.ofString()).body())
          .isEqualTo("not ready\nClickHouse is unavailable\n");
      assertThat(
              client
                  .send(
                      HttpRequest.newBuilder(guarded.url("/else")).build(), BodyHandlers.ofString())
                  .statusCode())
          .isEqualTo(401);
    }
  }

  /** The two connections occupy all threads. */
  @Test
  @Tag("nightly")
  void connectionsWithUnfinishedRequestsAreClosed() throws Exception {
    URI url = listener.url("/");
    try (Socket one = new Socket(url.getHost(), url.getPort());
        Socket other = new Socket(url.getHost(), url.getPort())) {
      one.getOutputStream().write('G');
      other.getOutputStream().write('G');
      one.setSoTimeout(30_000);
      other.setSoTimeout(30_000);

      assertThat(one.getInputStream().read()).isEqualTo(-1);
      assertThat(other.getInputStream().read()).isEqualTo(-1);
      assertThat(send("GET", "").statusCode()).isEqualTo(200);
    }
  }

  private HttpResponse<String> send(String method, String body) throws Exception {
    URI url = listener.url("/some%20path");
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(url)
                .method(
                    method,
                    body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
  }
}
