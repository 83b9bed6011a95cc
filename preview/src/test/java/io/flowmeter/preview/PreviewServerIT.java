package io.flowmeter.preview;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.flowmeter.http.Access;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.testkit.ClickHouseServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the server answers, to the page and to others. */
class PreviewServerIT {

  @RegisterExtension static final ClickHouseServer clickHouse = new ClickHouseServer();

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String HOUR = "'from':1700000000000,'to':1700003600000,'interval':60000";

  private static PreviewServer server;

  @BeforeAll
  static void start() throws Exception {
    clickHouse.startAfresh();
    server =
        PreviewServer.start(
            "127.0.0.1", 0, Access.THIS_MACHINE, clickHouse.reader(), Shapes.andAllPacked());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/d/flowmeter-overview", "/d/flowmeter-overview/what-it-is-called"})
  void thePageMayLoadNothingFromElsewhereAndBeFramedByNobody(String path) throws Exception {
    HttpResponse<String> page = get(path);

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(page.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(page.body()).doesNotContain("https:").doesNotContain("<script>");
  }

  @ParameterizedTest
  @CsvSource({
    "/page/main.js,text/javascript",
    "/page/panels/table.js,text/javascript",
    "/page/style.css,text/css",
    "/lib/echarts.js,text/javascript"
  })
  void whatThePageIsMadeOfComesFromHere(String path, String type) throws Exception {
    HttpResponse<String> file = get(path);

    assertThat(file.statusCode()).isEqualTo(200);
    assertThat(file.headers().firstValue("Content-Type").orElseThrow()).startsWith(type);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/page/index.html",
        "/page/../PreviewServer.class",
        "/page/%2e%2e/PreviewServer.class",
        "/page//etc/passwd",
        "/lib/echarts.min.js",
        "/api/panel",
        "/d/../api"
      })
  void nothingElseIsServed(String path) throws Exception {
    assertThat(get(path).statusCode()).isEqualTo(404);
  }

  @Test
  void aDashboardIsToldWithoutItsQueries() throws Exception {
    HttpResponse<String> board = get("/api/dashboards/shapes");

    assertThat(board.body()).contains("What was said").doesNotContain("SELECT", "rawSql");
    assertThat(board.headers().firstValue("Cache-Control")).hasValue("no-store");
    assertThat(get("/api/dashboards").body()).contains("shapes", "flowmeter-overview");
    assertThat(error(get("/api/dashboards/nope"), 404))
        .contains("expected one of the dashboards", "flowmeter-overview", "came nope");
  }

  @Test
  void aPanelsQueryIsAskedWithWhatIsSelected() throws Exception {
    JsonNode frame = panel("'said':{'values':['it\\'s']}").path("targets").get(0).path("answer");

    assertThat(frame.path("meta").get(3).path("name").asText()).isEqualTo("message");
    assertThat(frame.path("data").get(0).get(3).asText()).isEqualTo("it's");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'",
        "\\",
        "\\' OR 1 = 1 --",
        "') UNION ALL SELECT 1 --",
        "${__from}",
        "$__fromTime",
        "${letter:raw}",
        "$__dateFilter( OR 1 = 1 --)",
        "-- a comment",
        "/* another */",
        "two\nlines"
      })
  void aValueIsOnlyEverAValue(String value) throws Exception {
    String variables = JSON.writeValueAsString(JSON.createObjectNode().put("v", value));
    String quoted = variables.substring(5, variables.length() - 1);
    JsonNode rows =
        panelWith("\"said\":{\"values\":[" + quoted + "]}")
            .path("targets")
            .get(0)
            .path("answer")
            .path("data");

    assertThat(rows).hasSize(4);
    assertThat(rows.get(0).get(3).asText()).isEqualTo(value);
  }

  @Test
  void allThatAVariableOffersIsAsked() throws Exception {
    JsonNode result =
        json(
            ask(
                "/api/variable",
                "{'dashboard':'shapes','variable':'word',%s,'variables':{'letter':{'values':['b']}}}"),
            200);

    assertThat(result.path("data").toString()).isEqualTo("[[\"bear\"],[\"bee\"]]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/api/panel | {'dashboard':'shapes','panel':999,%s} | 404 | expected the number of a panel of shapes, came 999",
        "/api/panel | {'dashboard':'nope','panel':1,%s} | 404 | came nope",
        "/api/panel | {'dashboard':'shapes','panel':1} | 400 | expected a whole number of ms as from, came nothing",
        "/api/panel | {'dashboard':'shapes','panel':1,'from':5,'to':4,'interval':1000} | 400 | expected from before to",
        "/api/panel | {'dashboard':'shapes','panel':1,'from':0,'to':4e12,'interval':1000} | 400 | whole number",
        "/api/panel | {'dashboard':'shapes','panel':1,'from':0,'to':4000000000000,'interval':1000} | 400 | at most 11000 points",
        "/api/panel | {'dashboard':'shapes','panel':8,'rawSql':'SELECT 1',%s} | 400 | came also [rawSql]",
        "/api/panel | {'dashboard':'shapes','panel':8,'sql':'SELECT 1',%s} | 400 | came also [sql]",
        "/api/panel | {'dashboard':'shapes','panel':1,%s,'variables':{'nope':{'values':['x']}}} | 400 | expected variables of shapes, came nope",
        "/api/panel | {'dashboard':'shapes','panel':1,%s,'variables':{'said':{'values':['x','y']}}} | 400 | expected one value of said, came 2",
        "/api/panel | {'dashboard':'shapes','panel':1,%s,'variables':{'said':{'values':[1]}}} | 400 | expected texts",
        "/api/panel | [] | 400 | expected a JSON object",
        "/api/panel | {'dashboard | 400 | cannot be read as JSON",
        "/api/variable | {'dashboard':'shapes','variable':'said',%s} | 404 | variable with a query of shapes, came said",
        "/api/annotation | {'dashboard':'shapes','annotation':'nope',%s} | 404 | annotation with a query of shapes, came nope",
        "/api/sql | {} | 404 | expected /api/panel",
        "/api/panel | {'dashboard':'mistakes','panel':3,%s} | 502 | no_such_column",
      })
  void whatDoesNotFitIsToldInOneSentence(String path, String body, int status, String message)
      throws Exception {
    assertThat(error(ask(path, body), status)).contains(message).doesNotContain("\tat ");
  }

