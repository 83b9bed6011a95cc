package io.flowmeter.preview;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.flowmeter.http.Access;
import io.flowmeter.http.Listener;
import io.flowmeter.http.Request;
import io.flowmeter.http.Response;
import io.flowmeter.sql.ClickHouseEndpoint;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the dashboards as a page, and what their panels ask ClickHouse. The page sends which panel
 * it wants, over which range and with which variables; the SQL is the dashboards' own.
 *
 * <pre>
 * GET  /, /d/{uid}            the page
 * GET  /page/…, /lib/…        what it is made of
 * GET  /api/dashboards        which there are
 * GET  /api/dashboards/{uid}  one as Grafana keeps it, without its queries
 * POST /api/panel             the answer of each query of a panel
 * POST /api/variable          the values of a variable
 * POST /api/annotation        the points in time of an annotation
 * </pre>
 */
public final class PreviewServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PreviewServer.class);
  private static final Listener.Limits LIMITS = new Listener.Limits(6, 1 << 20);
  private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(30);
  private static final int MOST_ROWS = 50_000;
  private static final Pattern DOCUMENT = Pattern.compile("/|/d/[\\w-]+(/[\\w-]*)?");
  private static final Pattern BOARD = Pattern.compile("/api/dashboards/([\\w-]+)");
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final DashboardModels boards;
  private final QueryExecutor executor;
  private final Listener listener;

  private PreviewServer(
      DashboardModels boards, QueryExecutor executor, String host, int wishedPort, Access access)
      throws IOException {
    this.boards = boards;
    this.executor = executor;
    this.listener =
        Listener.start(host, wishedPort, access, "flowmeter-preview", LIMITS, this::respond);
  }

  /**
   * Starts to serve the dashboards that are packed with the program. A port that is taken gives way
   * to any free one.
   *
   * @param host where to listen
   * @param access who may look
   * @param reader ClickHouse, as a user who may read and nothing else
   * @throws IOException where nothing can listen at the host
   */
  public static PreviewServer start(
      String host, int wishedPort, Access access, ClickHouseEndpoint reader) throws IOException {
    return start(host, wishedPort, access, reader, DashboardModels.packed());
  }

  static PreviewServer start(
      String host, int wishedPort, Access access, ClickHouseEndpoint reader, DashboardModels boards)
      throws IOException {
    return new PreviewServer(
        boards, new QueryExecutor(reader, QUERY_TIMEOUT, MOST_ROWS), host, wishedPort, access);
  }

  /** Where the page is. */
  public URI url() {
    return listener.url("/");
  }

  private Response respond(Request request) {
    return (request.method().equals("POST") ? post(request) : get(request.path()))
        .with("Content-Security-Policy", POLICY)
        .with("Referrer-Policy", "no-referrer")
        .with("Cross-Origin-Opener-Policy", "same-origin")
        .with("Cross-Origin-Resource-Policy", "same-origin");
  }

  private Response get(String path) {
    if (DOCUMENT.matcher(path).matches()) {
      return HtmlPage.document();
    }
    if (path.equals("/api/dashboards")) {
      return json(200, boards.list());
    }
    Matcher board = BOARD.matcher(path);
    if (board.matches()) {
      return orError(() -> boards.get(board.group(1)).withoutQueries());
    }
    return HtmlPage.file(path)
        .orElseGet(() -> error(404, "expected a path such as / or /d/flowmeter-overview"));
  }

  private Response post(Request request) {
    if (!request.header("Content-Type").orElse("").startsWith("application/json")) {
      return error(415, "expected application/json");
    }
    byte[] body = request.body();
    return switch (request.path()) {
      case "/api/panel" -> orError(() -> panel(PanelQuery.read(body, "panel", boards)));
      case "/api/variable" -> orError(() -> variable(PanelQuery.read(body, "variable", boards)));
      case "/api/annotation" ->
          orError(() -> annotation(PanelQuery.read(body, "annotation", boards)));
      default -> error(404, "expected /api/panel, /api/variable or /api/annotation");
    };
  }

  private JsonNode panel(PanelQuery query) {
    JsonNode panel =
        query
            .board()
            .panel(query.of().asLong(-1))
            .orElseThrow(
                () ->
                    BadRequestException.unknown(
                        "expected the number of a panel of %s, came %s"
                            .formatted(query.board().uid(), query.of().asText())));
    ObjectNode result = JSON.createObjectNode();
    ArrayNode targets = result.putArray("targets");
    for (JsonNode target : panel.path("targets")) {
      if (!target.path("hide").asBoolean()) {
        targets.add(target(query, target));
      }
    }
    return result;
  }

  private JsonNode target(PanelQuery query, JsonNode target) {
    ObjectNode result = JSON.createObjectNode();
    result.put("refId", target.path("refId").asText());
    result.put("format", target.path("format").asInt(1));
    result.put("rows", executor.rows());
    result.set("answer", executor.execute(query.expand(target.path("rawSql").asText())));
    return result;
  }

  private JsonNode variable(PanelQuery query) {
    String name = query.of().asText();
    String sql =
        query
            .board()
            .variable(name)
            .map(variable -> variable.path("query").path("rawSql"))
            .filter(JsonNode::isTextual)
            .map(JsonNode::asText)
            .orElseThrow(() -> expectedNameOf("variable with a query", query));
    return executor.execute(query.expand(sql));
  }

  private JsonNode annotation(PanelQuery query) {
    String sql =
        query
            .board()
            .annotation(query.of().asText())
            .map(annotation -> annotation.path("target").path("rawSql").asText())
            .orElseThrow(() -> expectedNameOf("annotation with a query", query));
    return executor.execute(query.expand(sql));
  }

  private static BadRequestException expectedNameOf(String what, PanelQuery query) {
    return BadRequestException.unknown(
        "expected the name of a %s of %s, came %s"
            .formatted(what, query.board().uid(), query.of().asText()));
  }

  /** What to answer, computed. */
  private interface Telling {
    JsonNode json();
  }

  private static Response orError(Telling telling) {
    try {
      return json(200, telling.json());
    } catch (BadRequestException e) {
      return error(e.status(), e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("the preview could not answer", e);
      return error(500, "that went wrong in Flowmeter itself: its log says what");
    }
  }

  private static Response error(int status, String message) {
    return json(status, JSON.createObjectNode().put("error", message));
  }

  private static Response json(int status, JsonNode json) {
    try {
      return Response.of(status, "application/json; charset=utf-8", JSON.writeValueAsBytes(json))
          .with("Cache-Control", "no-store");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("JSON can be written", e);
    }
  }

  @Override
  public void close() {
    listener.close();
  }
}