  @Test
  void aBodyIsJsonAndHasAnEnd() throws Exception {
    HttpRequest.Builder post = HttpRequest.newBuilder(url("/api/panel"));

    assertThat(send(post.POST(BodyPublishers.ofString("{}"))).statusCode()).isEqualTo(415);
    assertThat(ask("/api/panel", "x".repeat((1 << 20) + 1)).statusCode()).isEqualTo(413);
  }

  @Test
  void clickHouseThatIsAwayIsToldAsSuch() throws Exception {
    try (PreviewServer alone =
        PreviewServer.start(
            "127.0.0.1",
            0,
            Access.THIS_MACHINE,
            new ClickHouseEndpoint("http://127.0.0.1:1", "nobody", ""))) {
      HttpResponse<String> response =
          ask(
              alone.url().resolve("/api/variable"),
              "{'dashboard':'flowmeter-overview','variable':'account',%s}");

      assertThat(error(response, 502)).startsWith("ClickHouse does not answer");
    }
  }

  @Test
  void anAnswerEndsWhereItWouldBeTooLong() {
    QueryExecutor few = new QueryExecutor(clickHouse.reader(), Duration.ofSeconds(10), 3);

    assertThat(few.execute("SELECT number FROM numbers(10)").path("data")).hasSize(4);
    assertThat(few.execute("SELECT number FROM numbers(2)").path("data")).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "Host: rebound.example:PORT,",
    "Host: 127.0.0.1:PORT,Origin: https://page.example",
    "Host: 127.0.0.1:PORT,Origin: null",
    "Host: 127.0.0.1:PORT,Sec-Fetch-Site: cross-site"
  })
  void aPageOfAnotherOriginOrAReboundNameGetsNothing(String host, String more) throws Exception {
    for (String request : new String[] {"GET / ", "GET /api/dashboards ", "POST /api/panel "}) {
      assertThat(raw(request, host, more == null ? "X-None: 1" : more))
          .startsWith("HTTP/1.1 403")
          .doesNotContain("flowmeter-overview", "<html");
    }
    assertThat(raw("GET / ", "Host: 127.0.0.1:PORT", "Origin: http://127.0.0.1:PORT"))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void aLinkOnAnotherPageMayBeFollowed() throws Exception {
    assertThat(
            raw(
                "GET /d/flowmeter-overview ",
                "Host: localhost:PORT",
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Mode: navigate",
                "Sec-Fetch-Dest: document"))
        .startsWith("HTTP/1.1 200")
        .contains("Cross-origin-opener-policy: same-origin");
    assertThat(
            raw(
                "GET /d/flowmeter-overview ",
                "Host: localhost:PORT",
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Mode: navigate",
                "Sec-Fetch-Dest: iframe"))
        .startsWith("HTTP/1.1 403");
  }

  private static final ObjectMapper JSON = new ObjectMapper();

  private static JsonNode panel(String variables) throws Exception {
    return panelWith(variables.replace("\\'", "\\u0027").replace('\'', '"'));
  }

  /** The panel What was said. */
  private static JsonNode panelWith(String variables) throws Exception {
    String body =
        "{\"dashboard\":\"shapes\",\"panel\":8,%s,\"variables\":{%s}}"
            .formatted(HOUR.replace('\'', '"'), variables);
    return json(post(url("/api/panel"), body), 200);
  }

  private static HttpResponse<String> ask(String path, String body) throws Exception {
    return ask(url(path), body);
  }

  /** With an hour where {@code %s} stands, and double quotes for single ones. */
  private static HttpResponse<String> ask(URI url, String body) throws Exception {
    return post(url, body.replace("%s", HOUR).replace('\'', '"'));
  }

  private static HttpResponse<String> post(URI url, String body) throws Exception {
    return send(
        HttpRequest.newBuilder(url)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return send(HttpRequest.newBuilder(url(path)));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }

  private static URI url(String path) {
    return URI.create("http://127.0.0.1:" + server.url().getPort() + path);
  }

  private static String error(HttpResponse<String> response, int status) throws IOException {
    return json(response, status).path("error").asText();
  }

  private static JsonNode json(HttpResponse<String> response, int status) throws IOException {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    return JSON.readTree(response.body());
  }

  /** As anybody could ask, for Java's client does not lie about its Host. */
  private static String raw(String request, String... headers) throws IOException {
    int port = server.url().getPort();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      StringBuilder text =
          new StringBuilder(request)
              .append("HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n");
      for (String header : headers) {
        text.append(header.replace("PORT", Integer.toString(port))).append("\r\n");
      }
      socket
          .getOutputStream()
          .write(text.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
